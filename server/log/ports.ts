/**
 * What the log asks of a store. Each adapter in `storage/` fulfils these natively and shortly; one suite tests all.
 * Projections get a plain Kysely on the same transaction.
 */
import type { Bytes } from '@parley/core/bytes.ts';
import type { Envelope } from '@parley/core/dsse.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import { type Part, type PartNumber, partNumber } from '@parley/core/parts.ts';
import type { RecordFields } from '@parley/core/record.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import type { Kysely } from 'kysely';

export interface Head {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Bytes;
  /** The first instant that no record has reserved. */
  readonly instant: Instant;
  /** The signed checkpoint of this size, a C2SP note without cosignatures. */
  readonly checkpoint: string;
}

export interface StoredRecord extends RecordFields {
  readonly envelope: Envelope;
  /** Parsed from the envelope's payload; canonical, so it is the payload. */
  readonly header: AnyHeader;
  /** Leaf hashes of the parts, 32 bytes each, in order. They stay when the parts are erased. */
  readonly leaves: Bytes;
}

export { type PartNumber, partNumber };

export interface LogReader {
  /** Null while the log has no record. */
  head(): Promise<Head | null>;
  /** Those that exist among the indexes, in rising order. */
  records(indexes: readonly number[]): Promise<StoredRecord[]>;
  /** Records `from` (inclusive) to `to` (exclusive), in order. */
  range(from: number, to: number): Promise<StoredRecord[]>;
  /** The index of a statement, or null. */
  find(ref: StatementRef): Promise<number | null>;
  /** The same for many, in their order. */
  findAll(refs: readonly StatementRef[]): Promise<(number | null)[]>;
  /** Those that are not erased. */
  parts(numbers: readonly PartNumber[]): Promise<Map<PartNumber, Part>>;
  /** The 32-byte commitments of records `from` to `to` (exclusive). */
  commitments(from: number, to: number): Promise<Bytes[]>;
  /** The hashes of a tile as wide as it is now, or null. Its prefixes are its earlier widths. */
  tile(level: number, index: number): Promise<Bytes | null>;
  /** The newest checkpoint with cosignatures, and its size; or null. */
  cosigned(): Promise<{ readonly size: number; readonly note: string } | null>;
  /** How many parts are condemned and not erased yet. */
  condemned(): Promise<number>;
}

export interface LogWriter extends LogReader {
  /** @param parts null where one was erased already, when the record comes from another store of the same log */
  append(record: StoredRecord, entry: Bytes, parts: readonly (Part | null)[]): Promise<void>;
  /** Writes the tile as it is now over its narrower self. */
  putTile(level: number, index: number, data: Bytes): Promise<void>;
  /** Compare-and-swap of the head, which must still be of `size` (0: none). @throws store.moved */
  advance(size: number, next: Head): Promise<void>;
  /** Does nothing when a larger size is there already. */
  putCosigned(size: number, note: string): Promise<void>;
  /** Hides bytes and salts of these parts for good: they are due for erasure from this commit on. */
  condemn(numbers: readonly PartNumber[]): Promise<void>;
  /** Erases up to `limit` condemned parts, oldest first. Returns those erased. */
  erase(limit: number): Promise<PartNumber[]>;
}

/** How a database spells what SQL leaves open, for the tables of projections and journals. */
export interface Spelling {
  /** A 64-bit key that the database counts up by itself. */
  readonly serial: string;
  readonly integer: string;
  readonly bytes: string;
  /** Ordered by its code points, whatever language the database was made for. */
  readonly text: string;
  /** What ends a table. */
  readonly table: string;
  /** What ends a table that is stored in the order of its key. */
  readonly keyed: string;
  /** How an index is kept that is asked for equality alone, of texts of any length. */
  readonly hashed: string;
  /** Among the columns of a table: what the fold sees to anyway, where an index can hold texts of any length. */
  readonly uniqueLong: (columns: string) => string;
}

/** What one moment of the store looks like. Nothing in it outlives the call. */
export interface Snapshot<DB> {
  readonly log: LogReader;
  readonly db: Kysely<DB>;
}

export interface Commit<DB> {
  readonly log: LogWriter;
  readonly db: Kysely<DB>;
  readonly spelling: Spelling;
  /** Runs the work; where it throws, what it wrote is undone and the error goes on. Nested or one after another. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

export interface Store<DB> {
  /** One consistent moment for all reads of the work; several run at once. Do not nest: they may be few. */
  snapshot<T>(work: (moment: Snapshot<DB>) => Promise<T>): Promise<T>;
  /**
   * One durable transaction; where the work throws, nothing of it is left. One at a time. When it throws and the work
   * did not, nobody knows whether it has persisted.
   */
  commit<T>(work: (transaction: Commit<DB>) => Promise<T>): Promise<T>;
  /**
   * Told that somebody else may have moved the head: another process on the same database. It may come late, twice,
   * or for nothing, and what is lost on the way does not come at all. @returns stops it
   */
  onMoved(listener: () => void): () => void;
  /**
   * Resolves when nothing of before stands in what the store keeps beside its rows, so that what was erased is gone
   * from there, too. Waits for readers of older moments, a running backup among them. @throws stopping
   */
  forget(): Promise<void>;
  close(): Promise<void>;
}
