/** Accesses as their originators may learn of them, in an order that anyone can repeat. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import type { Accesses, Reader, Reading } from './accesses.ts';

/** One access to one statement. */
export interface StatementReading extends Reader {
  readonly statement: StatementRef;
}

/** The statements of records; (party, id), where the party is the originator. */
export type OriginOf = (indexes: readonly number[]) => Promise<ReadonlyMap<number, StatementRef>>;

const page = 500;

/**
 * What was read from `from` (inclusive) to `to` (exclusive), by originator. An originator's access to its own is
 * left out.
 * @throws store.corrupt where the journal names a record that the log does not have
 */
export async function originatorsBetween(
  accesses: Accesses,
  from: Instant,
  to: Instant,
  originOf: OriginOf,
): Promise<Map<PartyId, StatementReading[]>> {
  const found = new Map<PartyId, StatementReading[]>();
  for await (const readings of pages(accesses.between(from, to)))
    for (const reading of await withOrigin(readings, originOf)) {
      const { party } = reading.statement;
      if (party === reading.party) continue;
      const known = found.get(party);
      if (known) known.push(reading);
      else found.set(party, [reading]);
    }
  for (const readings of found.values()) readings.sort(canonical);
  return found;
}

async function withOrigin(readings: readonly Reading[], originOf: OriginOf): Promise<StatementReading[]> {
  const indexes = new Set(readings.flatMap(({ list }) => list.map(({ index }) => index)));
  const origins = await originOf([...indexes]);
  return readings.flatMap(({ at, party, purpose, list }) =>
    list.map(({ index, parts }) => {
      const statement = origins.get(index);
      if (!statement)
        throw new Refusal('store.corrupt', {
          detail: `an access to record ${index}, which is not in the log`,
        });
      return { at, party, purpose, statement, parts };
    }),
  );
}

/** By instant, reader, purpose, statement id, and parts as lists of numbers. The journal's own order stays inside. */
function canonical(a: StatementReading, b: StatementReading): number {
  return (
    a.at - b.at ||
    byText(a.party, b.party) ||
    byText(a.purpose, b.purpose) ||
    byText(a.statement.id, b.statement.id) ||
    byNumbers(a.parts, b.parts)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((n, at) => n !== b[at]);
  return i < 0 ? a.length - b.length : (a[i] ?? 0) - (b[i] ?? -1);
}

async function* pages<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let gathered: T[] = [];
  for await (const item of items) {
    gathered.push(item);
    if (gathered.length < page) continue;
    yield gathered;
    gathered = [];
  }
  if (gathered.length > 0) yield gathered;
}
