/** A witness: cosigns that a log only ever grew. It sees checkpoints and hashes, never what was said. */
import { join } from 'node:path';
import { formatVkey, parseVkey, type Vkey } from '@parley/core/note.ts';
import { Command, Option } from 'commander';
import { choice, collect, example, hostAndPort, shape, usage } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { card, count, table } from '../format.ts';
import type { Io } from '../io.ts';
import { createWitnessKey, type KeyType, keyTypes, loadWitnessKey } from '../witness/key.ts';
import { serveWitness } from '../witness/server.ts';
import { openWitnessStore } from '../witness/store.ts';
import { trustedLogs } from '../witness/witness.ts';

const dirOption = [
  '--dir <dir>',
  'where the witness keeps its key and what it cosigned (default: witness in the home)',
] as const;

export function witnessCommand(io: Io): Command {
  return new Command('witness')
    .description('run a C2SP witness, which cosigns that a log only grows')
    .addCommand(initCommand(io))
    .addCommand(runCommand(io))
    .addCommand(showCommand(io));
}

function dirOf(context: Context, dir: string | undefined): string {
  return dir ?? join(context.home.dir, 'witness');
}

const policyHelp = `
A policy that asks for two of three, a C2SP tlog-policy (setting "witnesses" of the centre, file "policy" in a home):
  log centre.example/log/1+1b2c3d4e+AV…
  witness w1 w1.example+2c3d4e5f+BE… https://w1.example/
  witness w2 w2.example+3d4e5f60+BE… https://w2.example/
  witness w3 w3.example+4e5f6071+BE… https://w3.example/
  group two-of-three 2 w1 w2 w3
  quorum two-of-three
`;

function initCommand(io: Io): Command {
  return new Command('init')
    .description('make the key of a witness, and print its public half for policies')
    .requiredOption(
      '--name <name>',
      'the name of the key, such as a host with a path: witness.example/parley',
    )
    .addOption(
      choice('--type <type>', 'of the key; every reader can check Ed25519', keyTypes).default('ed25519'),
    )
    .addOption(
      new Option('--url <url>', 'where the centre reaches it').default(
        'http://127.0.0.1:7380/',
        'http://127.0.0.1:7380/, where "witness run" listens',
      ),
    )
    .option(...dirOption)
    .addHelpText(
      'after',
      `${example('parley witness init --name witness.example/parley --url https://witness.example/')}${policyHelp}${shape('{"vkey","name","type","dir","url"}')}`,
    )
    .action(async (options: { name: string; type: KeyType; url: string; dir?: string }, command: Command) => {
      const context = contextOf(io, command);
      const dir = dirOf(context, options.dir);
      const vkey = formatVkey(createWitnessKey(dir, options.name, options.type).vkey);
      const lines = `The witness ${options.name} has its key in ${dir}.\nPut this line into the policy of the centre, which asks it there, and of who relies on it:\n\n  witness ${options.name} ${vkey} ${options.url}\n`;
      const { name, type, url } = options;
      await context.answer({ vkey, name, type, dir, url }, lines);
    });
}

function showCommand(io: Io): Command {
  return new Command('show')
    .description('the public key of the witness, and what it has cosigned last')
    .option(...dirOption)
    .addHelpText(
      'after',
      example('parley witness show') + shape('{"vkey","logs":[{"origin","size","root"}]}'),
    )
    .action(async (options: { dir?: string }, command: Command) => {
      const context = contextOf(io, command);
      const dir = dirOf(context, options.dir);
      const vkey = formatVkey(loadWitnessKey(dir).vkey);
      const store = openWitnessStore(dir);
      const logs = store
        .all()
        .map(({ origin, size, root }) => ({ origin, size, root: Buffer.from(root).toString('base64') }));
      store.close();
      const rows = logs.map(({ origin, size, root }) => [origin, String(size), root]);
      await context.answer(
        { vkey, logs },
        `${vkey}\n\n${table(['log', 'size', 'root'], rows, 'Nothing cosigned yet.')}`,
      );
    });
}

function runCommand(io: Io): Command {
  return new Command('run')
    .description('serve add-checkpoint to logs, and the newest cosigned checkpoints to everybody')
    .option('--log <vkey>', 'a public key of a log to cosign; again for each key and log', collect)
    .addOption(
      new Option('--listen <host:port>', 'where to listen')
        .argParser(hostAndPort)
        .default({ host: '127.0.0.1', port: 7380 }, '127.0.0.1:7380'),
    )
    .option(...dirOption)
    .addHelpText(
      'after',
      `${example('parley witness run --log centre.example/log/1+1b2c3d4e+AV…')}
The directory must never be put back from a copy: a witness that forgets cosigns a second history.
Put TLS and rate limits before it with a proxy.
${shape('{"url","vkey","logs":[ORIGIN]} once it listens')}`,
    )
    .action(
      async (
        options: { log?: string[]; listen: { host: string; port: number }; dir?: string },
        command: Command,
      ) => {
        if (!options.log) throw usage('name at least one log with --log VKEY');
        await runWitness(contextOf(io, command), options.log.map(parseVkey), options);
      },
    );
}

async function runWitness(
  context: Context,
  keys: readonly Vkey[],
  options: { listen: { host: string; port: number }; dir?: string },
): Promise<void> {
  const dir = dirOf(context, options.dir);
  const logs = trustedLogs(keys);
  const key = loadWitnessKey(dir);
  const store = openWitnessStore(dir);
  // Listened for before anybody is told that it runs: who reads that may stop it at once.
  const stopping = context.io.stopping();
  try {
    const server = await serveWitness({ key, store, logs }, options.listen);
    const origins = [...logs.keys()];
    const vkey = formatVkey(key.vkey);
    const rows = [
      ['key', vkey],
      ['logs', origins.join(', ')],
      ['keeps', `${dir} (${count(store.all().length, 'log')} so far)`],
    ] as const;
    await context.answer({ url: server.url, vkey, logs: origins }, card(`Witness at ${server.url}`, rows));
    try {
      await Promise.race([server.failed, stopped(stopping)]);
    } finally {
      await server.close();
    }
  } finally {
    store.close();
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
