/** What every rule is given: one checked statement, its speaker, and the time of the record that it would become. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { type Part, partNumber } from '@parley/core/parts.ts';
import type { Header } from '@parley/core/statement.ts';
import type { StixObject } from '@parley/core/stix.ts';
import type { StoredRecord } from '../log/ports.ts';
import type { PartyState, Readers, RoomState, StandingState } from './readers.ts';

export interface Saying<K extends KindName = KindName> {
  readonly header: Header<K>;
  readonly parts: readonly Part[];
  readonly objects: readonly StixObject[];
  /** Null only for statements that found a party. */
  readonly party: PartyState | null;
  readonly instant: Instant;
  readonly readers: Readers;
}

/** What a rule may add to the record. */
export interface Verdict {
  /** Parts that a grant opens, or who supervises. */
  readonly granted?: number;
  /** Holds that stand on what it opens. */
  readonly held?: number;
}

export type RuleOf<K extends KindName> = (saying: Saying<K>) => Promise<Verdict | undefined>;

/** The room that the header names, where the speaker's party stands or stood in it. @throws room.unknown */
export async function roomOf(saying: Saying): Promise<{ room: RoomState; standing: StandingState }> {
  const { header, readers } = saying;
  const room = await readers.room(header.room ?? '');
  const standing = room ? await readers.standing(room.no, header.party) : null;
  if (!room || !standing) throw new Refusal('room.unknown', { at: '/room' });
  return { room, standing };
}

/** @throws room.unknown, room.not-member, room.suspended, room.observer */
export async function memberOf(saying: Saying): Promise<{ room: RoomState; standing: StandingState }> {
  const found = await roomOf(saying);
  standsIn(found.standing);
  if (found.standing.role !== 'member')
    throw new Refusal('room.observer', {
      at: '/room',
      detail: `the party stands in it as ${found.standing.role}`,
    });
  return found;
}

/** As a member, an observer or a supervisor. @throws room.not-member, room.suspended */
export function standsIn({ state }: StandingState): void {
  if (state === 'suspended') throw new Refusal('room.suspended', { at: '/room' });
  if (state !== 'member') throw new Refusal('room.not-member', { at: '/room' });
}

/** @throws room.unknown, room.not-owner */
export async function ownerOf(saying: Saying): Promise<RoomState> {
  const { room } = await roomOf(saying);
  if (room.owner !== saying.header.party) throw new Refusal('room.not-owner', { at: '/room' });
  return room;
}

/** The record of a statement that the body refers to. @throws target.unknown */
export async function recordOf(ref: StatementRef, at: string, readers: Readers): Promise<StoredRecord> {
  const index = await readers.find(ref);
  const [record] = index === null ? [] : await readers.log.records([index]);
  if (!record) throw new Refusal('target.unknown', { at });
  return record;
}

/**
 * A statement of the speaker's own.
 * @throws target.not-author, target.unknown
 */
export async function ownTarget(saying: Saying, ref: StatementRef): Promise<StoredRecord> {
  if (ref.party !== saying.header.party) throw new Refusal('target.not-author', { at: '/body/target' });
  return recordOf(ref, '/body/target', saying.readers);
}

/** The header names the room in which the target was said. @throws header.room */
export function sameRoom({ header }: Saying, target: StoredRecord): void {
  if (target.header.room !== header.room)
    throw new Refusal('header.room', { at: '/room', detail: 'the target was said in another room' });
}

/**
 * That the parts a body names are there, or all, and that not every one of them was taken back.
 * @throws target.unknown (no such part), target.recalled (none is left)
 */
export async function checkPartsLeft(
  target: StoredRecord,
  named: readonly number[] | null,
  readers: Readers,
): Promise<void> {
  const count = target.header.parts?.count ?? 0;
  const wanted = named ?? Array.from({ length: count }, (_, n) => n);
  if (wanted.some((n) => n >= count))
    throw new Refusal('target.unknown', { at: '/body/parts', params: { count } });
  const taken = await readers.taken(wanted.map((n) => partNumber(target.index, n)));
  if (wanted.every((n) => taken.has(partNumber(target.index, n))))
    throw new Refusal('target.recalled', { at: '/body/target' });
}
