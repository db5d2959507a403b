import { type Classification, classifications } from '@parley/core/classification.ts';
import type { Db } from '../folding.ts';
import type { ObjectsTables } from './tables.ts';

/** Statements that are still there, wholly or in part, and classified above this level: of one party or of all. */
export async function sharesAbove(
  highest: Classification,
  party: number | null,
  db: Db<ObjectsTables>,
): Promise<readonly number[]> {
  let query = db
    .selectFrom('share')
    .select('idx')
    .where('level', '>', classifications.indexOf(highest))
    // Said apart, so that the index of what is classified serves it.
    .where('level', '>', 0)
    .where('remaining', '>', 0);
  if (party !== null) query = query.where('party', '=', party);
  return (await query.orderBy('idx').execute()).map(({ idx }) => idx);
}
