/** What statements are told with: names for parties and rooms, and the shape that the words of a kind have. */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { fingerprint, publicKeyFrom } from '@parley/core/keys.ts';
import type { BodyOf, KindName } from '@parley/core/kinds.ts';
import type { Desk } from './desk.ts';
import { named, partsWord, short, shortRef, titleOf } from './format.ts';

/** What it is called, and the words; without words it is left out. */
export type Row = readonly [string, string | null];

export interface Telling {
  readonly desk: Desk;
  readonly name: (party: string) => Promise<string>;
  /** With commas. */
  readonly names: (parties: readonly string[]) => Promise<string>;
  /** Which parts of which statement, and whose it is. */
  readonly of: (target: StatementRef, parts: readonly number[] | null) => Promise<string>;
  readonly room: (id: string) => Promise<string>;
  /** A text of the first part, where it is a small one of that kind; null: taken back, or none. */
  readonly text: (field: string) => string | null;
}

export type Words<K extends KindName> = (
  body: BodyOf<K>,
  telling: Telling,
) => readonly Row[] | Promise<readonly Row[]>;

/** Null: it speaks by its parts. */
export type AllWords = { readonly [K in KindName]: Words<K> | null };

/** @param part the first of the statement, where the viewer may have it */
export function tellingOf(desk: Desk, part: unknown): Telling {
  const name = async (party: string) => named(party, await desk.namesOf([party]));
  return {
    desk,
    name,
    names: async (parties) => (await Promise.all(parties.map(name))).join(', '),
    of: async (target, parts) => `${partsText(target, parts)}, said by ${await name(target.party)}`,
    room: (id) => roomText(desk, id),
    text: (field) => textIn(part, field),
  };
}

export async function roomText(desk: Desk, id: string): Promise<string> {
  const room = (await desk.rooms()).find((one) => one.room === id);
  return room?.terms ? `${titleOf(room)} (${short(id)})` : short(id);
}

/** The first digits of the device that a key makes, as lists of devices show it. */
export function deviceOf(key: string): string {
  return short(fingerprint(publicKeyFrom(key)));
}

/** `part #0, 2-4 of 3f2a91cc/0b7d8f60`, or the whole of it. */
export function partsText(target: StatementRef, parts: readonly number[] | null): string {
  return parts === null ? `all of ${shortRef(target)}` : `${partsWord(parts)} of ${shortRef(target)}`;
}

export function textIn(object: unknown, field: string): string | null {
  const fields: Readonly<Record<string, unknown>> =
    typeof object === 'object' && object !== null ? { ...object } : {};
  const value = fields[field];
  return typeof value === 'string' ? value : null;
}

/** What others speak of may not be there for this viewer. */
export function unlessAbsent(error: unknown): null {
  if (error instanceof Refusal && error.class === 'absent') return null;
  throw error;
}
