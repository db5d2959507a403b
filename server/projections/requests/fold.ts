import type { StatementRef } from '@parley/core/fields.ts';
import { isA } from '@parley/core/statement.ts';
import type { Db, Folding } from '../folding.ts';
import type { RequestsTables } from './tables.ts';

/** @param find the index of a statement that the log holds */
export async function foldRequests(
  folding: Folding,
  db: Db<RequestsTables>,
  find: (ref: StatementRef) => Promise<number>,
): Promise<void> {
  const { header, index, instant } = folding.record;
  const answer = async (ask: StatementRef, state: 'granted' | 'denied') =>
    db
      .updateTable('ask')
      .set({ state, answered_idx: index })
      .where('idx', '=', await find(ask))
      .execute();
  if (isA(header, 'ask/1')) {
    const { target, to } = header.body;
    await db
      .insertInto('ask')
      .values({
        idx: index,
        room: header.room ?? '',
        asker: header.party,
        originator: target.party,
        target: await find(target),
        party: to,
        at: instant,
        state: 'open',
        answered_idx: null,
      })
      .execute();
  } else if (isA(header, 'grant/1') && header.body.ask) await answer(header.body.ask, 'granted');
  else if (isA(header, 'deny/1')) await answer(header.body.ask, 'denied');
}
