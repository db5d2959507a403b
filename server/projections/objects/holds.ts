/** A hold suspends erasure of what it covers: taking back hides it, and its end releases it. */
import type { StatementRef } from '@parley/core/fields.ts';
import { isA } from '@parley/core/statement.ts';
import { type PartNumber, partNumber, type StoredRecord } from '../../log/ports.ts';
import { type Db, instantIn } from '../folding.ts';
import { copyCases } from './cases.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';

/** Those of the parts, just taken back, that nothing holds. */
export async function notHeld(
  numbers: readonly PartNumber[],
  around: Surroundings,
): Promise<readonly PartNumber[]> {
  const held = await around.held(numbers);
  return numbers.filter((part) => !held.has(part));
}

/** What the hold that has just ended covered, was taken back meanwhile, and is held by no other. */
export async function releasedBy(
  hold: StatementRef,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<readonly PartNumber[]> {
  const { parts } = await around.hold(hold);
  if (parts.length === 0) return [];
  const taken = await db.selectFrom('taken').select('part').where('part', 'in', parts).execute();
  const gone = new Set(taken.map(({ part }) => part));
  return notHeld(
    parts.filter((part) => gone.has(part)),
    around,
  );
}

/**
 * A hold is announced wherever its target is, and what is said of it wherever the hold is. Whether the viewer may see
 * the target at all, `decide` asks: who joined between the two may not.
 */
export async function foldHoldHeadings(
  { header, index, instant }: StoredRecord,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const about = isA(header, 'hold/1')
    ? await around.find(header.body.target)
    : isA(header, 'hold.review/1') || isA(header, 'hold.end/1')
      ? await around.find(header.body.hold)
      : null;
  if (about === null) return;
  const streams = await db
    .selectFrom('heading')
    .select('stream')
    .distinct()
    .where('idx', '=', about)
    .orderBy('stream')
    .execute();
  await db
    .insertInto('heading')
    .values(streams.map(({ stream }) => ({ stream, position: instant, idx: index })))
    .execute();
}

/** Who gets something passed on learns of the holds that stand on it. @param offset of the first of them among the instants of the record */
export async function showHolds(
  target: number,
  stream: number,
  record: StoredRecord,
  offset: number,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  for (const [k, idx] of (await around.holdsOn(target)).entries()) {
    const position = instantIn(record, offset + k);
    await db.insertInto('heading').values({ stream, position, idx }).execute();
    await copyCases(db, stream, [{ part: partNumber(idx, 0), position }]);
  }
}
