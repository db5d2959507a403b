import { Command } from 'commander';
import { folderFrom, type Terminal, withConfig } from './terminal.ts';

export function backupCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('backup').description(
      'copy log and journals into an empty directory, also while the centre runs',
    ),
  )
    .argument('<dir>', 'where to; it must be empty or not yet there')
    .option('--with-keys', 'also the private keys: whoever has them can speak as the centre')
    .addHelpText(
      'after',
      terminal.example('parley backup /backups/2026-05-01 --config /var/lib/parley/parley.json') +
        terminal.shape(
          '{"dir","format","centre","origin","made","head":{"size","root","checkpoint"},"files":[{"name","bytes","sha256"}]}',
        ),
    )
    .action(async (dir: string, { withKeys = false }: { withKeys?: boolean }, command: Command) => {
      const { backUp } = await import('../backup.ts');
      const folder = await folderFrom(terminal, command);
      const manifest = await terminal.progress('Copying', (report) =>
        backUp(folder, dir, { withKeys, progress: (done, total) => report({ done, total }) }),
      );
      const { head, files } = manifest;
      const keys = withKeys ? 'with keys' : 'without keys: keep copies of those elsewhere';
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const human = `Backed up ${head.size} records, ${Math.ceil(bytes / 1024)} KiB, ${keys}. What is erased from now on stays in this copy until you delete it.\n`;
      await terminal.answer(command, { dir, ...manifest }, human);
    });
}
