/** The tables of the log in SQLite. They migrate forward only: a published step never changes. */
import { Refusal } from '@parley/core/errors.ts';
import type { Vault } from '../vault/vault.ts';
import type { Connection } from './sqlite-connection.ts';
import { bindEmpty } from './vault-binding.ts';

const steps: readonly string[] = [
  `
  create table records (
    "index" integer primary key,
    instant integer not null,
    span integer not null,
    nonce blob not null,
    payload blob not null,
    signature blob not null,
    party text not null,
    id text not null,
    leaves blob not null,
    commitment blob not null,
    unique (party, id)
  );
  create table parts (number integer primary key, salt blob, bytes blob);
  create table condemned (number integer primary key);
  create table tiles (level integer not null, "index" integer not null, data blob not null, primary key (level, "index"));
  create table head (
    one integer primary key check (one = 1),
    size integer not null,
    root blob not null,
    instant integer not null,
    checkpoint text not null
  );
  create table cosigned (one integer primary key check (one = 1), size integer not null, note text not null);
  `,
];

const meta = `create table if not exists meta (key text primary key, value text not null) without rowid`;

/** Brings an empty or older file to the newest step. @throws store.newer */
export function migrate(connection: Connection, vault: Vault | null): void {
  connection.db.exec('begin immediate');
  try {
    bindEmpty(connection, vault);
    connection.db.exec(meta);
    const version = schemaVersion(connection);
    for (const step of steps.slice(version)) connection.db.exec(step);
    if (version < steps.length)
      connection.run(
        `insert into meta values ('schema', ?) on conflict (key) do update set value = excluded.value`,
        String(steps.length),
      );
    connection.db.exec('commit');
  } catch (error) {
    connection.rollback();
    throw error;
  }
}

/** The number of steps that the file has taken. @throws store.newer */
function schemaVersion(connection: Connection): number {
  const row = connection.get<{ value: string }>(`select value from meta where key = 'schema'`);
  const version = Number(row?.value ?? 0);
  if (version > steps.length)
    throw new Refusal('store.newer', { params: { store: version, known: steps.length } });
  return version;
}

/** That the file is a store, of this version where it cannot be brought there. @throws store.corrupt, store.newer */
export function checkSchema(
  connection: Connection,
  { exactly, also }: { readonly exactly: boolean; readonly also: () => void },
): void {
  connection.db.exec('begin');
  try {
    const known = connection.get(`select 1 from sqlite_schema where type = 'table' and name = 'meta'`);
    const version = known ? schemaVersion(connection) : 0;
    if (version === 0 || (exactly && version !== steps.length))
      throw new Refusal('store.corrupt', {
        detail: 'not a store, or one of an older version that was opened for reading',
      });
    also();
  } finally {
    connection.rollback();
  }
}
