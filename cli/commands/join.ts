/** Joining a centre: makes the first key of a party, here, and founds the party with it. */
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { spoken } from '@parley/core/keys.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import { newRecoveryKey } from '@parley/sdk/recovery.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { Command } from 'commander';
import { example, shape, time } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { centreOptions } from '../desk.ts';
import { card, fingerprintLines } from '../format.ts';
import type { Io } from '../io.ts';
import { partyNamed } from '../names.ts';
import { recoveryLines } from '../recovery-key.ts';
import { saidOf } from '../said.ts';

interface JoinOptions {
  readonly name: string;
  readonly device: string;
  readonly ends?: string;
  /** False with `--no-recovery`. */
  readonly recovery: boolean;
  readonly formerly?: string;
}

export function joinCommand(io: Io): Command {
  return new Command('join')
    .description(
      'join a centre with the code of an invitation; the key of your party is made here and stays here',
    )
    .argument('<url>', 'where the centre is')
    .argument('<code>', 'the code of the invitation; capitals and hyphens do not count')
    .requiredOption('--name <name>', 'what your party is called')
    .requiredOption('--device <name>', 'what this device is called')
    .option('--ends <when>', 'when this device ends: 52w, 2027-05-31; without it, never', time)
    .option('--no-recovery', 'make no recovery key; then two guardians can bring your party back, or nobody')
    .option(
      '--formerly <fingerprint>',
      'of the party that you were before it lost everything, as the invitation says',
    )
    .addHelpText(
      'after',
      example(
        'parley join https://centre.example 7K2QX-9MD4T-… --name "Ministry of the Interior" --device "Duty desk"',
      ) +
        shape(
          '{"url","centre","origin","party","name","device","deviceName","fingerprint",\n "recovery","logs":[VKEY],"statement":{"party","id","kind","room","index","came"}}',
        ),
    )
    .action(async (url: string, code: string, options: JoinOptions, command: Command) => {
      await join(contextOf(io, command), url, code, options);
    });
}

async function join(
  context: Context,
  url: string,
  code: string,
  { name, device: deviceName, ends, recovery, formerly }: JoinOptions,
): Promise<void> {
  const { home } = context;
  home.needEmpty();
  const centre = await openCentre(url, centreOptions(home, context));
  const { centre: centreName, origin, logs } = centre.info;
  const { signer, pkcs8 } = await generateKey();
  const { device } = signer;
  const profile = { url: centre.url, centre: centreName, origin, party: device, name, device, deviceName };
  // Kept before it is used: a party whose only key was lost could never govern itself again.
  home.create({ format: 'parley-home/1', ...profile, pkcs8: base64(pkcs8) });
  const printed = recovery ? await newRecoveryKey() : null;
  const former = formerly === undefined ? {} : { formerly: partyNamed(formerly, []) };
  const about = { code, name, device: deviceName, ends: ends ?? null, signer, ...former };
  const receipt = await centre.join({ ...about, recovery: printed?.key ?? null }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    if (isUncertain(error)) throw uncertain(error, home.dir);
    // Refused: the party never was, and the home is free for another try.
    home.discard();
    throw error;
  });
  const shown = { fingerprint: spoken(device), recovery: printed?.code ?? null, logs };
  const again = context.typed(
    `recover ${centre.url} --party ${device} --device NAME --code ${printed?.code ?? ''}`,
  );
  await context.answer(
    { ...profile, ...shown, statement: saidOf(receipt) },
    humanJoin(name, centreName, device, home.dir) +
      (printed ? `\n${recoveryLines(printed.code, again)}` : ''),
  );
}

/** The centre may have founded the party before the line broke: then this key is all that it has. */
function isUncertain(refusal: Refusal): boolean {
  return refusal.class === 'fault' || refusal.class === 'unproven';
}

function uncertain({ code, at, detail, params }: Refusal, dir: string): Refusal {
  const kept = `whether the party was founded is not known, so its key stays in ${dir}; if "parley party list" is refused, remove it and join again; if not, "parley party recovery --new-key" makes a recovery key`;
  return new Refusal(code, {
    params,
    detail: detail ? `${detail}; ${kept}` : kept,
    ...(at === undefined ? {} : { at }),
  });
}

function humanJoin(name: string, centre: string, party: string, dir: string): string {
  return `${card(`${name} has joined ${centre}.`, [['key', `${dir} (keep a copy in a safe place)`]])}
Read this fingerprint to the parties that you work with, by telephone or in person:

${fingerprintLines(party, '  ')}
`;
}
