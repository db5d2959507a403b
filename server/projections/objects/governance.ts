/** Who learns of a statement that is not content. Each kind's page in `spec/kinds/` says the same in words. */
import { type AnyHeader, type Header, isA, refOf, roomId } from '@parley/core/statement.ts';
import type { StoredRecord } from '../../log/ports.ts';
import type { Db, PartyNo } from '../folding.ts';
import { concernedByRecovery } from './recovery.ts';
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
  if (isA(header, 'centre.open/1') || isA(header, 'centre.accredit/1') || isA(header, 'centre.succeed/1'))
    return tell(0, 'public');
  if (isA(header, 'access.digest/1')) return tell(0, 'all');
  // Who observes is bound by terms, too.
  if (isA(header, 'room.open/1'))
    return tell((await around.room(roomId(refOf(header)))).no, 'observers', true);
  if (header.room === undefined)
    return tellParties(0, [header.party, ...(await concernedByRecovery(header, around))]);

  const room = await around.room(header.room);
  const concerned = comesOrGoes(header);
  if (concerned !== null) {
    // Its own terms decide: a member that never agreed to be seen stays unseen until it accepts terms that show it.
    // Who observes or supervises is no secret to those it observes.
    const { roster, past, role } = await around.accepted(room.no, concerned);
    if (role === 'supervisor') await tell(room.no, 'observers', past);
    else if (roster || role === 'observer') await tell(room.no, 'room', past);
    await tellParties(room.no, [room.owner, concerned]);
  } else if (isA(header, 'room.terms/1')) {
    await tell(room.no, 'observers', true);
    await tellParties(room.no, await around.outside(room.no));
  } else if (isA(header, 'room.invite/1')) {
    await tellParties(room.no, [header.party, header.body.party]);
    await showTerms(instant + 1, room, await around.party(header.body.party), db);
  } else if (isA(header, 'room.withdraw/1')) await tellParties(room.no, [header.party, header.body.party]);
  else if (isA(header, 'room.decline/1')) await tellParties(room.no, [header.party, room.owner]);
  else if (
    isA(header, 'undertaking.state/1') ||
    isA(header, 'undertaking.suspend/1') ||
    isA(header, 'undertaking.resume/1')
  ) {
    // Such terms show who is in.
    await tell(room.no, 'room', (await around.accepted(room.no, header.party)).past);
    await tellParties(room.no, [header.party, room.owner, await otherSide(header, around)]);
  } else if (isA(header, 'recall/1')) await tellParties(room.no, [header.party]);
  else if (isA(header, 'expiry/1') || isA(header, 'ask/1'))
    await tellParties(room.no, [header.party, header.body.target.party]);
  else if (isA(header, 'deny/1'))
    await tellParties(room.no, [header.party, (await around.ask(header.body.ask)).asker]);
  else if (isA(header, 'subject.request/1'))
    await tellParties(room.no, [header.party, header.body.target.party]);
  else if (isA(header, 'subject.answer/1'))
    await tellParties(room.no, [header.party, header.body.request.party]);
  else if (
    isA(header, 'complaint.lodge/1') ||
    isA(header, 'complaint.answer/1') ||
    isA(header, 'supervision.open/1')
  )
    await tellParties(room.no, await concernedByComplaint(header, around));
  else if (isA(header, 'ack/1'))
    await tellParties(room.no, [header.party, await around.noticed(header.body.notice)]);
}

/** Who lodged it, whom it is about and who decides it; of an opening, whose the content is, too. */
async function concernedByComplaint(
  header: Header<'complaint.lodge/1'> | Header<'complaint.answer/1'> | Header<'supervision.open/1'>,
  around: Surroundings,
): Promise<readonly string[]> {
  const ref = isA(header, 'complaint.lodge/1') ? refOf(header) : header.body.complaint;
  const { author, about, supervisor, statement } = await around.complaint(ref);
  const decides = supervisor === null ? [] : [supervisor];
  if (!isA(header, 'supervision.open/1')) return [author, about, ...decides];
  const { target } = header.body;
  // Who complained of a party in general need not know of what is opened.
  const knows = target.party === author || (await around.find(target)) === statement;
  return [header.party, about, target.party, ...(knows ? [author] : [])];
}

/** Whose place in the room the statement changes; null: nobody's. */
function comesOrGoes(header: AnyHeader): string | null {
  if (isA(header, 'room.accept/1') || isA(header, 'room.leave/1')) return header.party;
  if (isA(header, 'room.remove/1') || isA(header, 'room.suspend/1') || isA(header, 'room.restore/1'))
    return header.body.party;
  return null;
}

/** Who owes what is stated, or from whom something is withheld. */
async function otherSide(
  header: Header<'undertaking.state/1'> | Header<'undertaking.suspend/1'> | Header<'undertaking.resume/1'>,
  around: Surroundings,
): Promise<string> {
  if (isA(header, 'undertaking.state/1')) return header.body.by;
  if (isA(header, 'undertaking.suspend/1')) return header.body.from;
  return around.suspendedFrom(header.body.suspension);
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
