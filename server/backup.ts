/**
 * A backup of a centre, beside a running one: first the log with its files, then the journals, so that no access is
 * missing that the log speaks of; last the manifest, without which it is no backup.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Bytes, base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { hash, instantText } from '@parley/core/fields.ts';
import { centreName } from '@parley/core/statement.ts';
import { z } from 'zod';
import { PlaceCopy } from './copying/place-copy.ts';
import { type Side, transferKeys, transferStores } from './encrypt.ts';
import { copyNamed, keepOnly } from './files/copy.ts';
import type { Tables } from './folds.ts';
import { liveFiles } from './live-files.ts';
import { type Paths, pathsIn } from './paths.ts';
import { type Place, placeAt } from './place.ts';
import { openSqlite } from './storage/sqlite.ts';
import { copyDatabase, intoOneFile } from './storage/sqlite-connection.ts';
import { createVault } from './vault/data-key.ts';
import type { Vault } from './vault/vault.ts';

const fileName = z.enum(['log.sqlite', 'journals.sqlite', 'log-keys.pem', 'centre-key.pem', 'vault.json']);

const manifestSchema = z.strictObject({
  format: z.literal('parley-backup/1'),
  centre: centreName,
  origin: z.string(),
  made: instantText,
  /** Of the log as it was copied. */
  head: z.strictObject({ size: z.int().min(1), root: hash, checkpoint: z.string().max(65_536) }),
  files: z
    .array(
      z.strictObject({ name: fileName, bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    )
    .min(2),
});
export type Manifest = z.infer<typeof manifestSchema>;

const manifestName = 'manifest.json';

export interface BackupOptions {
  /** Also the private keys of log and centre: whoever has them can speak as the centre. */
  readonly withKeys: boolean;
  /** What seals the folder, and so its copy; left out: it stands plain. */
  readonly vault?: Vault | null;
  /** As of `Place`: it is brought into files like those of a folder. Left out: none. */
  readonly database?: string | null;
  /** For the copy of a plain folder: a key that is kept apart, which wraps a data key of this backup alone. */
  readonly outer?: Bytes | null;
  readonly now?: () => number;
  /** Bytes copied of those that there are, about. */
  readonly progress?: (done: number, of: number) => void;
}

