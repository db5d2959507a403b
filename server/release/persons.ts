/** What a device without a right to personal data is not told of: what is about it, down to answers and tasks. */
import type { StatementRef } from '@parley/core/fields.ts';
import { onPersons } from '@parley/core/persons.ts';
import type { RecordFacts } from './sources.ts';
import type { Look } from './viewer.ts';

type Limited = Pick<Look, 'looker' | 'sources'>;

/** Those of the records that are about personal data, where the viewer's device has no right to it; else none. */
export async function beyondIn(
  { looker, sources }: Limited,
  records: readonly RecordFacts[],
): Promise<ReadonlySet<number>> {
  return looker.limits?.personal === false ? onPersons(records, sources.log) : new Set();
}

/** The same, by their places in the log. */
export async function beyondAmong(look: Limited, indexes: readonly number[]): Promise<ReadonlySet<number>> {
  if (look.looker.limits?.personal !== false || indexes.length === 0) return new Set();
  return beyondIn(look, await look.sources.log.records([...new Set(indexes)]));
}

/** Those rows whose statements the device may know of. */
export async function withoutPersons<T extends { readonly statement: StatementRef }>(
  look: Limited,
  rows: readonly T[],
): Promise<readonly T[]> {
  if (look.looker.limits?.personal !== false || rows.length === 0) return rows;
  const places = await look.sources.log.findAll(rows.map(({ statement }) => statement));
  const beyond = await beyondAmong(
    look,
    places.filter((place) => place !== null),
  );
  return rows.filter((_, i) => !beyond.has(places[i] ?? -1));
}
