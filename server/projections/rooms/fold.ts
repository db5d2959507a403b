import { base64, fromUtf8 } from '@parley/core/bytes.ts';
import type { RoomRole } from '@parley/core/kinds.ts';
import { partLeaf } from '@parley/core/parts.ts';
import { isA, refOf, roomId } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import type { Db, Folding, RoomNo } from '../folding.ts';
import type { RoomsTables } from './tables.ts';

export async function foldRooms(folding: Folding, db: Db<RoomsTables>): Promise<void> {
  const { header } = folding.record;
  if (isA(header, 'room.open/1')) return open(folding, db);
  if (header.room === undefined || !header.kind.startsWith('room.')) return;
  const room = await db
    .selectFrom('room')
    .selectAll()
    .where('id', '=', header.room)
    .executeTakeFirstOrThrow();
  if (isA(header, 'room.terms/1')) await change(folding, room.no, db);
  else if (isA(header, 'room.invite/1'))
    await invite(folding, room.no, header.body.party, header.body.as ?? 'member', db);
  else if (isA(header, 'room.withdraw/1')) await stand(folding, room.no, header.body.party, 'withdrawn', db);
  else if (isA(header, 'room.accept/1')) await accept(folding, room, db);
  else if (isA(header, 'room.decline/1')) await decline(folding, room.no, db);
  else if (isA(header, 'room.leave/1')) await leave(folding, room, header.party, db);
  else if (isA(header, 'room.remove/1')) await leave(folding, room, header.body.party, db);
  else if (isA(header, 'room.suspend/1')) await suspend(folding, room, header.body.party, db);
  else if (isA(header, 'room.restore/1')) await restore(folding, room, header.body.party, db);
}

async function open(folding: Folding, db: Db<RoomsTables>): Promise<void> {
  const { index, header, instant } = folding.record;
  const last = await db.selectFrom('room').select('no').orderBy('no', 'desc').limit(1).executeTakeFirst();
  const { hash, text } = termsOf(folding);
  const room = {
    no: (last?.no ?? 0) + 1,
    id: roomId(refOf(header)),
    idx: index,
    owner: header.party,
    terms_idx: index,
    terms_hash: hash,
    terms: text,
    gen: 1,
  };
  await db.insertInto('room').values(room).execute();
  await db
    .insertInto('standing')
    .values({
      room: room.no,
      party: header.party,
      state: 'member',
      role: 'member',
      suspended: 0,
      since: instant,
      invited_idx: null,
      accepted_idx: index,
      accepted_hash: hash,
      accepted: text,
      agreed_at: agreedAt(null, text, instant),
      epoch: instant,
    })
    .execute();
  await db
    .insertInto('stay')
    .values({
      room: room.no,
      party: header.party,
      role: 'member',
      from_at: instant,
      from_gen: 1,
      to_at: null,
      to_gen: null,
    })
    .execute();
}

/** New terms bind the owner at once, who offers them, and each member when it accepts. */
async function change(folding: Folding, room: RoomNo, db: Db<RoomsTables>): Promise<void> {
  const { index, header, instant } = folding.record;
  const { hash, text } = termsOf(folding);
  await db
    .updateTable('room')
    .set({ terms_idx: index, terms_hash: hash, terms: text })
    .where('no', '=', room)
    .execute();
  const agreed_at = agreedAt(await standingOf(db, room, header.party), text, instant);
  await db
    .updateTable('standing')
    .set({ accepted_idx: index, accepted_hash: hash, accepted: text, agreed_at, epoch: instant })
    .where('room', '=', room)
    .where('party', '=', header.party)
    .execute();
}

/** Nothing that was said before becomes visible by an invitation: the epoch stays where it was. */
async function invite(
  folding: Folding,
  room: RoomNo,
  party: string,
  role: RoomRole,
  db: Db<RoomsTables>,
): Promise<void> {
  const { index, instant } = folding.record;
  const state = { state: 'invited' as const, role, since: instant, invited_idx: index };
  await db
    .insertInto('standing')
    .values({
      room,
      party,
      ...state,
      suspended: 0,
      accepted_idx: null,
      accepted_hash: null,
      accepted: null,
      agreed_at: null,
      epoch: 0,
    })
    .onConflict((conflict) => conflict.columns(['room', 'party']).doUpdateSet(state))
    .execute();
}

async function stand(
  folding: Folding,
  room: RoomNo,
  party: string,
  state: RoomsTables['standing']['state'],
  db: Db<RoomsTables>,
): Promise<void> {
  await db
    .updateTable('standing')
    .set({ state, since: folding.record.instant })
    .where('room', '=', room)
    .where('party', '=', party)
    .execute();
}

