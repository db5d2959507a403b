/** The centre from outside: its log, an audit of all that a member may see, and its purposes. */
import { Refusal } from '@parley/core/errors.ts';
import { spoken } from '@parley/core/keys.ts';
import type { Tally } from '@parley/core/policy.ts';
import { type Language, purposes } from '@parley/core/purposes.ts';
import { parseReceipt, type Receipt } from '@parley/core/receipt.ts';
import { type AuditReport, audit } from '@parley/sdk/audit.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import { Command } from 'commander';
import { choice, collect, example, shape } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { centreOptions, withSession } from '../desk.ts';
import { card, count, keyText, short, table, time } from '../format.ts';
import { type Io, readAll } from '../io.ts';
import { withProgress } from '../progress.ts';
import { logsKnown } from '../succession.ts';

const steps = {
  log: 'Reading the log',
  statements: 'Checking statements',
  receipts: 'Checking receipts',
} as const;

export function verifyCommand(io: Io): Command {
  return new Command('verify')
    .description(
      'audit the centre as a member: signatures, key chains, commitments, tiles, that the log continues what this device has seen, and that all that this device said is still there',
    )
    .option('--receipt <file>', 'a receipt that you kept must still be true; again for each', collect)
    .addHelpText(
      'after',
      `${example('parley verify --receipt report.receipt.json')}
A file "policy" in the home, a C2SP tlog-policy, says which witnesses must have cosigned.
${shape('{"origin","size","root","signed":[{"name","result"}],"cosigned":[{"name","at"}],\n "witnessed","policy":{"cosigned","of","needed"} or null,"tiles","entries","statements","kinds":{KIND:N},"parties","devices","revoked",\n "recovered":[{"party","device","by"}],"receipts","lost":[{"party","id","index","again"}]}')}`,
    )
    .action(async (options: { receipt?: string[] }, command: Command) => {
      const context = contextOf(io, command);
      const given: Receipt[] = [];
      for (const file of options.receipt ?? []) given.push(parseReceipt(await readAll(io, file)));
      const { memory } = centreOptions(context.home);
      await withSession(context, 'audit', async ({ session, profile }) => {
        const logs = logsKnown(context.home, profile.origin);
        const own = logs.flatMap(({ origin }) => [...((memory.kept?.(origin) ?? []) as Iterable<Receipt>)]);
        const kept = [...own, ...given];
        const { root, cosigned, ...report } = await withProgress(io, 'Checking', (show) =>
          audit(session, {
            kept,
            onProgress: ({ step, done, total }) => show({ done, total, step: steps[step] }),
          }),
        );
        const witnesses = cosigned.map(({ name, time: seconds }) => ({
          name,
          at: new Date(seconds * 1000).toISOString(),
        }));
        const human = card('Everything that you may see is as it was said.', [
          ['log', `${report.origin}, size ${report.size}, signed by ${count(report.signed.length, 'key')}`],
          ['witnessed', witnessedText(report.policy, report.witnessed)],
          ...witnesses.map(({ name, at }) => ['', `${name} at ${time(at)}`] as const),
          [
            'read again',
            `${count(report.tiles, 'tile')} and ${count(report.entries, 'entry', 'entries')}, each proven up to the signed root`,
          ],
          [
            'statements',
            `${report.statements}, by ${count(report.parties, 'party', 'parties')} with ${count(report.devices, 'device')}, ${report.revoked} revoked`,
          ],
          ...report.recovered.map(
            ({ party, device, by }) =>
              [
                '',
                `${short(party)} came back with ${short(device)}, ${by === 'recovery' ? 'by its recovery key' : 'by its guardians'}`,
              ] as const,
          ),
          ['receipts', kept.length === 0 ? null : `${report.receipts} that you kept, each still true`],
          ['lost', lostText(context, report.lost)],
          ['seen before', 'the log continues what this device remembers, and this is remembered now'],
        ]);
        await context.answer(
          { ...report, root: Buffer.from(root).toString('base64'), cosigned: witnesses },
          human,
        );
      });
    });
}

/** Of receipts that are true, and whose records are gone with a log that ended. */
function lostText({ typed }: Context, lost: AuditReport['lost']): string | null {
  if (lost.length === 0) return null;
  const again = lost.filter((each) => each.again).length;
  const rest = lost.length - again;
  return `${count(lost.length, 'record')} of those, as the centre has said; ${again} came back${rest > 0 ? `, ${rest} did not: "${typed('resubmit')}"` : ''}`;
}

