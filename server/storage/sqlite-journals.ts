/** The journals in a SQLite file of their own: one connection writes, one reads what is committed. */
import { closeSync, openSync } from 'node:fs';
import type { JournalDb, JournalStore } from '../journals/ports.ts';
import type { JournalTables } from '../journals/tables.ts';
import type { Vault } from '../vault/vault.ts';
import { journalSeals } from './column-seals.ts';
import { kyselyOn } from './kysely-sqlite.ts';
import { Connection } from './sqlite-connection.ts';
import { journalSpelling } from './sqlite-spelling.ts';
import { tokenSeal } from './token-seal.ts';
import { bindEmpty, checkBinding } from './vault-binding.ts';

/**
 * Opens the file, and makes one that only its owner can read where there is none.
 * @throws store.corrupt, encryption.needed, encryption.wrong-key, encryption.absent
 */
export function sqliteJournals(path: string, vault: Vault | null = null): JournalStore {
  closeSync(openSync(path, 'a', 0o600));
  const opened: Connection[] = [];
  const close = () => {
    for (const connection of opened) connection.close();
  };
  try {
    const writer = new Connection(path, { readOnly: false });
    opened.push(writer);
    bind(writer, vault, path);
    const reader = new Connection(path, { readOnly: true });
    opened.push(reader);
    const seals = journalSeals(vault);
    const writing: JournalDb = kyselyOn<JournalTables>(writer.prepareWithin, seals);
    return {
      tokens: tokenSeal(vault),
      db: kyselyOn<JournalTables>(reader.prepare, seals),
      spelling: journalSpelling,
      transaction: (work) => writer.transaction(() => work(writing)),
      close: async () => close(),
    };
  } catch (error) {
    close();
    throw error;
  }
}

function bind(connection: Connection, vault: Vault | null, path: string): void {
  connection.db.exec('begin immediate');
  try {
    bindEmpty(connection, vault);
    if (connection.get('select 1 from sqlite_schema')) checkBinding(connection, vault, path);
    connection.db.exec('commit');
  } finally {
    connection.rollback();
  }
}

/** Ends all sessions of journals that nobody has open. @throws store.absent */
export function endAllSessions(path: string): void {
  const connection = new Connection(path, { readOnly: false });
  try {
    connection.db.exec('delete from sessions');
  } finally {
    connection.close();
  }
}

/** One moment of journals that somebody else may write. @throws store.absent, and as `sqliteJournals` */
export async function readSqliteJournals<T>(
  path: string,
  vault: Vault | null,
  work: (db: JournalDb) => Promise<T>,
): Promise<T> {
  const connection = new Connection(path, { readOnly: true });
  try {
    return await connection.moment(() => {
      checkBinding(connection, vault, path);
      return work(kyselyOn<JournalTables>(connection.prepareWithin, journalSeals(vault)));
    });
  } finally {
    connection.close();
  }
}
