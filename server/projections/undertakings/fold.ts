import type { StatementRef } from '@parley/core/fields.ts';
import { isA } from '@parley/core/statement.ts';
import type { Db, Folding } from '../folding.ts';
import type { UndertakingsTables } from './tables.ts';

/** @param find the index of a statement that the log holds */
export async function foldUndertakings(
  folding: Folding,
  db: Db<UndertakingsTables>,
  find: (ref: StatementRef) => Promise<number>,
): Promise<void> {
  const { header, index: idx, instant: at } = folding.record;
  const room = header.room ?? '';
  if (isA(header, 'undertaking.state/1')) {
    const { undertaking, by, terms, state } = header.body;
    await db
      .insertInto('undertaking_state')
      .values({ idx, room, undertaking, by, author: header.party, terms, state, at })
      .execute();
  } else if (isA(header, 'undertaking.suspend/1')) {
    const { undertaking, because, from } = header.body;
    await db
      .insertInto('suspension')
      .values({
        idx,
        room,
        party: header.party,
        from_party: from,
        undertaking,
        because: await find(because),
        at,
        resumed_idx: null,
        resumed_at: null,
      })
      .execute();
  } else if (isA(header, 'undertaking.resume/1'))
    await db
      .updateTable('suspension')
      .set({ resumed_idx: idx, resumed_at: at })
      .where('idx', '=', await find(header.body.suspension))
      .execute();
}
