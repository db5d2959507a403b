/** The tables of the log in PostgreSQL. They migrate forward only: a published step never changes. */
import { Refusal } from '@parley/core/errors.ts';
import type { Vault } from '../vault/vault.ts';
import { Connection, type Target } from './postgres-connection.ts';
import { sqlStateOf } from './postgres-errors.ts';
import { shownTarget } from './postgres-target.ts';
import { checkVaultId } from './vault-binding.ts';

/** Of the log with its projections and files, and of the journals. */
export const schemas = { log: 'parley', journals: 'parley_journals' } as const;

/**
 * `head` always has its one row, since it is what a commit locks: size 0 stands for a log without a record. The table
 * of the folds' version is there before they are, since a question that fails would end its transaction. Bytes of
 * files do not compress, or are sealed.
 */
const steps: readonly string[] = [
  `
  create table records (
    "index" bigint primary key,
    instant bigint not null,
    span bigint not null,
    nonce bytea not null,
    payload bytea not null,
    signature bytea not null,
    party text collate "C" not null,
    id text collate "C" not null,
    leaves bytea not null,
    commitment bytea not null,
    unique (party, id)
  );
  create table parts (number bigint primary key, salt bytea, bytes bytea);
  create table condemned (number bigint primary key);
  create table tiles (level bigint not null, "index" bigint not null, data bytea not null, primary key (level, "index"));
  create table head (
    one bigint primary key check (one = 1),
    size bigint not null,
    root bytea not null,
    instant bigint not null,
    checkpoint text not null
  );
  insert into head values (1, 0, '', 0, '');
  create table cosigned (one bigint primary key check (one = 1), size bigint not null, note text not null);
  create table projection (one bigint primary key, version bigint not null);
  create table replica (name text collate "C" primary key, size bigint not null, at bigint not null);
  create table file (name text collate "C" primary key, size bigint not null, put timestamptz not null default now());
  create table file_chunk (name text collate "C" not null, n bigint not null, bytes bytea not null, primary key (name, n));
  alter table file_chunk alter column bytes set storage external;
  `,
];

/** @throws store.present, store.absent, store.away, config.value */
export async function createSchema(url: string, vault: Vault | null): Promise<void> {
  const connection = await Connection.open({ url, schema: schemas.log });
  try {
    await refuseOtherEncoding(connection, url);
    if (await hasTable(connection, `${schemas.journals}.meta`))
      throw new Refusal('store.present', {
        at: shownTarget(url),
        detail:
          'a centre lies in that database already: start it with its own configuration, or name an empty database, which createdb makes',
      });
    await connection.run('begin');
    // Somebody else may have made it for a user who may not.
    if (!(await hasSchema(connection, schemas.log))) await connection.run(`create schema ${schemas.log}`);
    await connection.run('create table meta (key text collate "C" primary key, value text not null)');
    await bind(connection, vault);
    for (const step of steps) await connection.run(step);
    await connection.query(`insert into meta values ('schema', $1)`, [String(steps.length)]);
    await connection.run('commit');
  } catch (error) {
    throw isTaken(error) ? new Refusal('store.present', { at: shownTarget(url), cause: error }) : error;
  } finally {
    await connection.close();
  }
}

export async function dropSchemas(url: string): Promise<void> {
  const connection = await Connection.open({ url, schema: schemas.log });
  try {
    await connection.run(`drop schema if exists ${schemas.log}, ${schemas.journals} cascade`);
  } finally {
    await connection.close();
  }
}

/** Another is there already, or was made at the same time: duplicate schema, duplicate table, unique violation. */
function isTaken(error: unknown): boolean {
  return ['42P06', '42P07', '23505'].includes(sqlStateOf(error) ?? '');
}

/** Text of any language must fit, and lengths must be those that SQLite has. */
async function refuseOtherEncoding(connection: Connection, url: string): Promise<void> {
  const row = await connection.get<{ encoding: string }>(
    `select current_setting('server_encoding') as encoding`,
  );
  if (row?.encoding !== 'UTF8')
    throw new Refusal('config.value', {
      at: 'database',
      detail: `${shownTarget(url)} holds ${row?.encoding}: make one with createdb --encoding=UTF8 --template=template0`,
    });
}

