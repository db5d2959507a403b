import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import type { Made } from '../init.ts';
import { shownTarget } from '../storage/postgres-target.ts';
import { keyLines } from './rotate.ts';
import type { Terminal } from './terminal.ts';

interface InitOptions {
  readonly config?: string;
  readonly centre?: string;
  readonly folder?: string;
  readonly database?: string;
  readonly url?: string;
  readonly accredited?: string;
  readonly party: string;
  readonly device: string;
}

export function initCommand(terminal: Terminal): Command {
  return new Command('init')
    .description('make a centre: its keys, its log, its first party, and the first device of that party here')
    .option('--centre <name>', 'the origin name of the centre, such as centre.example; it never changes')
    .option('--folder <dir>', 'the folder of the centre, which must be empty or not yet there')
    .option(
      '--database <url>',
      'a PostgreSQL database for log, journals and files, postgres://user@host/name',
    )
    .option('--url <url>', 'where others will reach it, ending with a slash')
    .option(
      '--accredited <level>',
      'the highest classification that it may hold: unclassified, restricted, confidential, secret or top-secret (default: unclassified)',
    )
    .option('--config <file>', 'a configuration that names centre and folder, instead of options')
    .requiredOption('--party <name>', 'what the party that hosts the centre is called')
    .requiredOption('--device <name>', 'what this device is called')
    .addHelpText(
      'after',
      `${terminal.example(
        'parley init --centre centre.example --folder /var/lib/parley --party "Ministry of the Interior" --device "Duty desk"',
      )}
The key of the device is made in --home and stays there. Keep copies of it, and of the keys in the folder.
${terminal.shape('{"centre","origin","folder","accredited","config","encrypted","party","name","device","fingerprint","logs":[VKEY],"home","recovery"}')}`,
    )
    .action(async (options: InitOptions, command: Command) => {
      const { init, writeConfig } = await import('../init.ts');
      const { keySourceOf } = await import('../at-rest.ts');
      const config = await configOf(terminal, options);
      const made = await init(config, options, await terminal.newDevice(command), terminal.env);
      const written = options.config === undefined ? writeConfig(config) : resolve(options.config);
      const encrypted = keySourceOf(config) !== null;
      await terminal.answer(
        command,
        { ...made, config: written, encrypted },
        humanInit(terminal, made, {
          config,
          written,
          encrypted,
          typed: (words) => terminal.typed(command, words),
        }),
      );
    });
}

async function configOf(
  terminal: Terminal,
  { config, centre, folder, database, url, accredited }: InitOptions,
): Promise<Config> {
  const { loadConfig } = await import('../config.ts');
  const given = { centre, folder, database, url, accredited };
  const told = Object.entries(given).filter(([, value]) => value !== undefined);
  return loadConfig(config, terminal.env, Object.fromEntries(told));
}

interface About {
  readonly config: Config;
  readonly written: string;
  readonly encrypted: boolean;
  readonly typed: (words: string) => string;
}

function humanInit(terminal: Terminal, made: Made, { config, written, encrypted, typed }: About): string {
  const url = config.url ?? `http://${config['listen.host']}:${config['listen.port']}/`;
  const configured = `--config ${terminal.quoted(written)}`;
  const groups = made.fingerprint.split(' ');
  const lines = [groups.slice(0, 8), groups.slice(8)].map((half) => `  ${half.join(' ')}`);
  return `${terminal.card(`The centre ${made.centre} is made.`, [
    ['folder', `${made.folder} (log-keys.pem and centre-key.pem: keep copies in a safe place)`],
    ['party', made.name],
    ['home', `${made.home} (the key of this device: keep a copy in a safe place)`],
    ['accredited', `for nothing above ${made.accredited}`],
    ['configuration', written],
    ['database', config.database === null ? null : shownTarget(config.database)],
    [
      'store',
      encrypted
        ? 'encrypted: without its key nobody opens it, so keep a copy of that key apart from the folder and its backups'
        : 'not encrypted',
    ],
  ])}
Read this fingerprint of your party to the parties that you work with, by telephone or in person:

${lines.join('\n')}

This is the recovery key of your party. It is shown once and kept nowhere: print it or write it down now, and
keep it away from every device. Whoever has it can speak for your party:

  ${made.recovery}

If every device is lost, it brings the party back, on another machine:

  ${typed(`recover ${url} --party ${made.party} --device NAME --code ${made.recovery}`)}

Who verifies what the centre says needs the keys of its log:

${keyLines(made.logs)}
Next, the centre; then, while it runs, a code for each party that joins, and a copy beside it:

  ${typed(`start ${configured}`)}
  ${typed('party invite')}
  ${typed(`backup /backups/today ${configured}`)}
`;
}
