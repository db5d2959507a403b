/** What a party arranges for the day on which its keys are lost, and what guardians say for each other. */
import { Refusal } from '@parley/core/errors.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { newRecoveryKey, readmissionRequest } from '@parley/sdk/recovery.ts';
import type { Readmission, RecoveryView } from '@parley/sdk/shapes.ts';
import { Command, InvalidArgumentError } from 'commander';
import { collect, example, shape, usage } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { card, count, fingerprintLines, named, plain, shortRef, time } from '../format.ts';
import { type Io, readAll } from '../io.ts';
import { deviceOf, keyName, recoveryLines } from '../recovery-key.ts';
import { answerSaid, saidShape } from '../said.ts';

interface RecoveryOptions {
  readonly guardian?: string[];
  readonly delay?: number;
  readonly newKey?: boolean;
  /** False with `--no-key`. */
  readonly key: boolean;
  /** False with `--no-guardians`. */
  readonly guardians: boolean;
}

/** Three days: long enough for somebody to notice. */
const usualDelay = 72;

export function recoveryCommand(io: Io): Command {
  return new Command('recovery')
    .description('how your party would come back if every device were lost: show it, or arrange it anew')
    .option(
      '--guardian <party>',
      'one of the two parties that may jointly readmit yours; give it twice',
      collect,
    )
    .option(
      '--delay <span>',
      `between their word and your return: 12h, 3d, 2w (default: ${usualDelay}h)`,
      hours,
    )
    .option('--no-guardians', 'name no guardians any more')
    .option('--new-key', 'make another recovery key; the one before is void')
    .option('--no-key', 'have no recovery key any more')
    .addHelpText(
      'after',
      example(
        'parley party recovery',
        'parley party recovery --guardian "City of Marrow" --guardian "Harbour Authority" --delay 3d',
        'parley party recovery --new-key',
      ) +
        shape(
          '{"key":{"key","statement"} or null,"guardians":{"parties","delay","statement"} or null,\n "readmissions":[{"key","vouched":[{"party","at","statement"}],"ready"}],\n "wards":[{"party","parties","delay","statement","readmissions"}]}\narranging: {"recovery","guardians",…} and as every statement:\n{"party","id","kind","room","index","came"}',
        ),
    )
    .action(async (options: RecoveryOptions, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const view = await desk.session.recovery();
        const arranges =
          options.guardian || options.delay || options.newKey || !options.key || !options.guardians;
        if (arranges) await arrange(context, desk, view, options);
        else await context.answer(view, await humanView(desk, view));
      });
    });
}

async function arrange(
  context: Context,
  { session, party, centre, profile }: Desk,
  view: RecoveryView,
  options: RecoveryOptions,
): Promise<void> {
  const fresh = options.newKey ? await newRecoveryKey() : null;
  const recovery = options.key ? (fresh?.key ?? view.key?.key ?? null) : null;
  const guardians = options.guardians ? await guardiansFrom(party, view, options) : null;
  const receipt = await session.arrangeRecovery({ recovery, guardians });
  const again = context.typed(
    `recover ${centre.url} --party ${profile.party} --device NAME --code ${fresh?.code ?? ''}`,
  );
  const human = [
    recovery === null ? 'Your party has no recovery key.' : 'Your party has a recovery key.',
    guardians === null
      ? 'It has no guardians.'
      : `Its two guardians may readmit it together, ${count(guardians.delay, 'hour')} after the second of them has vouched.`,
    ...(fresh ? ['', recoveryLines(fresh.code, again)] : []),
  ].join('\n');
  await answerSaid(context, receipt, human, { recovery: fresh?.code ?? null, guardians });
}

async function guardiansFrom(
  resolve: Desk['party'],
  { guardians }: RecoveryView,
  { guardian = [], delay }: RecoveryOptions,
): Promise<{ parties: [PartyId, PartyId]; delay: number } | null> {
  const asked = await Promise.all(guardian.map(resolve));
  const [one, other] = asked.length === 0 ? (guardians?.parties ?? []) : asked;
  if (asked.length === 0 && one === undefined) {
    if (delay !== undefined) throw usage('a delay needs two guardians: give --guardian twice');
    return null;
  }
  if (one === undefined || other === undefined || asked.length > 2)
    throw usage('there are two guardians: give --guardian twice');
  return { parties: [one, other], delay: delay ?? guardians?.delay ?? usualDelay };
}

