import { instantOf, type StatementRef } from '@parley/core/fields.ts';
import { isA } from '@parley/core/statement.ts';
import type { Db, Folding } from '../folding.ts';
import type { ComplaintsTables } from './tables.ts';

/**
 * @param find the index of a statement that the log holds
 * @param supervisorOf who now supervises a room, or null
 */
export async function foldComplaints(
  { record: { header, index: idx, instant: at } }: Folding,
  db: Db<ComplaintsTables>,
  find: (ref: StatementRef) => Promise<number>,
  supervisorOf: (room: string) => Promise<string | null>,
): Promise<void> {
  const room = header.room ?? '';
  if (isA(header, 'complaint.lodge/1')) {
    const { about, statement } = header.body;
    const supervisor = await supervisorOf(room);
    await db
      .insertInto('complaint')
      .values({
        idx,
        room,
        author: header.party,
        about,
        statement: statement && (await find(statement)),
        // Nobody decides what is complained of itself.
        supervisor: supervisor === about ? null : supervisor,
        at,
      })
      .execute();
  } else if (isA(header, 'complaint.answer/1')) {
    const { complaint, verdict } = header.body;
    await db
      .insertInto('complaint_answer')
      .values({ idx, complaint: await find(complaint), party: header.party, verdict, at })
      .execute();
  } else if (isA(header, 'supervision.open/1')) {
    const { complaint, target, parts, until } = header.body;
    await db
      .insertInto('opening')
      .values({
        idx,
        complaint: await find(complaint),
        supervisor: header.party,
        target: await find(target),
        parts: parts && JSON.stringify(parts),
        until: instantOf(until),
        at,
      })
      .execute();
  }
}
