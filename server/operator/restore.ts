import { Command } from 'commander';
import type { Config } from '../config.ts';
import type { Place } from '../place.ts';
import type { Plan } from '../succession.ts';
import { reportSteps } from './fsck.ts';
import { keysText } from './rotate.ts';
import { configFrom, openedFrom, type Terminal, withConfig } from './terminal.ts';

interface RestoreFlags {
  readonly to?: string;
  readonly succeed?: boolean;
  readonly checkpoint?: string[];
  readonly unknown?: boolean;
  readonly yes?: boolean;
  readonly clockConfirmed?: boolean;
}

export function restoreCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('restore').description(
      'check a backup as a whole, and put it into an empty folder; with --succeed, go on after a loss',
    ),
  )
    .argument('[dir]', 'the backup; with --succeed it may be left out, for the folder as it is')
    .option('--to <folder>', 'the folder of the centre; it must be empty or not yet there')
    .option('--succeed', 'records are lost for good: open the log that follows, which says so')
    .option(
      '--checkpoint <file>',
      'with --succeed: the last that a member knows, a checkpoint or a receipt; again for each',
      (file: string, before: string[] = []) => [...before, file],
    )
    .option('--unknown', 'with --succeed: something is lost, and nobody here knows how much')
    .option('--yes', 'with --succeed: do it; without it, what would be said is shown')
    .option('--clock-confirmed', 'someone has just looked at the clock: after a pause of more than a day')
    .addHelpText(
      'after',
      terminal.example(
        'parley restore /backups/2026-05-01 --to /var/lib/parley',
        'parley restore --succeed --config /var/lib/parley/parley.json',
      ) +
        terminal.shape(
          '{"folder","centre","made","size","root","keys":BOOL,"parts","erased"}; with --succeed\n {"folder","log","before":{"log","size"},"missing":{"from","to"},"known","silent":[WITNESS],\n "keys":[VKEY] or null,"index":N or null,"checkpoint":NOTE or null}',
        ),
    )
    .action(async (dir: string | undefined, flags: RestoreFlags, command: Command) => {
      const { Refusal } = await import('@parley/core/errors.ts');
      const usage = (detail: string) => new Refusal('command.usage', { detail });
      if (dir === undefined) {
        if (!flags.succeed) throw usage('name the backup');
        if (flags.to !== undefined) throw usage('--to goes with a backup; the folder is --folder');
        return succeed(terminal, command, flags);
      }
      if (flags.to === undefined) throw usage('name the folder with --to');
      await restoreBackup(terminal, command, dir, flags.to, flags);
    });
}

async function restoreBackup(
  terminal: Terminal,
  command: Command,
  dir: string,
  to: string,
  flags: RestoreFlags,
): Promise<void> {
  const { restore } = await import('../restore.ts');
  const { vaultOf } = await import('../at-rest.ts');
  const config = await configFrom(terminal, command);
  const vault = vaultOf(config, terminal.env, dir);
  await refuseFilled(to, flags.succeed ? goOn(terminal, command, to, flags) : null);
  const { manifest, report, keys } = await terminal.progress('Checking', (show) =>
    restore(dir, to, reportSteps(show), vault),
  );
  const { centre, made } = manifest;
  const { size, root, parts, erased } = report;
  if (flags.succeed) {
    const { placeAt } = await import('../place.ts');
    const filled = `${to} now holds the backup of ${made}. What follows needs the backup no more.\n`;
    return succeedAt(terminal, command, config, placeAt(to, { vault }), flags, filled).catch(
      filledBefore(goOn(terminal, command, to, flags)),
    );
  }
  const human = `Restored ${centre} into ${to}: ${size} records, as of ${made}.
${keys ? '' : `The backup holds no keys: put log-keys.pem and centre-key.pem into ${to}, readable by its owner alone.\n`}${startText(terminal, command, centre, to)}
Start it only if nothing was said after that: witnesses, and devices that have seen more, will refuse a shorter log.
Where what was said after that is truly lost: ${goOn(terminal, command, to, flags)}
`;
  await terminal.answer(command, { folder: to, centre, made, size, root, keys, parts, erased }, human);
}

/** Configurations are no part of a backup: they name what lies elsewhere. */
function startText(terminal: Terminal, command: Command, centre: string, to: string): string {
  const named = command.opts<{ config?: string }>().config ?? terminal.env.PARLEY_CONFIG;
  const start = (more: string) => terminal.typed(command, `start ${more}--folder ${terminal.quoted(to)}`);
  const usual = named === undefined ? 'parley.json' : named;
  const lost =
    named === undefined
      ? `\nWhere that is lost, with what is usual for everything but the name:\n  PARLEY_CENTRE=${centre} ${start('')}`
      : '';
  return `It has no configuration file: start it with the one that the centre had${named === undefined ? ' (parley.json stands for it here)' : ''}, and this folder:
  ${start(`--config ${terminal.quoted(usual)} `)}${lost}`;
}

