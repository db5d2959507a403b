/**
 * A person within what the viewer may see. The search runs here, over what was read and verified: the name goes to
 * nobody. Reading is recorded, and data on persons is read with a justification only.
 */
import { Refusal } from '@parley/core/errors.ts';
import type { Json } from '@parley/core/json.ts';
import type { ReadPart } from './answer.ts';
import type { Session } from './session.ts';

export interface Found {
  readonly part: ReadPart;
  /** Where in the object, as JSON pointers. */
  readonly fields: readonly string[];
}

export interface FindOptions {
  /** Ids of rooms. */
  readonly rooms: readonly string[];
  readonly onProgress?: (objects: number) => void;
}

/** @throws justification.needed, and what reading throws */
export async function* findPerson(
  session: Session,
  name: string,
  { rooms, onProgress }: FindOptions,
): AsyncGenerator<Found> {
  if (!session.current.justified)
    throw new Refusal('justification.needed', {
      detail: 'open the session with a justification: it is recorded with each read',
    });
  const words = wordsIn(name);
  if (words.length === 0) throw new Refusal('command.usage', { detail: 'expected a name' });
  let objects = 0;
  for (const room of rooms)
    for await (const part of session.parts(room)) {
      const fields = fieldsWith(part.object, words);
      onProgress?.(++objects);
      if (fields.length > 0) yield { part, fields };
    }
}

/** Letters and digits, without accents and capitals. */
export function wordsIn(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Places whose texts together hold every word: one text, or texts beside each other such as first and last name. */
export function fieldsWith(value: Json, words: readonly string[], at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: readonly (readonly [string, Json | undefined])[] = Object.entries(value);
  const hits = new Map<string, ReadonlySet<string>>();
  const deeper: string[] = [];
  for (const [key, child] of entries) {
    const place = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (typeof child === 'string') {
      const there = new Set(wordsIn(child));
      const found = new Set(words.filter((word) => there.has(word)));
      if (found.size > 0) hits.set(place, found);
    } else if (child !== undefined) deeper.push(...fieldsWith(child, words, place));
  }
  const whole = [...hits].filter(([, found]) => words.every((word) => found.has(word)));
  const together = words.every((word) => [...hits.values()].some((found) => found.has(word)));
  const here = whole.length > 0 ? whole.map(([place]) => place) : together ? [...hits.keys()] : [];
  return [...here, ...deeper];
}
