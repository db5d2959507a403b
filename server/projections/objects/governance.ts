/** Who learns of a statement that is not content. Each kind's page in `spec/kinds/` says the same in words. */
import { isA, refOf, roomId } from '@parley/core/statement.ts';
import type { StoredRecord } from '../../log/ports.ts';
import type { Db, PartyNo } from '../folding.ts';
import { addHeading, governance, partyAudience } from './streams.ts';
import type { RoomAround, Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';

export async function foldGovernance(
  record: StoredRecord,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const { header, instant, index } = record;
  const tell = (room: number, audience: string, past = false) =>
    addHeading(db, governance(room, audience, past), instant, index);
  const tellParties = async (room: number, ids: readonly string[]) => {
    for (const id of new Set(ids)) await tell(room, partyAudience(await around.party(id)));
  };
  if (isA(header, 'centre.open/1')) return tell(0, 'public');
  if (isA(header, 'access.digest/1')) return tell(0, 'all');
  if (isA(header, 'party.found/1'))
    await tell(0, partyAudience(await around.inviter(header.body.invitation.key)));
  if (isA(header, 'room.open/1')) return tell((await around.room(roomId(refOf(header)))).no, 'room', true);
  if (header.room === undefined) return tellParties(0, [header.party]);

  const room = await around.room(header.room);
  if (isA(header, 'room.accept/1') || isA(header, 'room.leave/1') || isA(header, 'room.remove/1')) {
    const concerned = isA(header, 'room.remove/1') ? header.body.party : header.party;
    // Its own terms decide: a member that never agreed to be seen stays unseen until it accepts terms that show it.
    const { roster, past } = await around.accepted(room.no, concerned);
    if (roster) await tell(room.no, 'room', past);
    await tellParties(room.no, [room.owner, concerned]);
  } else if (isA(header, 'room.terms/1')) {
    await tell(room.no, 'room', true);
    await tellParties(room.no, await around.invited(room.no));
  } else if (isA(header, 'room.invite/1')) {
    await tellParties(room.no, [header.party, header.body.party]);
    await showTerms(instant + 1, room, await around.party(header.body.party), db);
  } else if (isA(header, 'room.withdraw/1')) await tellParties(room.no, [header.party, header.body.party]);
  else if (isA(header, 'room.decline/1')) await tellParties(room.no, [header.party, room.owner]);
  else if (isA(header, 'recall/1')) await tellParties(room.no, [header.party]);
  else if (isA(header, 'expiry/1') || isA(header, 'ask/1'))
    await tellParties(room.no, [header.party, header.body.target.party]);
  else if (isA(header, 'deny/1'))
    await tellParties(room.no, [header.party, (await around.ask(header.body.ask)).asker]);
  else if (isA(header, 'ack/1'))
    await tellParties(room.no, [header.party, await around.noticed(header.body.notice)]);
}

/**
 * Who is invited, or may read under a grant, sees the terms: the statement that opened the room, and those now offered.
 * @param position of the first of them
 */
export async function showTerms(
  position: number,
  room: RoomAround,
  to: PartyNo,
  db: Db<ObjectsTables>,
): Promise<void> {
  const stream = governance(room.no, partyAudience(to));
  for (const [k, index] of [...new Set([room.index, room.termsIndex])].entries()) {
    const known = await db
      .selectFrom('heading')
      .innerJoin('stream', 'stream.no', 'heading.stream')
      .select('idx')
      .where('idx', '=', index)
      .where('audience', '=', stream.audience)
      .executeTakeFirst();
    if (!known) await addHeading(db, stream, position + k, index);
  }
}
