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

const left = new Set<string>();
/** What no test has dropped. */
process.on('beforeExit', async () => {
  for (const database of left) await dropped(database);
});

async function dropped(database: string): Promise<void> {
  left.delete(database);
  await dropDatabase(database);
}

/** A folder of its own, and a database where there is a server for tests. */
export async function newLocated(): Promise<Located> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  if (testServer) {
    const database = await makeDatabase();
    left.add(database);
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
  if (database) await dropped(database);
}

/** All that a centre has, its keys too, at one moment of each store. @returns the other folder */
export async function copyLocated({ folder, database }: Located, vault: Vault | null): Promise<string> {
  const copy = await newLocated();
  const [from, to] = [pathsIn(folder), pathsIn(copy.folder)];
  if (database && copy.database) await copyRows(database, copy.database, vault);
  else {
    for (const file of ['log', 'journals'] as const) await copyDatabase(from[file], to[file]);
    await copyNamed(from.files, to.files, await namesIn(from.files));
  }
  for (const file of ['logKeys', 'centreKey', 'checkpoint'] as const)
    if (existsSync(from[file])) copyFileSync(from[file], to[file]);
  return copy.folder;
}

/** Row by row, past everything that Parley does; the journals first, as a backup is taken last. */
async function copyRows(from: string, to: string, vault: Vault | null): Promise<void> {
  await makeTables(to, vault);
  const tables = await asked<{ name: string }>(
    from,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('parley', 'parley_journals') order by schemaname, tablename`,
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
  const journals = await openJournals(await postgresJournals(url, vault), () => {});
  await journals.close();
  const store = await openPostgres<Tables>(url, { vault });
  await store.close();
  const create = projectionTables.flatMap((set) => set.create(spelling));
  await asked(url, ['set search_path to parley', ...create].join(';'));
}