export function logCommand(io: Io): Command {
  return new Command('log')
    .description(
      'the newest checkpoint of the log: verified, continuing what this device has seen, and remembered',
    )
    .argument('[url]', 'where the centre is (default: the one that this home has joined)')
    .option(
      '--accept',
      'go on with a log that keeps less than it says, after you have asked who runs the centre',
    )
    .option(
      '--known',
      'ask nobody: the last checkpoint that this device remembers, for who repairs the centre',
    )
    .addHelpText(
      'after',
      example('parley log', 'parley log --known > last-checkpoint') +
        shape(
          'with --known {"origin","checkpoint"}; else\n {"centre","origin","size","root","signed":[{"name","keyId","result"}],\n "witnessed","policy":{"cosigned","of","needed"} or null,"cosigned":[{"name","at"}],"logs":[VKEY],"party","fingerprint"}',
        ),
    )
    .action(async (url: string | undefined, options: LogOptions, command: Command) => {
      const context = contextOf(io, command);
      await (options.known ? showKnown(context) : showLog(context, url, options));
    });
}

/** @param size of the newest tree that enough witnesses have cosigned: what was said since waits for them */
function witnessedText(tally: Tally | null, size: number): string {
  if (tally === null) return 'not checked: a file "policy" in the home says which witnesses to believe';
  return `by ${tally.cosigned} of ${tally.of}, ${tally.needed} needed, up to size ${size}`;
}

interface LogOptions {
  readonly accept?: boolean;
  readonly known?: boolean;
}

/** The signed note as it is, so that it can go into a file. */
async function showKnown({ home, answer }: Context): Promise<void> {
  const { origin: first } = home.profile();
  const { origin } = logsKnown(home, first).at(-1) ?? { origin: first };
  const remembered = await centreOptions(home).memory.load(origin);
  const checkpoint = remembered?.checkpoint ?? null;
  if (checkpoint === null)
    throw new Refusal('file.unreadable', { at: home.dir, detail: `nothing is remembered of ${origin}` });
  await answer({ origin, checkpoint }, checkpoint);
}

async function showLog(
  context: Context,
  url: string | undefined,
  { accept = false }: LogOptions,
): Promise<void> {
  const { home } = context;
  const joined = url === undefined ? home.profile() : null;
  const known = joined ? { origin: joined.origin } : {};
  const centre = await openCentre(url ?? joined?.url ?? '', {
    ...centreOptions(home, context, { accept }),
    ...known,
  });
  const { checkpoint, log } = await centre.checkpoint();
  const { info } = centre;
  const accredited = await centre.accreditation();
  const { cosigned = [], tally = null, checkpoint: seen = null } = centre.log.witnessed ?? {};
  const signed = log.map(({ key, result }) => ({ name: key.name, keyId: key.keyId, result }));
  const witnesses = cosigned.map(({ name, time: seconds }) => ({
    name,
    at: new Date(seconds * 1000).toISOString(),
  }));
  const root = Buffer.from(checkpoint.root).toString('base64');
  const human = card(`The log of ${info.centre}`, [
    ['origin', checkpoint.origin],
    ['size', String(checkpoint.size)],
    ['root', root],
    ...signed.map(({ keyId, result }) => ['signed', `key ${keyId}, ${result}`] as const),
    ['witnessed', witnessedText(tally, seen?.size ?? 0)],
    ...witnesses.map(({ name, at }) => ['', `${name} at ${time(at)}`] as const),
    ['centre', spoken(info.party)],
    ['accredited', `for nothing above ${accredited}`],
  ]);
  const keys = info.logs.map((key) => `  ${keyText(key)}\n`).join('');
  const about = { centre: info.centre, origin: checkpoint.origin, size: checkpoint.size, root };
  const answer = {
    ...about,
    signed,
    witnessed: seen?.size ?? 0,
    policy: tally,
    cosigned: witnesses,
    logs: info.logs,
    accredited,
    party: info.party,
    fingerprint: spoken(info.party),
  };
  await context.answer(
    answer,
    `${human}\nKeys of the log, for "${context.typed('receipt verify --log-key')}":\n\n${keys}`,
  );
}

export function purposesCommand(io: Io): Command {
  const languages: readonly Language[] = ['en', 'de', 'fr'];
  return new Command('purposes')
    .description('the purposes for which things are shared and read, each with its usual legal basis')
    .addOption(choice('--language <language>', 'of the titles', languages).default('en'))
    .addHelpText(
      'after',
      `${example('parley purposes --language fr')}\nThe terms of a room may add their own, which begin with x-: parley room terms ROOM.\n${shape('{"purposes":[{"id","title":{"en","de","fr"},"basis"}]}')}`,
    )
    .action(async (options: { language: Language }, command: Command) => {
      const context = contextOf(io, command);
      const rows = purposes.map(({ id, title, basis }) => [id, title[options.language], basis]);
      await context.answer({ purposes }, table(['id', 'purpose', 'usual basis'], rows, ''));
    });
}
