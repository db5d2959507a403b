import { Command } from 'commander';
import { openedFrom, type Terminal, withConfig } from './terminal.ts';

export function rotateCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('rotate').description(
      'end the keys of the log: the log goes on as the next one, under new keys; the centre must not run',
    ),
  )
    .option('--clock-confirmed', 'someone has just looked at the clock: after a pause of more than a day')
    .addHelpText(
      'after',
      `${terminal.example('parley rotate --config /var/lib/parley/parley.json')}
Nothing is lost by it, and every receipt stays true. Tell the witnesses the new keys before the next start.
${terminal.shape('{"log","keys":[VKEY],"index","checkpoint","before":{"log","size"},"silent":[WITNESS]}')}`,
    )
    .action(async ({ clockConfirmed = false }: { clockConfirmed?: boolean }, command: Command) => {
      const { holdFolder } = await import('../folder-lock.ts');
      const { policyOf } = await import('../policy.ts');
      const { openNextLog, planRotation } = await import('../succession.ts');
      const { config, folder, place } = await openedFrom(terminal, command);
      const held = holdFolder(folder);
      try {
        const plan = await planRotation(place, { policy: policyOf(config) });
        const opened = await openNextLog(place, plan, { clockConfirmed });
        const { log, size } = plan.before;
        await terminal.answer(
          command,
          { ...opened, before: { log, size }, silent: plan.silent },
          `${log} ended with ${size} records, and ${opened.log} goes on from there.\n${keysText(terminal, command, opened.keys)}`,
        );
      } finally {
        held.release();
      }
    });
}

/** What is left to do. */
export function keysText(terminal: Terminal, command: Command, keys: readonly string[]): string {
  return `The private keys of the log before are gone from this folder; destroy every copy of them, and make a new copy of log-keys.pem.

Keys of the log from now on, for the witnesses and for "${terminal.typed(command, 'receipt verify --log-key')}":

${keyLines(keys)}
The whole keys, whenever they are wanted, while the centre runs: "${terminal.typed(command, 'log --json')}"
`;
}

/** One a line. Keys of ML-DSA have some 1,700 characters, which nobody reads from a screen. */
export function keyLines(keys: readonly string[]): string {
  return keys
    .map((key) => `  ${key.length > 200 ? `${key.slice(0, 96)}… (whole with --json)` : key}\n`)
    .join('');
}