async function accept(folding: Folding, room: RoomsTables['room'], db: Db<RoomsTables>): Promise<void> {
  const { header, instant } = folding.record;
  const standing = await standingOf(db, room.no, header.party);
  const enters = standing.state !== 'member';
  await db
    .updateTable('standing')
    .set({
      state: 'member',
      suspended: 0,
      since: enters ? instant : standing.since,
      accepted_idx: room.terms_idx,
      accepted_hash: room.terms_hash,
      accepted: room.terms,
      agreed_at: agreedAt(standing, room.terms, instant),
      epoch: instant,
    })
    .where('room', '=', room.no)
    .where('party', '=', header.party)
    .execute();
  if (enters) await enter(folding, room, header.party, standing.role, db);
}

/** Who supervises is not in: it sees nothing of what members say. */
async function enter(
  folding: Folding,
  room: RoomsTables['room'],
  party: string,
  role: RoomRole,
  db: Db<RoomsTables>,
): Promise<void> {
  if (role === 'supervisor') return;
  const gen = await nextGeneration(room, db);
  const from = { from_at: folding.record.instant, from_gen: gen, to_at: null, to_gen: null };
  await db
    .insertInto('stay')
    .values({ room: room.no, party, role, ...from })
    .execute();
}

/** A member that declines new terms stays under the old ones; who was invited is out. */
async function decline(folding: Folding, room: RoomNo, db: Db<RoomsTables>): Promise<void> {
  const { party } = folding.record.header;
  const standing = await standingOf(db, room, party);
  if (standing.state === 'invited') await stand(folding, room, party, 'declined', db);
}

async function leave(
  folding: Folding,
  room: RoomsTables['room'],
  party: string,
  db: Db<RoomsTables>,
): Promise<void> {
  const { role, state } = await standingOf(db, room.no, party);
  await stand(folding, room.no, party, 'left', db);
  if (role !== 'supervisor' && state === 'member') await endStay(folding, room, party, db);
}

/** Its role, what it accepted and what it said stay. By leaving it would otherwise open again what was passed on to it. */
async function suspend(
  folding: Folding,
  room: RoomsTables['room'],
  party: string,
  db: Db<RoomsTables>,
): Promise<void> {
  await stand(folding, room.no, party, 'suspended', db);
  await db
    .updateTable('standing')
    .set({ suspended: 1 })
    .where('room', '=', room.no)
    .where('party', '=', party)
    .execute();
  await endStay(folding, room, party, db);
}

/** What was said meanwhile stays hidden, unless the speaker's terms show the past. */
async function restore(
  folding: Folding,
  room: RoomsTables['room'],
  party: string,
  db: Db<RoomsTables>,
): Promise<void> {
  const { instant } = folding.record;
  const { role } = await standingOf(db, room.no, party);
  await db
    .updateTable('standing')
    .set({ state: 'member', suspended: 0, since: instant, epoch: instant })
    .where('room', '=', room.no)
    .where('party', '=', party)
    .execute();
  await enter(folding, room, party, role, db);
}

async function endStay(
  folding: Folding,
  room: RoomsTables['room'],
  party: string,
  db: Db<RoomsTables>,
): Promise<void> {
  const gen = await nextGeneration(room, db);
  await db
    .updateTable('stay')
    .set({ to_at: folding.record.instant, to_gen: gen })
    .where('room', '=', room.no)
    .where('party', '=', party)
    .where('to_at', 'is', null)
    .execute();
}

async function nextGeneration(room: RoomsTables['room'], db: Db<RoomsTables>): Promise<number> {
  const gen = room.gen + 1;
  await db.updateTable('room').set({ gen }).where('no', '=', room.no).execute();
  return gen;
}

function standingOf(db: Db<RoomsTables>, room: RoomNo, party: string) {
  return db
    .selectFrom('standing')
    .selectAll()
    .where('room', '=', room)
    .where('party', '=', party)
    .executeTakeFirstOrThrow();
}

/** Terms that name the same supervisor as those before go on with them. */
function agreedAt(
  before: Pick<RoomsTables['standing'], 'accepted' | 'agreed_at'> | null,
  text: string,
  instant: number,
): number | null {
  const named = (terms: string) => (JSON.parse(terms) as Terms).supervisor ?? null;
  const supervisor = named(text);
  if (supervisor === null) return null;
  const same = before?.accepted != null && named(before.accepted) === supervisor;
  return same ? before.agreed_at : instant;
}

/** Terms are never taken back: members' acceptances name them. */
function termsOf(folding: Folding): { hash: string; text: string } {
  const part = folding.parts[0];
  if (!part) throw new Error(`record ${folding.record.index} lacks its terms`);
  return { hash: base64(partLeaf(part)), text: fromUtf8(part.bytes) };
}
