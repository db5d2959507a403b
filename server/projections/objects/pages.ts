/** Pages over several streams at once. */
import type { Instant } from '@parley/core/fields.ts';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../folding.ts';
import type { ObjectsTables } from './tables.ts';

/** A stretch of a stream, both ends exclusive. */
export interface Stretch {
  readonly stream: number;
  readonly after: Instant;
  readonly before: Instant;
}

export interface PageRequest {
  readonly stretches: readonly Stretch[];
  readonly order: 'oldest' | 'newest';
  /** Exclusive, in the order of the page; null: from its beginning. */
  readonly after: Instant | null;
  readonly limit: number;
  readonly type: string | null;
  /** As `caseKey` spells it. */
  readonly case?: string | null;
}

/** Below SQLite's limit of 500 arms in a compound select. */
const arms = 400;

/** One keyset query over the stretches: each arm reads at most `limit` rows, and what stands in two streams counts once. */
export async function merged<Row extends { readonly position: Instant }>(
  db: Db<ObjectsTables>,
  { stretches, order, after, limit }: Omit<PageRequest, 'type'>,
  from: RawBuilder<unknown>,
): Promise<readonly Row[]> {
  const newest = order === 'newest';
  const ends = stretches.map((stretch) => ({
    ...stretch,
    ...(after === null
      ? {}
      : newest
        ? { before: Math.min(stretch.before, after) }
        : { after: Math.max(stretch.after, after) }),
  }));
  const live = ends.filter((stretch) => stretch.after < stretch.before);
  const by = newest ? sql`order by position desc` : sql`order by position`;
  const rows: Row[] = [];
  for (let i = 0; i < live.length; i += arms) {
    const selects = live
      .slice(i, i + arms)
      .map(
        (s) =>
          sql`select * from (${from} stream = ${s.stream} and position > ${s.after} and position < ${s.before} ${by} limit ${limit}) as arm`,
      );
    const result = await sql<Row>`${sql.join(selects, sql` union `)} ${by} limit ${limit}`.execute(db);
    rows.push(...result.rows);
  }
  if (live.length > arms) rows.sort((a, b) => (newest ? b.position - a.position : a.position - b.position));
  return rows.slice(0, limit);
}
