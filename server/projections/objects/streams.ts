/** Interning of streams: the class of handling under which something becomes visible. */

import type { StoredRecord } from '../../log/ports.ts';
import { prepared } from '../../log/prepared.ts';
import { type Db, instantIn, type PartyNo, type RoomNo } from '../folding.ts';
import type { Audience, ObjectsTables } from './tables.ts';

export interface StreamClass {
  readonly room: RoomNo;
  readonly audience: Audience;
  readonly purposes: string;
  readonly personal: boolean;
  readonly past: boolean;
}

export const anyPurpose = '';

export function purposeSet(purposes: readonly string[]): string {
  return [...purposes].sort().join(',');
}

/** Governance addressed to one party, or to all members of a room. */
export function governance(room: RoomNo, audience: Audience, past = false): StreamClass {
  return { room, audience, purposes: anyPurpose, personal: false, past };
}

export function partyAudience(party: PartyNo): Audience {
  return `party:${party}`;
}

export function authorStream(room: RoomNo, party: PartyNo): StreamClass {
  return { room, audience: `author:${party}`, purposes: anyPurpose, personal: false, past: false };
}

export function grantStream(room: RoomNo, party: PartyNo, purposes: string, personal: boolean): StreamClass {
  return { room, audience: `grant:${party}`, purposes, personal, past: false };
}

const streamOf = prepared(
  (
    db: Db<ObjectsTables>,
    at: { room: number; audience: Audience; purposes: string; personal: number; past: number },
  ) =>
    db
      .selectFrom('stream')
      .select('no')
      .where('room', '=', at.room)
      .where('audience', '=', at.audience)
      .where('purposes', '=', at.purposes)
      .where('personal', '=', at.personal)
      .where('past', '=', at.past),
);

export async function findStream(db: Db<ObjectsTables>, key: StreamClass): Promise<number | null> {
  const { room, audience, purposes, personal, past } = key;
  const about = { room, audience, purposes, personal: Number(personal), past: Number(past) };
  const [row] = await streamOf(db, about);
  return row?.no ?? null;
}

/** @param maker the party whose share or grant it is; 0 for governance */
export async function internStream(
  db: Db<ObjectsTables>,
  key: StreamClass,
  maker: PartyNo = 0,
): Promise<number> {
  const known = await findStream(db, key);
  if (known !== null) return known;
  const last = await db.selectFrom('stream').select('no').orderBy('no', 'desc').limit(1).executeTakeFirst();
  const no = (last?.no ?? 0) + 1;
  const { room, audience, purposes, personal, past } = key;
  await db
    .insertInto('stream')
    .values({ no, room, audience, purposes, personal: Number(personal), past: Number(past), maker })
    .execute();
  return no;
}

/**
 * @param record that makes it visible, at this one of its instants
 * @param idx what becomes visible: that record itself, or another
 */
export async function addHeading(
  db: Db<ObjectsTables>,
  key: StreamClass,
  record: StoredRecord,
  offset = 0,
  idx = record.index,
): Promise<void> {
  const stream = await internStream(db, key);
  const position = instantIn(record, offset);
  await db.insertInto('heading').values({ stream, position, idx }).execute();
}
