/** What the journals ask of a database. Each adapter fulfils it shortly; everything above is a plain Kysely. */
import type { Bytes } from '@parley/core/bytes.ts';
import type { Kysely } from 'kysely';
import type { Spelling } from '../log/ports.ts';
import type { JournalTables } from './tables.ts';

export type JournalDb = Kysely<JournalTables>;

/** What a row of a token grants, beginning with the table's name. */
export type Grant = readonly (string | number | null)[];

/** What stands of a token in a row. */
export interface TokenRow {
  readonly token: Uint8Array;
  readonly seal: Uint8Array | null;
}

/** What is kept of tokens, so that neither who reads the journals nor who writes into them holds one. */
export interface TokenSeal {
  /** What the row of a token is found by. */
  lookup(token: string): Bytes;
  /** Binds the token to what its row grants; null: nothing does, in a store without a vault. */
  seal(token: string, grant: Grant): Bytes | null;
  /** Whether a row that grants this was written by who has the key, and is as it was. */
  holds(row: TokenRow, grant: Grant): boolean;
}

export interface JournalStore {
  readonly tokens: TokenSeal;
  /** For reading. Shows what is committed, never the inside of a transaction. */
  readonly db: JournalDb;
  readonly spelling: Spelling;
  /**
   * One transaction, durable when it resolves; where the work throws, nothing of it is left. Its caller runs one at
   * a time. The work uses no other `JournalDb` than the one it is given, and waits for nothing but that.
   */
  transaction<T>(work: (db: JournalDb) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Writes together with whatever else waits. Resolves when it is durable; what it throws undoes it alone. */
export type Commit = <T>(work: (db: JournalDb) => Promise<T>) => Promise<T>;
