/** What a fold is given, and the tables that it owns. */
import type { Instant } from '@parley/core/fields.ts';
import type { Part } from '@parley/core/parts.ts';
import type { StixObject } from '@parley/core/stix.ts';
import type { Kysely } from 'kysely';
import type { Spelling, StoredRecord } from '../log/ports.ts';

/** Short numbers stand for parties and rooms in most tables: given in the order of the log, from 1. */
export type PartyNo = number;
/** 0 means no room. */
export type RoomNo = number;

export interface Folding {
  readonly record: StoredRecord;
  /** By part number; null where it was erased. A fold of erased parts and their recall ends where the live one did. */
  readonly parts: readonly (Part | null)[];
  /** What admission parsed of a share, so that a live fold need not parse again. */
  readonly objects?: readonly StixObject[] | undefined;
}

/** Statements of its tables, in SQL that every store takes. A change of any of these changes the fold version. */
export interface TableSet {
  readonly create: (spelling: Spelling) => readonly string[];
  /** Dropped in this order; the digest covers the same tables, rows in the order of the key. */
  readonly tables: readonly { readonly name: string; readonly key: readonly string[] }[];
}

/**
 * An instant among those that the record has reserved. Admission counts what a statement makes visible
 * (`admission/span.ts`), and a fold places it: where the two disagree, rows would stand among those of the next record.
 */
export function instantIn({ index, instant, span }: StoredRecord, offset: number): Instant {
  if (offset >= span)
    throw new Error(`record ${index} has reserved ${span} instants, and needs ${offset + 1}`);
  return instant + offset;
}

export type Db<T> = Kysely<T>;