function hours(value: string): number {
  const [, amount, unit = 'h'] = /^(\d{1,4})([hdw])$/.exec(value) ?? [];
  const number = Number(amount) * ({ h: 1, d: 24, w: 168 }[unit] ?? 1);
  if (!(number >= 1 && number <= 8_760))
    throw new InvalidArgumentError('expected a span such as 12h, 3d or 2w, from an hour to a year');
  return number;
}

async function humanView(desk: Desk, { key, guardians, readmissions, wards }: RecoveryView): Promise<string> {
  const ids = [...(guardians?.parties ?? []), ...wards.flatMap(({ party, parties }) => [party, ...parties])];
  const names = await desk.namesOf(ids);
  const call = (id: string) => named(id, names);
  const own = card('If every device of your party were lost', [
    ['recovery key', key ? `${keyName(key.key)}, named by ${shortRef(key.statement)}` : 'none'],
    [
      'guardians',
      guardians
        ? `${guardians.parties.map(call).join(' and ')}, ${count(guardians.delay, 'hour')} after both have vouched`
        : 'none',
    ],
    ...readmissions.map((each) => ['under way', readmissionText(each, call)] as const),
  ]);
  const object =
    readmissions.length > 0 ? `\nIf that is not you: ${desk.context.typed('party object')}\n` : '';
  const guarded = wards.map(({ party, delay, readmissions: open }) =>
    card(`You guard ${call(party)}, with a delay of ${count(delay, 'hour')}`, [
      ...open.map((each) => ['under way', readmissionText(each, call)] as const),
    ]),
  );
  return [own + object, ...guarded].join('\n');
}

function readmissionText({ key, vouched, ready }: Readmission, call: (id: string) => string): string {
  const by = vouched.map(({ party }) => call(party)).join(' and ');
  return `key ${keyName(key)}, vouched for by ${by}; ${ready === null ? 'one word is missing' : `from ${time(ready)} on`}`;
}

export function readmitCommand(io: Io): Command {
  return new Command('readmit')
    .description('as a guardian: vouch for the new device of a party that lost all of its own')
    .argument('<request>', 'what "parley recover" printed there, or - to read it from the standard input')
    .addHelpText(
      'after',
      `${example('parley party readmit parley-enrol-1.eyJ…')}
Compare the fingerprint by telephone or in person first: with another guardian you let this device speak for the party.
${shape('{"device","name",…} and as every statement:\n{"party","id","kind","room","index","came"}')}`,
    )
    .action(async (request: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      const text = request === '-' ? Buffer.from(await readAll(io, '-', 65_536)).toString() : request;
      await withSession(context, 'office', async ({ session, centre, namesOf }) => {
        const asked = await readmissionRequest(text, centre.info.centre);
        const receipt = await session.readmit(text);
        const ward = (await session.recovery()).wards.find(({ party }) => party === asked.party);
        const ready = ward?.readmissions.find(({ key }) => key === asked.key)?.ready ?? null;
        const who = named(asked.party, await namesOf([asked.party]));
        const then =
          ready === null ? 'The other guardian must vouch, too.' : `It can come back from ${time(ready)} on.`;
        const human = `You vouch for ${plain(asked.name)} as a device of ${who}. ${then} Compare its fingerprint:\n\n${fingerprintLines(asked.device, '  ')}\n`;
        await answerSaid(context, receipt, human, { device: asked.device, name: asked.name });
      });
    });
}

export function objectCommand(io: Io): Command {
  return new Command('object')
    .description('end a readmission that guardians have vouched for, where it is not you who comes back')
    .argument('[device]', 'the first digits of its fingerprint, where there are several')
    .addHelpText('after', example('parley party object') + shape(saidShape))
    .action(async (device: string | undefined, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session }) => {
        const open = (await session.recovery()).readmissions;
        const meant = open.filter(({ key }) => deviceOf(key).startsWith(device?.toLowerCase() ?? ''));
        const [only] = meant;
        if (only === undefined)
          throw new Refusal('answer.unasked', { detail: 'nobody has vouched for such a device' });
        if (meant.length > 1) throw usage(`say which: ${meant.map(({ key }) => keyName(key)).join(', ')}`);
        const human = `The readmission of ${keyName(only.key)} is ended, and everybody concerned sees that you objected.`;
        await answerSaid(context, await session.objectTo(only.key), human);
      });
    });
}
