/** A centre comes into being: keys, log, its first two statements, and the party that hosts it with its first device. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import { spoken } from '@parley/core/keys.ts';
import { centreName } from '@parley/core/statement.ts';
import { Command } from 'commander';
import { type Centre, openCentre } from '../app.ts';
import { refuseFull } from '../backup.ts';
import { type Config, loadConfig, needed } from '../config.ts';
import { createCentre, foundHost, inviteHost, sayOpening } from '../genesis.ts';
import { pathsIn } from '../paths.ts';
import { loadSigner } from '../signer.ts';
import type { NewDevice, Terminal } from './terminal.ts';

interface InitOptions {
  readonly config?: string;
  readonly centre?: string;
  readonly folder?: string;
  readonly url?: string;
  readonly party: string;
  readonly device: string;
}

export function initCommand(terminal: Terminal): Command {
  return new Command('init')
    .description('make a centre: its keys, its log, its first party, and the first device of that party here')
    .option('--centre <name>', 'the origin name of the centre, such as centre.example; it never changes')
    .option('--folder <dir>', 'the folder of the centre, which must be empty or not yet there')
    .option('--url <url>', 'where others will reach it, ending with a slash')
    .option('--config <file>', 'a configuration that names centre and folder, instead of options')
    .requiredOption('--party <name>', 'what the party that hosts the centre is called')
    .requiredOption('--device <name>', 'what this device is called')
    .addHelpText(
      'after',
      `${terminal.example(
        'parley init --centre centre.example --folder /var/lib/parley --party "Ministry of the Interior" --device "Duty desk"',
      )}
The key of the device is made in --home and stays there. Keep copies of it, and of the keys in the folder.
${terminal.shape('{"centre","origin","folder","config","party","name","device","fingerprint","logs":[VKEY],"home"}')}`,
    )
    .action(async (options: InitOptions, command: Command) => {
      const config = configOf(terminal, options);
      const made = await init(config, options, await terminal.newDevice(command));
      const written = options.config === undefined ? writeConfig(config) : resolve(options.config);
      await terminal.answer(command, { ...made, config: written }, humanInit(terminal, made, written));
    });
}

function configOf(terminal: Terminal, { config, centre, folder, url }: InitOptions): Config {
  const given = { centre, folder, url };
  const told = Object.entries(given).filter(([, value]) => value !== undefined);
  return loadConfig(config, terminal.env, Object.fromEntries(told));
}

export interface Made {
  readonly centre: string;
  readonly origin: string;
  readonly folder: string;
  readonly party: string;
  readonly name: string;
  readonly device: string;
  readonly fingerprint: string;
  readonly logs: readonly string[];
  readonly home: string;
}

/**
 * Made beside its place and then moved into it: a centre is there as a whole, or not at all.
 * @throws store.present, config.value
 */
export async function init(
  config: Config,
  { party: name, device: deviceName }: Pick<InitOptions, 'party' | 'device'>,
  device: NewDevice,
): Promise<Made> {
  const centre = centreName.parse(needed(config, 'centre'));
  const folder = needed(config, 'folder');
  const url = config.url ?? `http://${config['listen.host']}:${config['listen.port']}/`;
  refuseFull(folder);
  mkdirSync(dirname(folder), { recursive: true });
  const beside = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  const party = device.signer.device;
  let kept = false;
  try {
    await createCentre(beside);
    const running = await openCentre({ centre, folder: beside, onDoubt: fail });
    try {
      device.keep({ url, centre, origin: running.origin, party, name, deviceName });
      kept = true;
      await firstWords(running, beside, device, { name, device: deviceName });
    } finally {
      await running.stop();
    }
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(beside, folder);
    const { origin, vkeys } = running;
    const shown = { centre, origin, folder, party, name, device: party, logs: vkeys, home: device.dir };
    return { ...shown, fingerprint: spoken(party) };
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    if (kept) device.discard();
    throw error;
  }
}

async function firstWords(
  centre: Centre,
  folder: string,
  { signer }: NewDevice,
  names: { readonly name: string; readonly device: string },
): Promise<void> {
  const own = await loadSigner(pathsIn(folder).centreKey);
  await sayOpening(centre, own, centre.name);
  const code = await inviteHost(centre, own, 1);
  await foundHost(centre, signer, code, names);
}

function fail(cause: unknown): never {
  throw new Refusal('fault', { cause });
}

/** @returns where it is; null when there is one already */
function writeConfig(config: Config): string | null {
  const { centre, folder, url } = config;
  const path = join(folder ?? '', 'parley.json');
  const content = { centre, folder: '.', ...(url === null ? {} : { url }) };
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return path;
}

function humanInit(terminal: Terminal, made: Made, config: string | null): string {
  const groups = made.fingerprint.split(' ');
  const lines = [groups.slice(0, 8), groups.slice(8)].map((half) => `  ${half.join(' ')}`);
  return `${terminal.card(`The centre ${made.centre} is made.`, [
    ['folder', `${made.folder} (log-keys.pem and centre-key.pem: keep copies in a safe place)`],
    ['party', made.name],
    ['home', `${made.home} (the key of this device: keep a copy in a safe place)`],
    ['configuration', config],
  ])}
Read this fingerprint of your party to the parties that you work with, by telephone or in person:

${lines.join('\n')}

Who verifies what the centre says needs the keys of its log:

${made.logs.map((vkey) => `  ${vkey.length > 200 ? `${vkey.slice(0, 96)}… (whole with --json)` : vkey}`).join('\n')}

Next:

  parley start --config ${config ?? 'FILE'}
  parley party invite              while it runs: a code for each party that joins
  parley backup /backups/today     beside the running centre
`;
}
