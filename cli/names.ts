/**
 * What people type for a party, a room or a statement, resolved among what they may see. Names are chosen by
 * others, so two of the same name are never guessed between.
 */
import { Refusal } from '@parley/core/errors.ts';
import { partyId, type StatementRef, uuid } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { plain, short } from './format.ts';

export interface NamedParty {
  readonly party: PartyId;
  readonly name: string;
}

export interface NamedRoom {
  readonly room: string;
  readonly title: string | null;
}

/** A shorter one could be met by a party that somebody made for the purpose. */
const fewestDigits = 8;

/**
 * A fingerprint (groups and capitals do not count), at least eight of its first digits, or a name.
 * @throws party.unknown, command.usage for several
 */
export function partyNamed(text: string, known: readonly NamedParty[]): PartyId {
  const digits = text.replace(/\s/g, '').toLowerCase();
  if (partyId.safeParse(digits).success) return digits;
  // Both ways at once: who calls itself by the digits of another is not taken for it.
  const found = known.filter(({ party, name }) => sameName(name, text) || isPrefix(digits, party));
  const parties = [...new Set(found.map(({ party }) => party))];
  if (parties.length > 1)
    throw several(
      text,
      found.map(({ party, name }) => `${plain(name)} ${short(party)}`),
    );
  const [only] = parties;
  if (only === undefined)
    throw new Refusal('party.unknown', {
      detail: `"${text}"; give a fingerprint, 8 or more of its first digits, or a name of "parley party list"`,
    });
  return only;
}

/** An id, at least eight of its first digits, or a title. @throws room.unknown, command.usage for several */
export function roomNamed(text: string, known: readonly NamedRoom[]): string {
  const digits = text.trim().toLowerCase();
  if (uuid.safeParse(digits).success) return digits;
  const found = known.filter(
    ({ room, title }) => (title !== null && sameName(title, text)) || isPrefix(digits, room),
  );
  if (found.length > 1)
    throw several(
      text,
      found.map(({ room, title }) => `${plain(title ?? '')} ${short(room)}`),
    );
  const [only] = found;
  if (only === undefined)
    throw new Refusal('room.unknown', {
      detail: `"${text}"; give an id, 8 or more of its first digits, or a title of "parley room list"`,
    });
  return only.room;
}

/** What a statement is typed as: a whole reference, or what its id begins with, among those of a party or of all. */
export type TypedStatement =
  | { readonly ref: StatementRef }
  | { readonly party: string | null; readonly prefix: string };

/** @throws command.usage */
export function typedStatement(text: string): TypedStatement {
  const slash = text.lastIndexOf('/');
  const id = text
    .slice(slash + 1)
    .trim()
    .toLowerCase();
  const party = slash < 0 ? null : text.slice(0, slash).trim();
  if (party !== null && partyId.safeParse(party).success && uuid.safeParse(id).success)
    return { ref: { party, id } };
  if (party === '' || !/^[0-9a-f-]{8,36}$/.test(id))
    throw new Refusal('command.usage', {
      detail: `"${text}" is not PARTY/ID, nor 8 or more of the first digits of an ID`,
    });
  return { party, prefix: id };
}

/**
 * @param party the fingerprint of its author or the first digits of it, or null: anybody
 * @throws target.unknown, command.usage for several
 */
export async function statementAmong(
  prefix: string,
  party: string | null,
  seen: AsyncIterable<StatementRef>,
): Promise<StatementRef> {
  const found: StatementRef[] = [];
  // To the end, also for a whole id: another party may have used the same one.
  for await (const ref of seen)
    if (ref.id.startsWith(prefix) && (party === null || ref.party.startsWith(party))) found.push(ref);
  if (found.length > 1)
    throw several(
      prefix,
      found.map((ref) => `${short(ref.party)}/${ref.id}`),
    );
  const [only] = found;
  if (only === undefined) throw new Refusal('target.unknown', { detail: prefix });
  return only;
}

function isPrefix(digits: string, id: string): boolean {
  return digits.length >= fewestDigits && id.startsWith(digits);
}

function sameName(a: string, b: string): boolean {
  return normal(a) === normal(b);
}

function normal(name: string): string {
  return name.normalize('NFC').trim().toLocaleLowerCase('en');
}

function several(text: string, found: readonly string[]): Refusal {
  const shown = found.slice(0, 5).join('; ');
  return new Refusal('command.usage', {
    detail: `"${text}" can mean several: ${shown}${found.length > 5 ? '; …' : ''}`,
  });
}
