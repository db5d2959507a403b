import type { Header } from '@parley/core/statement.ts';
import { partNumber, type StoredRecord } from '../../log/ports.ts';
import { type Db, instantIn } from '../folding.ts';
import { copyCases } from './cases.ts';
import { withheldOf } from './narrowing.ts';
import { addHeading, governance, internStream, partyAudience } from './streams.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';

/**
 * A notice reaches its recipient whatever its purpose or membership. Where nothing is left to it of what it had,
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
  await addHeading(db, stream, record);
  await addHeading(db, governance(room, partyAudience(await around.party(target.party))), record);
  if (cause === 'correction') return;

  const told = await around.find(by);
  await addHeading(db, stream, record, 1, told);
  await copyCases(db, await internStream(db, stream), [
    { part: partNumber(told, 0), position: instantIn(record, 1) },
  ]);
  const index = await around.find(target);
  const share = await db.selectFrom('share').select('remaining').where('idx', '=', index).executeTakeFirst();
  if (share === undefined || (await withheldOf(db, recipient, index)) < share.remaining) return;
  await db
    .insertInto('noticed')
    .values({ party: recipient, idx: index })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await addHeading(db, stream, record, 2, index);
}
