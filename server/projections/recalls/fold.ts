import type { StatementRef } from '@parley/core/fields.ts';
import { isA } from '@parley/core/statement.ts';
import type { Db, Folding } from '../folding.ts';
import type { RecallsTables } from './tables.ts';

/** @param find the index of a statement that the log holds */
export async function foldRecalls(
  folding: Folding,
  db: Db<RecallsTables>,
  find: (ref: StatementRef) => Promise<number>,
): Promise<void> {
  const { header, index, instant } = folding.record;
  const room = header.room ?? '';
  if (isA(header, 'recall/1') || isA(header, 'expiry/1')) {
    const { target } = header.body;
    const [cause, parts, from = null] = isA(header, 'recall/1')
      ? (['recall', header.body.parts, header.body.from] as const)
      : (['expiry', null] as const);
    await db
      .insertInto('recall')
      .values({
        idx: index,
        room,
        party: target.party,
        target: await find(target),
        cause,
        parts: parts && JSON.stringify(parts),
        from_parties: from && JSON.stringify(from),
        at: instant,
      })
      .execute();
  } else if (isA(header, 'notice/1')) {
    const { to, target, by, cause, parts } = header.body;
    await db
      .insertInto('notice')
      .values({
        idx: index,
        room,
        party: to,
        originator: target.party,
        target: await find(target),
        by: await find(by),
        cause,
        parts: JSON.stringify(parts),
        at: instant,
        answer: null,
        basis: null,
        until: null,
        answered_idx: null,
        answered_at: null,
      })
      .execute();
  } else if (isA(header, 'ack/1')) {
    const { notice, answer, basis, until } = header.body;
    await db
      .updateTable('notice')
      .set({ answer, basis, until, answered_idx: index, answered_at: instant })
      .where('idx', '=', await find(notice))
      .execute();
  }
}
