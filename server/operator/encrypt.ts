import { Command } from 'commander';
import type { CheckProgress } from '../check-centre.ts';
import { configFrom, folderFrom, type Terminal, withConfig } from './terminal.ts';

const steps: Readonly<Record<CheckProgress['step'] | 'copying', string>> = {
  copying: 'Encrypting',
  log: 'Reading the log',
  projections: 'Folding it again',
  viewers: 'Looking as others',
};

export function encryptCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('encrypt').description(
      'encrypt a plain store with the key of the configuration; the centre must not run',
    ),
  )
    .option('--anew', 'a new data key for a store that is encrypted already')
    .addHelpText(
      'after',
      `${terminal.example(
        'openssl rand -base64 32 > /etc/parley/store.key',
        'parley encrypt --config /var/lib/parley/parley.json',
      )}
The encrypted store is made beside the folder, checked as a whole, and put into its place. What was there stays beside
it as FOLDER.before: remove it once the centre runs. docs/encryption.md says what stays readable.
${terminal.shape('{"folder","before","size":N or null,"root":ROOT or null,"plain":[NAME]}')}`,
    )
    .action(async ({ anew = false }: { anew?: boolean }, command: Command) => {
      const { encryptFolder, plainBeside } = await import('../encrypt.ts');
      const { folder, vault, outer } = await keysFor(terminal, command, anew);
      const { before, report } = await terminal.progress('Encrypting', (show) =>
        encryptFolder(folder, vault, outer, ({ step, done, of }) =>
          show({ step: steps[step], done, total: of }),
        ),
      );
      const human = report
        ? `Encrypted ${report.size} records into ${folder}, and checked them.\n`
        : `Finished what was interrupted: ${folder} is encrypted.\n`;
      const plain = plainBeside(folder);
      const besides = plain.length === 0 ? '' : `Taken along as it is, not encrypted: ${plain.join(', ')}.\n`;
      await terminal.answer(
        command,
        { folder, before, size: report?.size ?? null, root: report?.root ?? null, plain },
        `${human}${besides}${before} is what was there before, and can be read: remove it once the centre runs.\n`,
      );
    });
}

async function keysFor(terminal: Terminal, command: Command, anew: boolean) {
  const { outerKeyOf, vaultOf } = await import('../at-rest.ts');
  const { Refusal } = await import('@parley/core/errors.ts');
  const { existsSync } = await import('node:fs');
  const { pathsIn } = await import('../paths.ts');
  const config = await configFrom(terminal, command);
  const folder = await folderFrom(terminal, command);
  const { refuseDatabase } = await import('../database.ts');
  refuseDatabase(config, 'move it into a folder, encrypt it there, and move it back');
  const outer = outerKeyOf(config, terminal.env, folder);
  if (!outer)
    throw new Refusal('config.value', {
      at: 'encryption',
      detail: 'name the key in encryption.keyFile, encryption.keyEnv or encryption.keyCommand',
    });
  const sealed = existsSync(pathsIn(folder).vault);
  if (sealed !== anew)
    throw new Refusal('command.usage', {
      at: '--anew',
      detail: sealed
        ? 'the store is encrypted: --anew gives it another data key'
        : 'the store is not encrypted',
    });
  return { folder, outer, vault: sealed ? vaultOf(config, terminal.env) : null };
}
