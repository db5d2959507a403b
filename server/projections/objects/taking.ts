/** A recall, or the end of a share: what it covers is hidden at once, everywhere. */
import type { StatementRef } from '@parley/core/fields.ts';
import { placeOf } from '@parley/core/parts.ts';
import { type PartNumber, partNumber, type StoredRecord } from '../../log/ports.ts';
import type { Db, PartyNo } from '../folding.ts';
import { notHeld } from './holds.ts';
import { closeOpened } from './openings.ts';
import { authorStream, findStream } from './streams.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';
import { countIn } from './tallies.ts';

/** @returns the parts that were not taken back before, but for those that are held */
export async function takeBack(
  record: StoredRecord,
  target: StatementRef,
  parts: readonly number[] | null,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<readonly PartNumber[]> {
  const index = await around.find(target);
  const share = await db.selectFrom('share').selectAll().where('idx', '=', index).executeTakeFirst();
  const count = share?.count ?? 1;
  const wanted = (parts ?? Array.from({ length: count }, (_, n) => n)).map((n) => partNumber(index, n));
  const gone = await db.selectFrom('taken').select('part').where('part', 'in', wanted).execute();
  const before = new Set(gone.map((row) => row.part));
  const numbers = wanted.filter((part) => !before.has(part));
  if (numbers.length === 0) return [];
  await db
    .insertInto('taken')
    .values(numbers.map((part) => ({ part, by: record.index })))
    .execute();
  await db.deleteFrom('case_ref').where('part', 'in', numbers).execute();
  if (share) await hide(share, numbers, db);
  return notHeld(numbers, around);
}

async function hide(
  share: ObjectsTables['share'],
  numbers: readonly PartNumber[],
  db: Db<ObjectsTables>,
): Promise<void> {
  const positions = numbers.map((part) => share.instant + placeOf(part).n);
  const own = await findStream(db, authorStream(share.room, share.party));
  const streams = own === null ? [share.stream] : [share.stream, own];
  await db.deleteFrom('visible').where('stream', 'in', streams).where('position', 'in', positions).execute();
  const types = await db.selectFrom('object').select(['part', 'type']).where('part', 'in', numbers).execute();
  await countIn(
    db,
    share.stream,
    share.gen,
    share.party,
    types.map((row) => row.type),
    -1,
  );
  await hideGrants(share, numbers, null, new Map(types.map((row) => [row.part, row.type])), db);
  await closeOpened(numbers, null, db);
  await db.deleteFrom('withheld').where('part', 'in', numbers).execute();
  await db.deleteFrom('object').where('part', 'in', numbers).execute();
  const remaining = share.remaining - numbers.length;
  await db.updateTable('share').set({ remaining }).where('idx', '=', share.idx).execute();
  // The header of what is wholly gone stays with its author, and reaches those who had it by their notice.
  if (remaining === 0)
    await db
      .deleteFrom('heading')
      .where('idx', '=', share.idx)
      .where('stream', '!=', own ?? 0)
      .where('stream', 'not in', (streams) =>
        streams
          .selectFrom('stream')
          .select('no')
          .where('room', '=', share.room)
          .where('audience', 'like', 'party:%'),
      )
      .execute();
}

/** @param party only what was passed on to it; null: to anybody */
export async function hideGrants(
  share: ObjectsTables['share'],
  numbers: readonly PartNumber[],
  party: PartyNo | null,
  types: ReadonlyMap<PartNumber, string>,
  db: Db<ObjectsTables>,
): Promise<void> {
  const all = await db.selectFrom('granted').selectAll().where('part', 'in', numbers).execute();
  const grants = all.filter((grant) => party === null || grant.party === party);
  for (const grant of grants) {
    const stream = await db
      .selectFrom('stream')
      .innerJoin('visible', 'visible.stream', 'stream.no')
      .select('no')
      .where('audience', '=', `grant:${grant.party}`)
      .where('visible.position', '=', grant.position)
      .executeTakeFirstOrThrow();
    for (const table of ['visible', 'case_ref'] as const)
      await db
        .deleteFrom(table)
        .where('stream', '=', stream.no)
        .where('position', '=', grant.position)
        .execute();
    await db
      .deleteFrom('granted')
      .where('party', '=', grant.party)
      .where('part', '=', grant.part)
      .where('position', '=', grant.position)
      .execute();
    const type = types.get(grant.part);
    if (type !== undefined) await countIn(db, stream.no, 0, share.party, [type], -1);
  }
  for (const recipient of new Set(grants.map((grant) => grant.party)))
    await hideHeading(share, recipient, db);
}

/** Where nothing of the share is left that was passed on to the party, its header goes too. */
async function hideHeading(
  share: ObjectsTables['share'],
  party: PartyNo,
  db: Db<ObjectsTables>,
): Promise<void> {
  const left = await db
    .selectFrom('granted')
    .select('purposes')
    .where('party', '=', party)
    .where('part', '>=', partNumber(share.idx, 0))
    .where('part', '<', partNumber(share.idx + 1, 0))
    .execute();
  const purposes = new Set(left.map((row) => row.purposes));
  const streams = await db
    .selectFrom('stream')
    .select(['no', 'purposes'])
    .where('room', '=', share.room)
    .where('audience', '=', `grant:${party}`)
    .execute();
  const empty = streams.filter((stream) => !purposes.has(stream.purposes)).map(({ no }) => no);
  if (empty.length > 0)
    await db.deleteFrom('heading').where('idx', '=', share.idx).where('stream', 'in', empty).execute();
}
