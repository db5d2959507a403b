/** A centre comes into being: keys, log, its first two statements, and the party that hosts it with its first device. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Classification } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import { spoken } from '@parley/core/keys.ts';
import { type Centre, openCentre } from './app.ts';
import { outerKeyOf } from './at-rest.ts';
import { refuseFull } from './backup.ts';
import { type Config, needed } from './config.ts';
import { databaseOf } from './database.ts';
import { createCentre, foundHost, inviteHost, sayOpening } from './genesis.ts';
import type { NewDevice } from './operator/terminal.ts';
import { pathsIn } from './paths.ts';
import { discardLog, placeAt } from './place.ts';
import { loadSigner } from './signer.ts';
import { createVault } from './vault/data-key.ts';
import type { Vault } from './vault/vault.ts';

export interface Made {
  readonly centre: string;
  readonly origin: string;
  readonly folder: string;
  readonly accredited: Classification;
  readonly party: string;
  readonly name: string;
  readonly device: string;
  readonly fingerprint: string;
  readonly logs: readonly string[];
  readonly home: string;
  /** The recovery key of the party: shown once. */
  readonly recovery: string;
}

/**
 * Made beside its place and then moved into it: a centre is there as a whole, or not at all.
 * @throws store.present, config.value
 */
export async function init(
  config: Config,
  { party: name, device: deviceName }: { readonly party: string; readonly device: string },
  device: NewDevice,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Made> {
  const centre = needed(config, 'centre');
  const folder = needed(config, 'folder');
  const url = config.url ?? `http://${config['listen.host']}:${config['listen.port']}/`;
  refuseFull(folder);
  mkdirSync(dirname(folder), { recursive: true });
  const beside = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  const party = device.signer.device;
  const database = databaseOf(config);
  const undo: (() => Promise<void>)[] = [];
  let kept = false;
  let recovery = '';
  try {
    const outer = outerKeyOf(config, env, folder);
    const vault = outer && createVault(pathsIn(beside).vault, outer);
    const place = placeAt(beside, { vault, database });
    await createCentre(place);
    undo.push(() => discardLog(place));
    const running = await openCentre({
      ...{ centre, folder: beside, vault, database, onDoubt: fail },
      accredited: config.accredited,
    });
    try {
      device.keep({ url, centre, origin: running.origin, party, name, deviceName });
      kept = true;
      recovery = await firstWords(running, beside, vault, device, { name, device: deviceName });
      await running.round();
    } finally {
      await running.stop();
    }
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(beside, folder);
    const { origin, vkeys } = running;
    const { accredited } = config;
    const shown = {
      centre,
      origin,
      folder,
      accredited,
      party,
      name,
      device: party,
      logs: vkeys,
      home: device.dir,
      recovery,
    };
    return { ...shown, fingerprint: spoken(party) };
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    for (const each of undo) await each();
    if (kept) device.discard();
    throw error;
  }
}

async function firstWords(
  centre: Centre,
  folder: string,
  vault: Vault | null,
  { signer }: NewDevice,
  names: { readonly name: string; readonly device: string },
): Promise<string> {
  const own = await loadSigner(pathsIn(folder).centreKey, vault);
  await sayOpening(centre, own, centre.name);
  const code = await inviteHost(centre, own, 1);
  return foundHost(centre, signer, code, names);
}

function fail(cause: unknown): never {
  throw new Refusal('fault', { cause });
}

/** The least that `parley start` needs, beside what it names. @returns where it is */
export function writeConfig(config: Config): string {
  const { centre, folder, database, databasePasswordFile, url, accredited } = config;
  const path = join(folder ?? '', 'parley.json');
  const content = {
    ...{ centre, folder: '.' },
    ...(database === null ? {} : { database }),
    ...(databasePasswordFile === null ? {} : { databasePasswordFile }),
    ...(url === null ? {} : { url }),
    ...(accredited === 'unclassified' ? {} : { accredited }),
  };
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return path;
}
