import { hostname } from 'node:os';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import type { Place } from '../place.ts';
import type { Standing } from '../replicate.ts';
import { configFrom, type Terminal, withConfig } from './terminal.ts';

interface ReplicateFlags {
  readonly to: string;
  readonly keep?: string;
  readonly passwordFile?: string;
  readonly name?: string;
  readonly withKeys?: boolean;
  readonly once?: boolean;
  readonly config?: string;
}

export function replicateCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('replicate').description(
      'follow every commit into a second store, which can take over; runs beside the centre',
    ),
  )
    .requiredOption('--to <place>', 'the folder of the replica, or the URL of its PostgreSQL database')
    .option('--keep <dir>', 'with a database: the folder of the replica, for its keys and configuration')
    .option('--password-file <file>', 'a file with the password of that database')
    .option('--name <name>', 'what the centre knows it by (default: this machine and the folder)')
    .option(
      '--with-keys',
      'also the private keys, without which it cannot take over: guard it like the centre',
    )
    .option('--once', 'catch up, and end')
    .addHelpText(
      'after',
      `${terminal.example(
        'parley replicate --to /mnt/second/parley --with-keys --config /var/lib/parley/parley.json',
        'parley replicate --to postgres://parley@second.example/parley?sslmode=verify-full --keep /var/lib/parley-second --config /var/lib/parley/parley.json',
      )}
"replicas.required" in the configuration of the centre has it answer only what so many replicas hold.
To take over: stop this command and the centre, then parley start --config DIR/parley.json. Never start both.
${terminal.shape('a line now and then: {"replica","place","size","root","checkpoint","keys":BOOL,"config":FILE or null}')}`,
    )
    .action(async (flags: ReplicateFlags, command: Command) => {
      const { replicate } = await import('../replicate.ts');
      const { carryConfig, hasKeys } = await import('../replica-folder.ts');
      const { shownPlace } = await import('../retire.ts');
      const config = await configFrom(terminal, command);
      const { source, target, database } = await placesOf(terminal, config, flags);
      const name = await nameOf(flags, target);
      const file = flags.config ?? terminal.env.PARLEY_CONFIG ?? null;
      let place = '';
      let answered = Promise.resolve();
      const told = ({ size, root, checkpoint }: Standing) => {
        const path = carryConfig(file, target.paths, database, flags.passwordFile ?? null);
        place = shownPlace(target);
        const keys = hasKeys(target.paths);
        const value = { replica: name, place, size, root, checkpoint, keys, config: path };
        const lacks = keys ? '' : ' It has no keys: it can be checked and restored from, not take over.';
        answered = answered.then(() =>
          terminal.answer(command, value, `${name} holds ${size} records in ${place}.${lacks}\n`),
        );
      };
      const { once = false, withKeys = false } = flags;
      const signal = once ? new AbortController().signal : terminal.stopping();
      const trouble = (cause: unknown) => process.stderr.write(`${String(cause)}\n`);
      const options = { name, withKeys, once, signal, told, trouble };
      if (once)
        await terminal.progress('Copying', (report) =>
          replicate(source, target, { ...options, progress: (done, total) => report({ done, total }) }),
        );
      else await replicate(source, target, options);
      await answered;
    });
}

async function placesOf(
  terminal: Terminal,
  config: Config,
  { to, keep, passwordFile }: ReplicateFlags,
): Promise<{ source: Place; target: Place; database: string | null }> {
  const { Refusal } = await import('@parley/core/errors.ts');
  const { needed } = await import('../config.ts');
  const { databaseAt, databaseOf } = await import('../database.ts');
  const { vaultOf } = await import('../at-rest.ts');
  const { placeAt } = await import('../place.ts');
  const folder = needed(config, 'folder');
  const database = /^postgres(?:ql)?:\/\//.test(to) ? to : null;
  if ((database !== null) !== (keep !== undefined))
    throw new Refusal('command.usage', {
      at: '--keep',
      detail: 'a replica in a database has a folder for its keys and configuration; one in a folder has that',
    });
  const vault = vaultOf(config, terminal.env);
  const own = resolve(keep ?? to);
  return {
    source: placeAt(folder, { vault, database: databaseOf(config) }),
    target: placeAt(own, {
      vault,
      database: database === null ? null : databaseAt(database, passwordFile ?? null),
    }),
    database,
  };
}

async function nameOf({ name }: ReplicateFlags, target: Place): Promise<string> {
  const { Refusal } = await import('@parley/core/errors.ts');
  const { replicaName } = await import('../log/replicas.ts');
  const made = `${hostname()}-${basename(target.paths.folder)}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
    .replace(/-+$/, '');
  const named = name ?? made;
  if (!replicaName.test(named))
    throw new Refusal('command.usage', {
      at: '--name',
      detail: 'it takes lower-case letters, digits and hyphens',
    });
  return named;
}
