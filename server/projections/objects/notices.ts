import type { Header } from '@parley/core/statement.ts';
import type { StoredRecord } from '../../log/ports.ts';
import type { Db } from '../folding.ts';
import { addHeading, governance, partyAudience } from './streams.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';

/**
 * A notice reaches its recipient whatever its purpose or membership. Where it tells of something wholly taken back,
 * the headers of that and of the recall come with it: the content does not.
 */
export async function foldNotice(
  record: StoredRecord,
  header: Header<'notice/1'>,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const { target, by, to, cause } = header.body;
  const room = (await around.room(header.room as string)).no;
  const recipient = await around.party(to);
  const stream = governance(room, partyAudience(recipient));
  await addHeading(db, stream, record.instant, record.index);
  await addHeading(
    db,
    governance(room, partyAudience(await around.party(target.party))),
    record.instant,
    record.index,
  );
  if (cause === 'correction') return;

  await addHeading(db, stream, record.instant + 1, await around.find(by));
  const index = await around.find(target);
  await db
    .insertInto('noticed')
    .values({ party: recipient, idx: index })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const share = await db.selectFrom('share').select('remaining').where('idx', '=', index).executeTakeFirst();
  if (share?.remaining === 0) await addHeading(db, stream, record.instant + 2, index);
}
