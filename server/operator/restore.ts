import { Command } from 'commander';
import { reportSteps } from './fsck.ts';
import { configFrom, type Terminal } from './terminal.ts';

export function restoreCommand(terminal: Terminal): Command {
  return new Command('restore')
    .description('check a backup as a whole, and put it into an empty folder')
    .argument('<dir>', 'the backup')
    .requiredOption('--to <folder>', 'the folder of the centre; it must be empty or not yet there')
    .option(
      '--config <file>',
      'the configuration that names the key of an encrypted backup (default: PARLEY_CONFIG)',
    )
    .addHelpText(
      'after',
      terminal.example('parley restore /backups/2026-05-01 --to /var/lib/parley') +
        terminal.shape('{"folder","centre","made","size","root","keys":BOOL,"parts","erased"}'),
    )
    .action(async (dir: string, { to }: { to: string }, command: Command) => {
      const { restore } = await import('../restore.ts');
      const { vaultOf } = await import('../at-rest.ts');
      const vault = vaultOf(await configFrom(terminal, command), terminal.env, dir);
      const { manifest, report, keys } = await terminal.progress('Checking', (show) =>
        restore(dir, to, reportSteps(show), vault),
      );
      const { centre, made } = manifest;
      const { size, root, parts, erased } = report;
      const human = `Restored ${centre} into ${to}: ${size} records, as of ${made}.
${keys ? '' : `The backup holds no keys: put log-keys.pem and centre-key.pem into ${to}, readable by its owner alone.\n`}Start it only if nothing was said after that: witnesses, and devices that have seen more, will refuse a shorter log.
`;
      await terminal.answer(command, { folder: to, centre, made, size, root, keys, parts, erased }, human);
    });
}