/** @throws store.absent, store.present when the folder to write to is not empty */
export async function backUp(folder: string, to: string, options: BackupOptions): Promise<Manifest> {
  const { withKeys, vault = null, outer = null, now = Date.now, progress = () => {} } = options;
  const place = placeAt(folder, options);
  const [from, into] = [place.paths, pathsIn(to)];
  for (const path of place.database === null ? [from.log, from.journals] : [])
    if (!existsSync(path)) throw new Refusal('store.absent', { at: path });
  refuseFull(to);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const sealedBy = outer ? createVault(into.vault, outer) : vault;
  await watched(place, into, progress, async (told) => {
    if (outer) await copySealed(place, { paths: into, vault: sealedBy }, withKeys, told);
    else await copyAll(place, into, withKeys, told);
  });
  const about = { format: 'parley-backup/1' as const, made: new Date(now()).toISOString() };
  const manifest = { ...about, ...(await headOf(into.log, sealedBy)), files: await filesIn(to) };
  await writeFile(join(to, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  return manifest;
}

/** As it stands: what is sealed stays so, under the same data key. */
async function copyAll(place: Place, into: Paths, withKeys: boolean, progress: Progress): Promise<void> {
  const { paths: from, vault } = place;
  if (place.database !== null) await copyOut(place, into, progress);
  else {
    await copyLog(from, into, vault);
    await copyDatabase(from.journals, into.journals);
  }
  if (existsSync(from.vault)) await copyFile(from.vault, into.vault);
  if (withKeys) for (const key of ['logKeys', 'centreKey'] as const) await copyFile(from[key], into[key]);
}

/** Out of a database, verified on the way. What waits to be shared stays behind, as in a copy of a folder. */
async function copyOut(place: Place, into: Paths, progress: Progress): Promise<void> {
  const target = { paths: into, vault: place.vault, database: null };
  {
    await using copy = await PlaceCopy.open(place, target, { progress });
    await copy.catchUp();
    await copy.follow();
    await copy.journals();
  }
  for (const path of [into.log, into.journals]) intoOneFile(path);
}

/** By way of a plain copy beside the plain folder, so that nothing plain comes to where the backup goes. */
async function copySealed(place: Place, into: Side, withKeys: boolean, progress: Progress): Promise<void> {
  const { folder } = place.paths;
  const beside = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  const plain = { paths: pathsIn(beside), vault: null };
  try {
    await copyAll(place, plain.paths, withKeys, progress);
    await transferStores(plain, into);
    transferKeys(plain, into);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** What is shared or erased while it is copied makes it copy the log again: it is then a moment later. */
const attempts = 5;

/** Files first, since they may be many; then the log, and of its files what is not there yet. */
async function copyLog(from: Paths, into: Paths, vault: Vault | null): Promise<void> {
  const before = await filesOfLog(from.log, vault);
  await copyNamed(from.files, into.files, before);
  for (let attempt = 1; ; attempt++) {
    await copyDatabase(from.log, into.log);
    const live = await filesOfLog(into.log, vault);
    const missing = await copyNamed(from.files, into.files, live);
    if (missing.length === 0) return keepOnly(into.files, live);
    if (attempt === attempts)
      throw new Refusal('store.corrupt', { at: join(from.files, missing[0] ?? ''), detail: 'not there' });
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${into.log}${suffix}`, { force: true });
  }
}

async function filesOfLog(log: string, vault: Vault | null): Promise<ReadonlySet<string>> {
  const store = openSqlite<Tables>(log, { readOnly: true, readers: 1, vault });
  return store.snapshot(liveFiles).finally(() => store.close());
}

/** Nothing is ever put over what is there. @throws store.present */
export function refuseFull(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Refusal('store.present', { at: folder, detail: 'the folder is not empty' });
}

type Progress = (done: number, of: number) => void;

/** SQLite copies by itself, so the sizes of files tell how far it is; out of a database, records are counted. */
async function watched(
  { paths: from, database }: Place,
  into: Paths,
  progress: Progress,
  work: (told: Progress) => Promise<void>,
): Promise<void> {
  if (database !== null) return work(progress);
  const size = ({ log, journals }: Paths) =>
    [log, journals].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
  const of = size(from);
  const timer = setInterval(() => progress(Math.min(size(into), of), of), 200);
  try {
    await work(() => {});
  } finally {
    clearInterval(timer);
  }
}

async function headOf(
  log: string,
  vault: Vault | null,
): Promise<Pick<Manifest, 'centre' | 'origin' | 'head'>> {
  const store = openSqlite(log, { readOnly: true, readers: 1, vault });
  try {
    return await store.snapshot(async (moment) => {
      const head = await moment.log.head();
      const [first] = await moment.log.range(0, 1);
      if (!head || !first) throw new Refusal('store.absent', { detail: 'the log has no record yet' });
      const { size, root, checkpoint } = head;
      const [origin = ''] = checkpoint.split('\n', 1);
      return { centre: first.header.centre, origin, head: { size, root: base64(root), checkpoint } };
    });
  } finally {
    await store.close();
  }
}

async function filesIn(folder: string): Promise<Manifest['files']> {
  const files: Manifest['files'] = [];
  for (const name of fileName.options) {
    const path = join(folder, name);
    if (existsSync(path)) files.push({ name, bytes: statSync(path).size, sha256: await sha256Of(path) });
  }
  return files;
}

/** Lower-case hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(path)) digest.update(piece as Buffer);
  return digest.digest('hex');
}

/** @throws file.unreadable when there is none, or it is not one of ours */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: path, detail: 'not the manifest of a whole backup', cause });
  }
}
