import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { Command } from 'commander';
import type { Vault } from '../vault/vault.ts';
import { openedFrom, type Terminal, withConfig } from './terminal.ts';

interface BackupFlags {
  readonly withKeys?: boolean;
  readonly keyFile?: string;
}

export function backupCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('backup').description(
      'copy log and journals into an empty directory, also while the centre runs',
    ),
  )
    .argument('<dir>', 'where to; it must be empty or not yet there')
    .option('--with-keys', 'also the private keys: whoever has them can speak as the centre')
    .option('--key-file <file>', 'encrypt this copy of a plain store with the key in a file')
    .addHelpText(
      'after',
      terminal.example('parley backup /backups/2026-05-01 --config /var/lib/parley/parley.json') +
        terminal.shape(
          '{"dir","format","centre","origin","made","head":{"size","root","checkpoint"},"files":[{"name","bytes","sha256"}]}',
        ),
    )
    .action(async (dir: string, { withKeys = false, keyFile }: BackupFlags, command: Command) => {
      const { backUp } = await import('../backup.ts');
      const { place, folder, vault } = await openedFrom(terminal, command);
      const { database } = place;
      const outer = await outerKeyFor(keyFile, vault, folder);
      const manifest = await terminal.progress('Copying', (report) =>
        backUp(folder, dir, {
          ...{ withKeys, vault, database, outer },
          progress: (done, total) => report({ done, total }),
        }),
      );
      const { head, files } = manifest;
      const sealed = vault || outer ? ', encrypted' : '';
      const keys = withKeys ? 'with keys' : 'without keys: keep copies of those elsewhere';
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const human = `Backed up ${head.size} records, ${Math.ceil(bytes / 1024)} KiB${sealed}, ${keys}. What is erased from now on stays in this copy until you delete it.\n`;
      await terminal.answer(command, { dir, ...manifest }, human);
    });
}

/** The copy of an encrypted store is encrypted anyway, with what opens the store. @throws command.usage, encryption.key */
async function outerKeyFor(
  keyFile: string | undefined,
  vault: Vault | null,
  folder: string,
): Promise<Bytes | null> {
  if (keyFile === undefined) return null;
  const { outerKeyFrom } = await import('../vault/outer-key.ts');
  if (vault)
    throw new Refusal('command.usage', {
      at: '--key-file',
      detail: 'the store is encrypted, and so is its backup, with the same key',
    });
  return outerKeyFrom({ file: keyFile }, folder, {});
}
