/**
 * A folder encrypted, or under a new data key: made beside its place, checked there as a whole, and only then put into
 * it. What was there stays beside it until somebody removes it.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type CentreReport, type CheckProgress, checkCentre } from './check-centre.ts';
import { diskFiles } from './files/disk.ts';
import { holdFolder } from './folder-lock.ts';
import { type Paths, pathsIn } from './paths.ts';
import { transferJournals, transferLog } from './storage/sqlite-transfer.ts';
import { createVault } from './vault/data-key.ts';
import { sealedFiles } from './vault/files.ts';
import type { Vault } from './vault/vault.ts';
import { createSealed, openedFile, syncFolder, writeWhole } from './vault/whole-file.ts';

export interface Encrypted {
  readonly folder: string;
  /** What was there before: whoever reads it reads everything. Null where an interrupted run was finished. */
  readonly before: string;
  readonly report: CentreReport | null;
}

export interface EncryptProgress {
  readonly step: 'copying' | CheckProgress['step'];
  readonly done: number;
  /** Null: nobody has counted. */
  readonly of: number | null;
}

/**
 * @param vault of the folder as it is; null: it stands plain
 * @param outer wraps the new data key
 * @throws store.held, store.absent, store.present, store.corrupt, encryption.…
 */
export async function encryptFolder(
  folder: string,
  vault: Vault | null,
  outer: Bytes,
  progress: (progress: EncryptProgress) => void = () => {},
): Promise<Encrypted> {
  const [before, making, made] = ['before', 'encrypting', 'encrypted'].map((name) => `${folder}.${name}`) as [
    string,
    string,
    string,
  ];
  if (existsSync(before) && existsSync(folder))
    throw new Refusal('store.present', { at: before, detail: 'remove what an earlier run has left there' });
  if (!existsSync(folder) && existsSync(made)) return { ...swap(folder, before, made), report: null };
  const held = holdFolder(folder);
  try {
    rmSync(making, { recursive: true, force: true });
    rmSync(made, { recursive: true, force: true });
    mkdirSync(making, { mode: 0o700 });
    const next = createVault(pathsIn(making).vault, outer);
    await copyFolder({ paths: pathsIn(folder), vault }, { paths: pathsIn(making), vault: next }, progress);
    const report = await checkCentre({ folder: making, vault: next }, progress);
    renameSync(making, made);
    syncFolder(dirname(made));
    held.release();
    return { ...swap(folder, before, made), report };
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    held.release();
    throw error;
  }
}

/** Each step leaves one whole folder and what the next run needs to go on. */
function swap(folder: string, before: string, made: string): { folder: string; before: string } {
  if (existsSync(folder)) renameSync(folder, before);
  renameSync(made, folder);
  syncFolder(dirname(folder));
  return { folder, before };
}

export interface Side {
  readonly paths: Paths;
  readonly vault: Vault | null;
}

/** Everything that a folder holds but its lock. */
async function copyFolder(
  from: Side,
  to: Side,
  progress: (progress: EncryptProgress) => void,
): Promise<void> {
  await transferStores(from, to, progress);
  transferKeys(from, to);
  // As it lies there: also what somebody else has put beside the store, such as a policy of witnesses.
  for (const name of besideStore(from.paths.folder)) {
    const [path, copy] = [join(from.paths.folder, name), join(to.paths.folder, name)];
    if (lstatSync(path).isFile()) {
      writeWhole(copy, readFileSync(path));
      chmodSync(copy, statSync(path).mode & 0o777);
    } else cpSync(path, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

/** The store's own, each brought over by what knows it; `.moved` is what a centre has left, and stays behind. */
const ofStore =
  /^(?:(?:log|journals)\.sqlite(?:-wal|-shm|-journal)?|files|(?:next-)?log-keys\.pem|centre-key\.pem|vault\.json|lock(?:-journal)?|.*\.moved(?:-wal)?)$/;

function besideStore(folder: string): string[] {
  return readdirSync(folder).filter((name) => !ofStore.test(name));
}

/** This machine's memory, and the configuration: nothing of what was said. */
const known: ReadonlySet<string> = new Set([
  'last-checkpoint',
  'restored',
  'told',
  'replicas',
  'parley.json',
]);

/** What stands in an encrypted folder and is not encrypted, since only somebody else knows what it is. */
export function plainBeside(folder: string): string[] {
  return besideStore(folder)
    .filter((name) => !known.has(name))
    .sort();
}

/** Log, journals and files: what a backup holds, too. In this order, so that no access is missing that the log speaks of. */
export async function transferStores(
  from: Side,
  to: Side,
  progress: (progress: EncryptProgress) => void = () => {},
): Promise<void> {
  const told = (rows: number) => progress({ step: 'copying', done: rows, of: null });
  transferLog(end(from, 'log'), end(to, 'log'), told);
  await turn();
  transferJournals(end(from, 'journals'), end(to, 'journals'), told);
  const [source, target] = [from, to].map(({ paths, vault }) => sealedFiles(diskFiles(paths.files), vault));
  for await (const name of source?.list() ?? []) {
    const pieces = await source?.open(name);
    if (pieces) await target?.put(name, pieces);
  }
}

export function transferKeys(from: Side, to: Side): void {
  for (const key of ['logKeys', 'nextLogKeys', 'centreKey'] as const)
    if (existsSync(from.paths[key]))
      createSealed(to.paths[key], openedFile(from.paths[key], from.vault), to.vault);
}

function end({ paths, vault }: Side, file: 'log' | 'journals') {
  return { path: paths[file], vault };
}