/** Into the log that follows, from a folder that holds the backup. */
function goOn(terminal: Terminal, command: Command, to: string, flags: RestoreFlags): string {
  const { checkpoint: files = [], unknown = false } = flags;
  return terminal.typed(command, succeedWords(terminal, command, to, { files, unknown }));
}

/** @param again how it goes on, where an earlier run has filled the folder and was refused after it */
async function refuseFilled(to: string, again: string | null): Promise<void> {
  const { existsSync } = await import('node:fs');
  const { Refusal } = await import('@parley/core/errors.ts');
  const { pathsIn } = await import('../paths.ts');
  if (again === null || !existsSync(pathsIn(to).restored)) return;
  throw new Refusal('store.present', {
    at: to,
    detail: `the folder holds a backup already, and was not started since: to go on with that, ${again}`,
  });
}

/** The same again would find the folder filled. */
function filledBefore(again: string): (error: unknown) => Promise<never> {
  return async (error) => {
    const { Refusal } = await import('@parley/core/errors.ts');
    if (!(error instanceof Refusal)) throw error;
    const { code, at, params } = error;
    throw new Refusal(code, {
      params,
      detail: `${error.detail ?? 'it went no further'}. The folder holds the backup by now: go on with ${again}`,
      ...(at === undefined ? {} : { at }),
      cause: error,
    });
  };
}

async function succeed(terminal: Terminal, command: Command, flags: RestoreFlags): Promise<void> {
  const { config, place } = await openedFrom(terminal, command);
  await succeedAt(terminal, command, config, place, flags);
}

async function succeedAt(
  terminal: Terminal,
  command: Command,
  config: Config,
  place: Place,
  { checkpoint: files = [], unknown = false, yes = false, clockConfirmed = false }: RestoreFlags,
  filled = '',
): Promise<void> {
  const { holdFolder } = await import('../folder-lock.ts');
  const { policyOf } = await import('../policy.ts');
  const { openNextLog, planLoss } = await import('../succession.ts');
  const { folder } = place.paths;
  const held = holdFolder(folder);
  try {
    const plan = await planLoss(place, { policy: policyOf(config), files, unknown });
    const { log, before, missing, known, silent } = plan;
    const about = { folder, log, before: { log: before.log, size: before.size }, missing, known, silent };
    if (!yes) {
      const none = { keys: null, index: null, checkpoint: null };
      return await terminal.answer(
        command,
        { ...about, ...none },
        `${filled}${planText(plan)}${notYet(terminal, command, succeedWords(terminal, command, folder, { files, unknown }))}`,
      );
    }
    const opened = await openNextLog(place, plan, { clockConfirmed });
    await terminal.answer(
      command,
      { ...about, ...opened },
      `${planText(plan)}\n${opened.log} goes on from record ${opened.index}.\n${keysText(terminal, command, opened.keys)}`,
    );
  } finally {
    held.release();
  }
}

function planText({ log, before, missing, held, known, silent }: Plan): string {
  const lost =
    missing?.to == null
      ? `What was said after record ${held - 1} is lost; nobody here knows how much it was.`
      : `Records ${missing.from} to ${missing.to - 1} are lost, ${missing.to - missing.from} of them: ${known} knows of ${before.size} records of ${before.log}.`;
  const unasked =
    silent.length === 0
      ? ''
      : `Did not answer, and may know of more: ${silent.map((name) => `the witness ${name}`).join(', ')}.\n`;
  return `The store holds ${held} records. ${lost}
${unasked}${log} will follow, and its first record will say this to everybody. Members say again what they hold.
`;
}

/** With all that it was concluded from: without a member's checkpoint, fewer records would be said to be lost. */
function succeedWords(
  terminal: Terminal,
  command: Command,
  folder: string,
  { files, unknown }: { files: readonly string[]; unknown: boolean },
): string {
  const { config } = command.opts<{ config?: string }>();
  const words = [
    ...(config === undefined ? [] : ['--config', config]),
    ...['--folder', folder],
    ...files.flatMap((file) => ['--checkpoint', file]),
    ...(unknown ? ['--unknown'] : []),
  ];
  return `restore --succeed ${words.map((word) => terminal.quoted(word)).join(' ')}`;
}

function notYet(terminal: Terminal, command: Command, words: string): string {
  return `
No log was opened yet. Is there really no newer copy, on another disk, in a snapshot, at a member that keeps one? And
does nobody know of more? Members show it with "parley log --known". Then, for good:

  ${terminal.typed(command, `${words} --yes`)}
`;
}
