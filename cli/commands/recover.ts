/** Coming back after every device was lost: with the printed recovery key, or with the word of two guardians. */
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type PartyId, recoverySeed } from '@parley/core/keys.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import { enrolmentRequest } from '@parley/sdk/enrolment.ts';
import { newRecoveryKey, type Recovering } from '@parley/sdk/recovery.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { Command } from 'commander';
import { example, shape, time, usage } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { centreOptions, signerOf } from '../desk.ts';
import { fingerprintLines, plain } from '../format.ts';
import { type Io, readAll } from '../io.ts';
import { partyNamed } from '../names.ts';
import { recoveryLines } from '../recovery-key.ts';
import { answerSaid } from '../said.ts';
import { quoted } from '../typed.ts';

interface RecoverOptions {
  readonly party?: string;
  readonly device?: string;
  readonly code?: string;
  readonly ends?: string;
  readonly keepDevices?: boolean;
  /** False with `--no-recovery`. */
  readonly recovery: boolean;
}

export function recoverCommand(io: Io): Command {
  return new Command('recover')
    .description(
      'come back after every device was lost: with the printed recovery key, or, without --code, asking the two guardians and calling this again without an address once their delay is over',
    )
    .argument('[url]', 'where the centre is; left out: finish what the guardians have vouched for')
    .option('--party <fingerprint>', 'of your party: 64 digits, spaces do not count')
    .option('--device <name>', 'what this device is called')
    .option('--code <code>', 'the recovery key as it was printed, or - to read it from the standard input')
    .option('--ends <when>', 'when this device ends: 52w, 2027-05-31; without it, never', time)
    .option('--keep-devices', 'leave the other devices of the party as they are; else all of them end')
    .option('--no-recovery', 'make no next recovery key')
    .addHelpText(
      'after',
      example(
        'parley recover https://centre.example --party "3f2a 91cc …" --device "New desk" --code RK-7K2QX-…',
        'parley recover https://centre.example --party "3f2a 91cc …" --device "New desk"',
        'parley recover',
      ) +
        shape(
          '{"device","recovery",…} and as every statement:\n{"party","id","kind","room","index","came"}; asking guardians {"request","device","party"}',
        ),
    )
    .action(async (url: string | undefined, options: RecoverOptions, command: Command) => {
      const context = contextOf(io, command);
      if (url === undefined) return finish(context, options);
      const { party, device } = options;
      if (party === undefined || device === undefined)
        throw usage('say which party comes back, with --party, and how this device is called, with --device');
      await begin(context, url, { ...options, party: partyNamed(party, []), device });
    });
}

async function begin(
  context: Context,
  url: string,
  options: RecoverOptions & { party: PartyId; device: string },
): Promise<void> {
  const { home } = context;
  const { party, device: name } = options;
  home.needEmpty();
  const code = await codeFrom(context, options.code);
  const centre = await openCentre(url, centreOptions(home, context));
  const { centre: centreName, origin } = centre.info;
  const { signer, pkcs8 } = await generateKey();
  // Kept before it is used: once it is said, this key is all that the party has.
  home.create({
    ...({ format: 'parley-home/1', url: centre.url, centre: centreName, origin, party, name: null } as const),
    ...{ device: signer.device, deviceName: name, pkcs8: base64(pkcs8) },
  });
  if (code !== null)
    return comeBack(context, centre, { party, signer, device: name, code, ...limits(options) }, options);
  const request = await enrolmentRequest({ signer, centre: centreName, party, name });
  const human = `Give this to both guardians of your party, and read them the fingerprint below, by telephone or in person:

${request}

${fingerprintLines(signer.device, '  ')}

Each of them says: parley party readmit REQUEST
When both have, and the delay is over, call here: ${context.typed('recover')}
`;
  await context.answer({ request, device: signer.device, party }, human);
}

/** A slip in the code is found before anything is made. */
async function codeFrom({ io }: Context, given: string | undefined): Promise<string | null> {
  if (given === undefined) return null;
  const code =
    given === '-'
      ? Buffer.from(await readAll(io, '-', 1_024))
          .toString()
          .trim()
      : given;
  try {
    recoverySeed(code);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'key.malformed')
      throw usage(`--code is mistyped: ${error.detail ?? ''}; look at the paper`);
    throw error;
  }
  return code;
}

async function finish(context: Context, options: RecoverOptions): Promise<void> {
  if (options.code !== undefined || options.party !== undefined)
    throw usage('name the address of the centre, too');
  const profile = context.home.profile();
  const { url, origin, party, deviceName } = profile;
  const centre = await openCentre(url, { ...centreOptions(context.home, context), origin });
  const signer = await signerOf(profile);
  const about = { party, signer, device: deviceName ?? 'desk', code: null, ...limits(options) };
  await comeBack(context, centre, about, options);
}

function limits({ ends, keepDevices = false }: RecoverOptions): Pick<Recovering, 'ends' | 'revoke'> {
  return { ends: ends ?? null, revoke: !keepDevices };
}

async function comeBack(
  context: Context,
  centre: Awaited<ReturnType<typeof openCentre>>,
  about: Omit<Recovering, 'next'>,
  { recovery }: RecoverOptions,
): Promise<void> {
  const next = recovery ? await newRecoveryKey() : null;
  const receipt = await centre.recover({ ...about, next: next?.key ?? null }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    if (error.class === 'fault' || error.class === 'unproven') throw uncertain(error, context.home.dir);
    // Refused: nobody knows the key, and the home is free for another try. Guardians know the one of theirs.
    if (about.code !== null) context.home.discard();
    throw about.code !== null && error.code === 'device.unknown' ? otherKey(error) : error;
  });
  const ended = about.revoke
    ? 'All devices that it had before are ended.'
    : 'Its other devices stay as they are.';
  const again = context.typed(
    `recover ${centre.url} --party ${about.party} --device NAME --code ${next?.code ?? ''}`,
  );
  const human = `Your party is back, with ${quoted(plain(about.device))} as a device with all rights. ${ended}
${next ? `\n${recoveryLines(next.code, again)}` : ''}`;
  await answerSaid(context, receipt, human, { device: about.signer.device, recovery: next?.code ?? null });
}

function otherKey({ code, params }: Refusal): Refusal {
  return new Refusal(code, {
    params,
    detail: 'this is not the recovery key that the party named; look at the paper and at --party',
  });
}

/** The centre may have taken it before the line broke: then the key here is a device, and the printed one is spent. */
function uncertain({ code, at, detail, params }: Refusal, dir: string): Refusal {
  const kept = `whether the party is back is not known, so the key stays in ${dir}; if "parley party list" works, "parley party recovery --new-key" makes the next recovery key; if it is refused, remove the home and recover again`;
  return new Refusal(code, {
    params,
    detail: detail ? `${detail}; ${kept}` : kept,
    ...(at === undefined ? {} : { at }),
  });
}
