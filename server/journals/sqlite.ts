/** The journals in a SQLite file of their own: one connection writes, one reads what is committed. */
import { closeSync, openSync, rmSync } from 'node:fs';
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite';
import { Refusal } from '@parley/core/errors.ts';
import type { Kysely } from 'kysely';
import type { JournalStore } from './ports.ts';
import type { JournalTables, Spelling } from './tables.ts';

/** Storage owns how Kysely meets SQLite; whoever wires the centre passes it in. */
export type KyselyOn = <DB>(prepare: (sql: string) => StatementSync) => Kysely<DB>;

const spelling: Spelling = {
  serial: 'integer primary key',
  integer: 'integer',
  bytes: 'blob',
  table: 'strict',
  keyed: 'strict, without rowid',
};

/**
 * `synchronous = FULL`: an access is on the disk before what was read leaves. `secure_delete`: an ended session is
 * gone. `temp_store`: sorting leaves nothing in temporary files. `fullfsync` matters on macOS alone.
 */
const settings = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma fullfsync = on;
  pragma checkpoint_fullfsync = on;
  pragma secure_delete = on;
  pragma temp_store = memory;
`;

/** Milliseconds to wait for a command on the same machine that writes. */
const patience = 5_000;
/** Queries come from the code alone and are few, but an insert of n rows is one for each n. */
const keptStatements = 256;

/** Opens the file, and makes one that only its owner can read where there is none. @throws store.corrupt */
export function sqliteJournals(path: string, kyselyOn: KyselyOn): JournalStore {
  closeSync(openSync(path, 'a', 0o600));
  const writer = connect(path, false);
  const reader = connect(path, true);
  const writing = kyselyOn<JournalTables>(prepared(writer));
  return {
    db: kyselyOn<JournalTables>(prepared(reader)),
    spelling,
    transaction: (work) => inTransaction(writer, () => work(writing)),
    backupTo: (to) => copyJournals(path, to),
    close: async () => {
      reader.close();
      writer.close();
    },
  };
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly, timeout: patience });
  try {
    if (!readOnly) database.exec(settings);
    return database;
  } catch (cause) {
    database.close();
    throw new Refusal('store.corrupt', { at: path, detail: 'SQLite cannot read it', cause });
  }
}

function prepared(database: DatabaseSync): (sql: string) => StatementSync {
  const kept = new Map<string, StatementSync>();
  return (sql) => {
    const statement = kept.get(sql) ?? database.prepare(sql);
    if (kept.size >= keptStatements) kept.clear();
    kept.set(sql, statement);
    return statement;
  };
}

async function inTransaction<T>(database: DatabaseSync, work: () => Promise<T>): Promise<T> {
  database.exec('begin immediate');
  try {
    const result = await work();
    database.exec('commit');
    return result;
  } finally {
    // SQLite may have ended it by itself, as it does when the disk is full.
    if (database.isTransaction) database.exec('rollback');
  }
}

/**
 * An online copy of one moment, also beside a running centre. By a connection of its own and in one step: what is
 * written meanwhile neither waits for it nor starts it again.
 * @throws store.present, store.corrupt
 */
export async function copyJournals(from: string, to: string): Promise<void> {
  createFile(to);
  const database = connect(from, true);
  try {
    await backup(database, to, { rate: 0x7fffffff });
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  } finally {
    database.close();
  }
}

function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw new Refusal('store.present', { at: path });
    throw cause;
  }
}
