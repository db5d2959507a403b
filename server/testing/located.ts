/**
 * Where a test's centre lies. On a server for tests each has a database of its own, whose URL stands in the folder, so
 * that who only knows the folder, another process among them, finds it.
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyNamed, namesIn } from '../files/copy.ts';
import type { FileStore } from '../files/ports.ts';
import { projectionTables, type Tables } from '../folds.ts';
import { openJournals } from '../journals/journals.ts';
import { pathsIn } from '../paths.ts';
import { openFileStore, type Place, placeAt } from '../place.ts';
import { createPostgres, openPostgres } from '../storage/postgres.ts';
import { postgresJournals } from '../storage/postgres-journals.ts';
import { spelling } from '../storage/postgres-spelling.ts';
import { copyDatabase } from '../storage/sqlite-connection.ts';
import type { Vault } from '../vault/vault.ts';
import { asked, asking, dropDatabase, makeDatabase, testServer } from './postgres.ts';

export interface Located {
  readonly folder: string;
  readonly database: string | null;
}

/** A folder of its own, and a database where there is a server for tests. */
export async function newLocated(): Promise<Located> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  if (testServer) {
    const database = await makeDatabase();
    writeFileSync(join(folder, 'database'), database);
  }
  return located(folder);
}

export function located(folder: string): Located {
  const path = join(folder, 'database');
  return { folder, database: existsSync(path) ? readFileSync(path, 'utf8') : null };
}

export function placeOf(folder: string, vault: Vault | null = null): Place {
  return placeAt(folder, { ...located(folder), vault });
}

/** Its files as they lie, sealed or not. */
export async function withFiles<T>(folder: string, work: (files: FileStore) => Promise<T>): Promise<T> {
  const files = openFileStore(placeOf(folder));
  try {
    return await work(files);
  } finally {
    await files.close();
  }
}

export const filesIn = (folder: string): Promise<string[]> =>
  withFiles(folder, (files) => Array.fromAsync(files.list()));

export const readFileIn = (folder: string, name: string): Promise<Buffer> =>
  withFiles(folder, async (files) => Buffer.concat(await Array.fromAsync((await files.open(name)) ?? [])));

export const putFileIn = (folder: string, name: string, bytes: Uint8Array): Promise<void> =>
  withFiles(folder, (files) =>
    files.put(
      name,
      (async function* () {
        yield bytes;
      })(),
    ),
  );

export const removeFileIn = (folder: string, name: string): Promise<void> =>
  withFiles(folder, (files) => files.remove([name]));

/** Before the folder is removed. */
export async function forgetDatabase(folder: string): Promise<void> {
  const { database } = located(folder);
  if (database) await dropDatabase(database);
}

/** All that a centre has, its keys too, at one moment of each store. @returns the other folder */
export async function copyLocated({ folder, database }: Located, vault: Vault | null): Promise<string> {
  const copy = await newLocated();
  const [from, to] = [pathsIn(folder), pathsIn(copy.folder)];
  if (database && copy.database) {
    await makeTables(copy.database, vault);
    await copyRows(database, copy.database, ['parley', 'parley_journals']);
  } else {
    for (const file of ['log', 'journals'] as const) await copyDatabase(from[file], to[file]);
    await copyNamed(from.files, to.files, await namesIn(from.files));
  }
  for (const file of ['logKeys', 'centreKey', 'checkpoint'] as const)
    if (existsSync(from[file])) copyFileSync(from[file], to[file]);
  return copy.folder;
}

/** What a centre has observed, into a place that is empty. */
export async function copyJournals(from: Located, to: Located): Promise<void> {
  if (from.database === null || to.database === null)
    return copyDatabase(pathsIn(from.folder).journals, pathsIn(to.folder).journals);
  await makeJournals(to.database, null);
  await copyRows(from.database, to.database, ['parley_journals']);
}

/** A database put back to an older state of it, as after a failover to a standby that had not followed. */
export async function putBack(older: Located, to: Located): Promise<void> {
  await copyRows(older.database ?? '', to.database ?? '', ['parley', 'parley_journals']);
}

/** Row by row, past everything that Parley does. */
async function copyRows(from: string, to: string, schemas: readonly string[]): Promise<void> {
  const tables = await asked<{ name: string }>(
    from,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname = any($1) order by schemaname, tablename`,
    [schemas],
  );
  const sets = tables.map(({ name }) => `(select json_agg(t) from ${name} t)::text as "${name}"`);
  const [rows = {}] = await asked<Record<string, string | null>>(from, `select ${sets.join(', ')}`);
  await asking(to, async (ask) => {
    for (const { name } of tables) {
      await ask(`delete from ${name}`);
      await ask(`insert into ${name} select * from json_populate_recordset(null::${name}, $1::json)`, [
        rows[name] ?? '[]',
      ]);
    }
    await ask(
      `select setval(pg_get_serial_sequence('parley_journals.accesses', 'id'), (select coalesce(max(id), 0) + 1 from parley_journals.accesses), false)`,
    );
  });
}

async function makeTables(url: string, vault: Vault | null): Promise<void> {
  await createPostgres(url, vault);
  await makeJournals(url, vault);
  const store = await openPostgres<Tables>(url, { vault });
  await store.close();
  const create = projectionTables.flatMap((set) => set.create(spelling));
  await asked(url, ['set search_path to parley', ...create].join(';'));
}

async function makeJournals(url: string, vault: Vault | null): Promise<void> {
  const journals = await openJournals(await postgresJournals(url, vault), () => {});
  await journals.close();
}
