/** Statements about personal data: those that hold it, and those that name such a statement, directly or by others. */
import type { StatementRef } from './fields.ts';
import { type AnyHeader, handlingOf, refsIn } from './statement.ts';

interface Said {
  readonly index: number;
  readonly header: AnyHeader;
}

/** The log, as far as it is asked here. */
export interface SaidBefore {
  /** In the order of the references; null: not there. */
  findAll(refs: readonly StatementRef[]): Promise<readonly (number | null)[]>;
  records(indexes: readonly number[]): Promise<readonly Said[]>;
}

/**
 * An answer to a request for a person's record tells of that person as the record does. Asks the log twice for each
 * step from answer to what is answered, however many records there are.
 * @returns the indexes of those of the records that are about personal data
 */
export async function onPersons(records: readonly Said[], log: SaidBefore): Promise<ReadonlySet<number>> {
  const namers = new Map<number, number[]>();
  const visited = new Set(records.map(({ index }) => index));
  const found: number[] = [];
  for (let next = records; next.length > 0; ) {
    const edges = next.flatMap(({ index, header }) => refsIn(header).map(({ ref }) => ({ index, ref })));
    found.push(...next.filter(({ header }) => handlingOf(header)?.personal).map(({ index }) => index));
    const named = edges.length === 0 ? [] : await log.findAll(edges.map(({ ref }) => ref));
    const fresh = new Set<number>();
    for (const [i, index] of named.entries()) {
      const by = edges[i]?.index;
      if (index === null || by === undefined) continue;
      namers.set(index, [...(namers.get(index) ?? []), by]);
      if (!visited.has(index)) fresh.add(index);
      visited.add(index);
    }
    next = fresh.size === 0 ? [] : await log.records([...fresh]);
  }
  const about = new Set<number>();
  for (let index = found.pop(); index !== undefined; index = found.pop()) {
    if (about.has(index)) continue;
    about.add(index);
    found.push(...(namers.get(index) ?? []));
  }
  return about;
}
