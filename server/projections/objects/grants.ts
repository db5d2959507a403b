import type { Header } from '@parley/core/statement.ts';
import { partNumber, type StoredRecord } from '../../log/ports.ts';
import { type Db, instantIn } from '../folding.ts';
import { copyCases } from './cases.ts';
import { showTerms } from './governance.ts';
import { showHolds } from './holds.ts';
import { addHeading, governance, grantStream, internStream, partyAudience, purposeSet } from './streams.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';
import { countIn } from './tallies.ts';

/**
 * A grant widens the original and copies nothing. The grant itself stands at the first of its instants, the header of
 * what it opens at the second, the terms that reading under it accepts at the next two, the parts at those that follow,
 * and the holds that stand on it at the last.
 */
export async function foldGrant(
  record: StoredRecord,
  header: Header<'grant/1'>,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const { body } = header;
  const to = await around.party(body.to);
  const index = await around.find(body.target);
  const share = await db.selectFrom('share').selectAll().where('idx', '=', index).executeTakeFirstOrThrow();
  const concerned = new Set([share.party, to]);
  if (body.ask) concerned.add(await around.party((await around.ask(body.ask)).asker));
  for (const party of concerned) await addHeading(db, governance(share.room, partyAudience(party)), record);

  await showTerms(record, 2, await around.room(header.room as string), to, db);

  const purposes = purposeSet(body.purposes);
  const key = grantStream(share.room, to, purposes, await around.personal(index));
  const stream = await internStream(db, key, share.party);
  const numbers = (body.parts ?? Array.from({ length: share.count }, (_, n) => n)).map((n) =>
    partNumber(index, n),
  );
  const taken = await db.selectFrom('taken').select('part').where('part', 'in', numbers).execute();
  const gone = new Set(taken.map((row) => row.part));
  const rows = numbers.flatMap((part, k) =>
    gone.has(part) ? [] : [{ part, position: instantIn(record, 4 + k) }],
  );
  if (rows.length === 0) return;
  await db
    .insertInto('heading')
    .values({ stream, position: instantIn(record, 1), idx: index })
    .execute();
  await db
    .insertInto('visible')
    .values(rows.map((row) => ({ stream, ...row })))
    .execute();
  await db
    .insertInto('granted')
    .values(rows.map((row) => ({ party: to, idx: index, ...row, purposes, by: record.index })))
    .execute();
  await copyCases(db, stream, rows);
  await showHolds(index, stream, record, 4 + numbers.length, db, around);
  const types = await db
    .selectFrom('object')
    .select('type')
    .where(
      'part',
      'in',
      rows.map((row) => row.part),
    )
    .execute();
  await countIn(
    db,
    stream,
    0,
    share.party,
    types.map((row) => row.type),
    1,
  );
}
