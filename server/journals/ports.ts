/** What the journals ask of a database. Each adapter fulfils it shortly; everything above is a plain Kysely. */
import type { Kysely } from 'kysely';
import type { JournalTables, Spelling } from './tables.ts';

export type JournalDb = Kysely<JournalTables>;

export interface JournalStore {
  /** For reading. Shows what is committed, never the inside of a transaction. */
  readonly db: JournalDb;
  readonly spelling: Spelling;
  /**
   * One transaction, durable when it resolves; where the work throws, nothing of it is left. Its caller runs one at
   * a time. The work uses no other `JournalDb` than the one it is given, and waits for nothing but that.
   */
  transaction<T>(work: (db: JournalDb) => Promise<T>): Promise<T>;
  /** An online copy of one moment. @throws store.present when something is at the path */
  backupTo(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Writes together with whatever else waits. Resolves when it is durable; what it throws undoes it alone. */
export type Commit = <T>(work: (db: JournalDb) => Promise<T>) => Promise<T>;
