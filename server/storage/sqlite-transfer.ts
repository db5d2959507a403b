/**
 * A database copied under another data key, or under one for the first time: table by table as it stands, each value
 * opened and sealed anew. One moment of the source, also beside a running centre.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { PartNumber } from '@parley/core/parts.ts';
import { type ConnectorTable, connectorGrant } from '../journals/tables.ts';
import type { Vault } from '../vault/vault.ts';
import { type ColumnSeals, journalSeals, projectionSeals } from './column-seals.ts';
import { type RecordBytes, recordSeal } from './record-seal.ts';
import { Connection, createFile } from './sqlite-connection.ts';
import { tokenMove } from './token-seal.ts';
import { bindEmpty, checkBinding } from './vault-binding.ts';

export interface End {
  readonly path: string;
  readonly vault: Vault | null;
}

type Row = Record<string, unknown>;
/** Null: the row stays behind. */
type Change = (row: Row) => Row | null;
/** How rows of a table change on the way; as they are where it gives nothing. */
type Changes = (table: string) => Change | null;

/** Rows of one transaction in the copy. */
const atOnce = 2_000;

/** @throws store.present, store.absent, encryption.… */
export function transferLog(from: End, to: End, progress: (rows: number) => void): void {
  transfer(from, to, logChanges(from.vault, to.vault), progress);
}

/** Sessions stay behind; tokens of connectors go on. @throws store.present, store.absent, store.corrupt, encryption.… */
export function transferJournals(from: End, to: End, progress: (rows: number) => void): void {
  const change = columnChange(journalSeals(from.vault), journalSeals(to.vault));
  const moved = tokenMove(from.vault, to.vault);
  const own: Readonly<Record<string, Change | null>> = {
    meta: null,
    sessions: () => null,
    connectors(row) {
      const connector = row as unknown as ConnectorTable;
      return change({ ...moved(connector, connectorGrant(connector)) });
    },
  };
  transfer(from, to, (table) => (Object.hasOwn(own, table) ? (own[table] ?? null) : change), progress);
}

function logChanges(from: Vault | null, to: Vault | null): Changes {
  const [old, next] = [recordSeal(from), recordSeal(to)];
  const projected = columnChange(projectionSeals(from), projectionSeals(to));
  const own: Readonly<Record<string, Change | null>> = {
    records(row) {
      const index = row.index as number;
      return { ...row, ...next.sealRecord(index, old.openRecord(index, row as unknown as RecordBytes)) };
    },
    parts(row) {
      if (row.bytes === null) return row;
      const number = row.number as PartNumber;
      return { ...row, ...next.sealPart(number, old.openPart(number, row as never)) };
    },
    ...{ meta: null, condemned: null, tiles: null, head: null, cosigned: null, projection: null },
  };
  return (table) => (Object.hasOwn(own, table) ? (own[table] ?? null) : projected);
}

function columnChange(old: ColumnSeals | null, next: ColumnSeals | null): Change {
  return (row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => {
        const plain = old ? old.open(value) : value;
        return [column, next ? next.seal(column, plain) : plain];
      }),
    );
}

function transfer(from: End, to: End, changes: Changes, progress: (rows: number) => void): void {
  createFile(to.path);
  const source = new Connection(from.path, { readOnly: true });
  try {
    const target = new Connection(to.path, { readOnly: false });
    try {
      source.db.exec('begin');
      checkBinding(source, from.vault, from.path);
      copyTables(source, target, to.vault, changes, progress);
    } finally {
      source.rollback();
      target.close();
    }
  } finally {
    source.close();
  }
}

function copyTables(
  source: Connection,
  target: Connection,
  vault: Vault | null,
  changes: Changes,
  progress: (rows: number) => void,
): void {
  const schema = source.all<{ type: string; name: string; sql: string }>(
    `select type, name, sql from sqlite_schema where sql is not null and name <> 'vault' order by type desc, name`,
  );
  inTransaction(target, () => {
    bindEmpty(target, vault);
    for (const { type, sql } of schema) if (type === 'table') target.db.exec(sql);
  });
  let rows = 0;
  for (const { type, name } of schema)
    if (type === 'table')
      for (const batch of batchesOf(source, name)) {
        inTransaction(target, () => insert(target, name, changed(batch, changes(name))));
        rows += batch.length;
        progress(rows);
      }
  inTransaction(target, () => {
    for (const { type, sql } of schema) if (type !== 'table') target.db.exec(sql);
  });
}

function changed(batch: readonly Row[], change: Change | null): readonly Row[] {
  return change ? batch.map(change).filter((row) => row !== null) : batch;
}

function* batchesOf(source: Connection, table: string): Generator<Row[]> {
  let batch: Row[] = [];
  for (const row of source.db.prepare(`select * from "${table}"`).iterate()) {
    batch.push(row as Row);
    if (batch.length < atOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function insert(target: Connection, table: string, rows: readonly Row[]): void {
  for (const row of rows) {
    const columns = Object.keys(row);
    const names = columns.map((column) => `"${column}"`).join(', ');
    const marks = columns.map(() => '?').join(', ');
    target.run(
      `insert into "${table}" (${names}) values (${marks})`,
      ...columns.map((column) => row[column] as SQLInputValue),
    );
  }
}

function inTransaction(connection: Connection, work: () => void): void {
  connection.db.exec('begin immediate');
  try {
    work();
    connection.db.exec('commit');
  } finally {
    connection.rollback();
  }
}
