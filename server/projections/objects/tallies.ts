/** Counters by stream, generation of the room, originator and type. A row at zero is no row: see the law on erased parts. */
import { sql } from 'kysely';
import { prepared } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import type { ObjectsTables } from './tables.ts';

const add = prepared((db: Db<ObjectsTables>, at: { rows: readonly ObjectsTables['tally'][] }) =>
  db
    .insertInto('tally')
    .values(at.rows)
    .onConflict((conflict) =>
      conflict
        .columns(['stream', 'gen', 'party', 'type'])
        .doUpdateSet({ n: sql<number>`tally.n + excluded.n` }),
    ),
);

export async function countIn(
  db: Db<ObjectsTables>,
  stream: number,
  gen: number,
  party: number,
  types: readonly string[],
  sign: 1 | -1,
): Promise<void> {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + sign);
  if (counts.size === 0) return;
  await add(db, { rows: [...counts].map(([type, n]) => ({ stream, gen, party, type, n })) });
  if (sign === -1)
    await db
      .deleteFrom('tally')
      .where('stream', '=', stream)
      .where('gen', '=', gen)
      .where('party', '=', party)
      .where('n', '=', 0)
      .execute();
}
