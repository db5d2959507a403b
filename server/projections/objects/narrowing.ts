/**
 * Taken back from some parties while others keep it. The rows of the room stay where they are, for the others, and
 * `decide` withholds them; what was passed on to these parties, or opened by one that supervises, goes. A grant or an
 * opening said later opens anew.
 */
import type { Header } from '@parley/core/statement.ts';
import { partNumber, type StoredRecord } from '../../log/ports.ts';
import type { Db, PartyNo } from '../folding.ts';
import { closeOpened } from './openings.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';
import { hideGrants } from './taking.ts';

export async function narrow(
  record: StoredRecord,
  { body }: Header<'recall/1'>,
  from: readonly string[],
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const index = await around.find(body.target);
  const share = await db.selectFrom('share').selectAll().where('idx', '=', index).executeTakeFirstOrThrow();
  const wanted = (body.parts ?? Array.from({ length: share.count }, (_, n) => n)).map((n) =>
    partNumber(index, n),
  );
  const gone = await db.selectFrom('taken').select('part').where('part', 'in', wanted).execute();
  const taken = new Set(gone.map(({ part }) => part));
  const numbers = wanted.filter((part) => !taken.has(part));
  if (numbers.length === 0) return;
  const objects = await db
    .selectFrom('object')
    .select(['part', 'type'])
    .where('part', 'in', numbers)
    .execute();
  const types = new Map(objects.map(({ part, type }) => [part, type]));
  for (const id of from) {
    const party = await around.party(id);
    await hideGrants(share, numbers, party, types, db);
    await closeOpened(numbers, party, db);
    const rows = numbers.map((part) => ({ party, idx: index, part, by: record.index }));
    await withhold(rows, db);
  }
}

async function withhold(rows: readonly ObjectsTables['withheld'][], db: Db<ObjectsTables>): Promise<void> {
  await db
    .insertInto('withheld')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['party', 'part']).doUpdateSet(({ ref }) => ({ by: ref('excluded.by') })),
    )
    .execute();
}

/** How many parts of a share that are still there are withheld from the party, and were not passed on to it since. */
export async function withheldOf(db: Db<ObjectsTables>, party: PartyNo, index: number): Promise<number> {
  const { n } = await db
    .selectFrom('withheld')
    .select((query) => query.fn.countAll<number>().as('n'))
    .where('party', '=', party)
    .where('idx', '=', index)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('granted')
            .select('granted.part')
            .whereRef('granted.part', '=', 'withheld.part')
            .where('granted.party', '=', party),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  return Number(n);
}
