import { Command } from 'commander';
import { openedFrom, type Terminal, withConfig } from './terminal.ts';

export function rekeyCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('rekey').description(
      'let another key open an encrypted store, at once and also while the centre runs',
    ),
  )
    .option('--new-key-file <file>', 'a file with the new key, outside of the folder')
    .option('--new-key-env <name>', 'or a variable of the environment that holds it')
    .addHelpText(
      'after',
      `${terminal.example(
        'openssl rand -base64 32 > /etc/parley/next.key',
        'parley rekey --new-key-file /etc/parley/next.key --config /var/lib/parley/parley.json',
      )}
The configuration names the key of today; change it to the new one afterwards. Backups made before keep the old key.
${terminal.shape('{"folder","vault"}')}`,
    )
    .action(async ({ newKeyFile, newKeyEnv }: RekeyFlags, command: Command) => {
      const { Refusal } = await import('@parley/core/errors.ts');
      const { outerKeyFrom } = await import('../vault/outer-key.ts');
      const { saveVault } = await import('../vault/data-key.ts');
      const { pathsIn } = await import('../paths.ts');
      const { folder, vault } = await openedFrom(terminal, command);
      if (!vault)
        throw new Refusal('config.value', { at: 'encryption', detail: 'the store is not encrypted' });
      const source = sourceOf(newKeyFile, newKeyEnv);
      if (!source)
        throw new Refusal('command.usage', {
          at: '--new-key-file',
          detail: 'name one new key: a file or a variable',
        });
      saveVault(pathsIn(folder).vault, vault, outerKeyFrom(source, folder, terminal.env));
      await terminal.answer(
        command,
        { folder, vault: vault.id },
        `The new key opens ${folder}, and the old one no longer does. Name it in the configuration before the next start, and keep the old one as long as backups that need it.\n`,
      );
    });
}

interface RekeyFlags {
  readonly newKeyFile?: string;
  readonly newKeyEnv?: string;
}

function sourceOf(file: string | undefined, variable: string | undefined) {
  if ((file === undefined) === (variable === undefined)) return null;
  return file === undefined ? { variable: variable ?? '' } : { file };
}
