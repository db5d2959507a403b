/** Records with their parts, read for several at once: asked one by one, a log of many small records is mostly asking. */
import { type Part, partNumber } from '@parley/core/parts.ts';
import type { LogReader, StoredRecord } from './log/ports.ts';

/** Parts in memory at once, each of which may have the length of a whole share; a record's own are never split. */
const partsAtOnce = 64;

export interface Whole {
  readonly record: StoredRecord;
  /** Null: erased. */
  readonly parts: readonly (Part | null)[];
}

/** In their order. */
export async function* withParts(
  records: readonly StoredRecord[],
  log: Pick<LogReader, 'parts'>,
): AsyncGenerator<Whole> {
  for (const some of inSlices(records)) {
    const found = await log.parts(some.flatMap(numbersOf));
    for (const record of some)
      yield { record, parts: numbersOf(record).map((number) => found.get(number) ?? null) };
  }
}

function numbersOf({ index, header }: StoredRecord): number[] {
  return Array.from({ length: header.parts?.count ?? 0 }, (_, n) => partNumber(index, n));
}

function* inSlices(records: readonly StoredRecord[]): Generator<StoredRecord[]> {
  let slice: StoredRecord[] = [];
  let parts = 0;
  for (const record of records) {
    const count = record.header.parts?.count ?? 0;
    if (slice.length > 0 && parts + count > partsAtOnce) {
      yield slice;
      [slice, parts] = [[], 0];
    }
    slice.push(record);
    parts += count;
  }
  if (slice.length > 0) yield slice;
}