async function hasSchema(connection: Connection, name: string): Promise<boolean> {
  return (await connection.get('select 1 from pg_namespace where nspname = $1', name)) !== undefined;
}

async function hasTable(connection: Connection, name: string): Promise<boolean> {
  const row = await connection.get<{ found: string | null }>('select to_regclass($1)::text as found', name);
  return row?.found !== null;
}

/**
 * That there is a store, of this version where it cannot be brought there; under which key.
 * @throws store.absent, store.corrupt, store.newer, store.away, config.value, encryption.…
 */
export async function openSchema(
  target: Target,
  { vault, readOnly }: { readonly vault: Vault | null; readonly readOnly: boolean },
): Promise<void> {
  const at = shownTarget(target.url);
  const connection = await Connection.open(target);
  try {
    if (!(await hasTable(connection, 'meta'))) throw new Refusal('store.absent', { at });
    await connection.run('begin');
    const version = await schemaVersion(connection, readOnly ? '' : 'for update');
    await checkBinding(connection, vault, at);
    if (version === 0 || (readOnly && version !== steps.length))
      throw new Refusal('store.corrupt', {
        at,
        detail: 'not a store, or one of an older version that was opened for reading',
      });
    for (const step of steps.slice(version)) await connection.run(step);
    if (version < steps.length)
      await connection.query(`update meta set value = $1 where key = 'schema'`, [String(steps.length)]);
    await connection.run('commit');
  } finally {
    await connection.close();
  }
}

/** The number of steps that it has taken. Of several that start, one moves it at a time. @throws store.newer */
async function schemaVersion(connection: Connection, lock: '' | 'for update'): Promise<number> {
  const row = await connection.get<{ value: string }>(`select value from meta where key = 'schema' ${lock}`);
  const version = Number(row?.value ?? 0);
  if (version > steps.length)
    throw new Refusal('store.newer', { params: { store: version, known: steps.length } });
  return version;
}

/** Marks a schema that is being made as sealed. Within the caller's transaction. */
async function bind(connection: Connection, vault: Vault | null): Promise<void> {
  if (!vault) return;
  await connection.run('create table vault (one bigint primary key check (one = 1), id text not null)');
  await connection.query('insert into vault values (1, $1)', [vault.id]);
}

/** @throws encryption.needed, encryption.wrong-key, encryption.absent */
async function checkBinding(connection: Connection, vault: Vault | null, at: string): Promise<void> {
  const marked = await hasTable(connection, 'vault');
  const row = marked ? await connection.get<{ id: string }>('select id from vault') : undefined;
  checkVaultId(marked ? (row?.id ?? '') : null, vault, at);
}

/**
 * The schema of the journals, made where it is not there: its tables are the journals' own. The row `turn` is what
 * their transactions lock.
 * @throws encryption.…, store.away, store.absent, config.value
 */
export async function openJournalSchema(target: Target, vault: Vault | null): Promise<void> {
  const connection = await Connection.open(target);
  try {
    if (!(await hasTable(connection, 'meta'))) await createJournalSchema(connection, vault);
    await checkBinding(connection, vault, shownTarget(target.url));
  } finally {
    await connection.close();
  }
}

/** As `openJournalSchema`, and makes nothing. */
export async function checkJournalSchema(target: Target, vault: Vault | null): Promise<void> {
  const at = shownTarget(target.url);
  const connection = await Connection.open(target);
  try {
    if (!(await hasTable(connection, 'meta'))) throw new Refusal('store.absent', { at });
    await checkBinding(connection, vault, at);
  } finally {
    await connection.close();
  }
}

async function createJournalSchema(connection: Connection, vault: Vault | null): Promise<void> {
  await connection.run('begin');
  try {
    if (!(await hasSchema(connection, schemas.journals)))
      await connection.run(`create schema ${schemas.journals}`);
    await connection.run(
      'create table meta (key text collate "C" not null primary key, value text not null)',
    );
    await connection.run(`insert into meta values ('turn', '')`);
    await bind(connection, vault);
    await connection.run('commit');
  } catch (error) {
    await connection.run('rollback');
    // Another instance has made it meanwhile.
    if (!isTaken(error)) throw error;
  }
}
