/** Rows of the journals as a copy sees them: by their keys, and as one text that is the same in every store. */
import { base64 } from '@parley/core/bytes.ts';
import type { Kysely } from 'kysely';
import type { JournalDb } from '../journals/ports.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Tables whose rows change or go, with their keys. They are small, or bounded. */
export const changeable = {
  connectors: ['device'],
  staged: ['file'],
  erasures: ['record'],
  attempts: ['concerned', 'hour', 'speaker', 'what', 'code'],
  connector_refusals: ['device', 'hour', 'route', 'code', 'rule'],
  challenges: ['nonce'],
} as const;
export type Changeable = keyof typeof changeable;

/** Tables to which rows are only added, with their keys, which are numbers. */
export const growing = {
  accesses: ['id'],
  access_records: ['block', 'access'],
  digests: ['since'],
  digest_leaves: ['since', 'position'],
} as const;
export type Growing = keyof typeof growing;

/** By names that are known only when it runs. */
export function named(db: JournalDb): Kysely<Record<string, Record<string, unknown>>> {
  return db as unknown as Kysely<Record<string, Record<string, unknown>>>;
}

export function rowsOf(db: JournalDb, table: Changeable): Promise<Row[]> {
  return named(db).selectFrom(table).selectAll().execute();
}

export function keyOf(table: Changeable, row: Row): string {
  return textOf(Object.fromEntries(changeable[table].map((column) => [column, row[column]])));
}

/** Columns by their names: a table that has grown has them in another order. */
export function textOf(row: Row): string {
  const columns = Object.keys(row).sort();
  return JSON.stringify(columns.map((column) => [column, comparable(row[column])]));
}

function comparable(value: unknown): unknown {
  return value instanceof Uint8Array ? { bytes: base64(value) } : value;
}
