/** What is kept from one party, and what one has opened to itself. */
import type { Instant } from '@parley/core/fields.ts';
import { maxParts, placeOf } from '@parley/core/parts.ts';
import { sql } from 'kysely';
import type { PartNumber } from '../../log/ports.ts';
import { perDatabase } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import { chunked } from './chunks.ts';
import type { TallyRow } from './read.ts';
import type { ObjectsTables } from './tables.ts';

export interface OpenedRow {
  readonly part: PartNumber;
  readonly position: Instant;
  readonly until: Instant;
}

export interface NarrowingReader {
  /** By record, the numbers of those parts that are still there and withheld from the party. */
  withheld(party: number, indexes: readonly number[]): Promise<ReadonlyMap<number, ReadonlySet<number>>>;
  /** Of these parts, those withheld from the party that were not passed on to it since. */
  withheldStill(party: number, parts: readonly PartNumber[]): Promise<ReadonlySet<PartNumber>>;
  /** By type, parts in these streams that are withheld from the party and not due. */
  withheldTallies(party: number, streams: readonly number[], now: Instant): Promise<readonly TallyRow[]>;
  /** By record. */
  opened(party: number, indexes: readonly number[]): Promise<ReadonlyMap<number, readonly OpenedRow[]>>;
}

const indexOf = sql<number>`part / ${sql.lit(maxParts)}`;

export const readNarrowing = perDatabase(narrowingOf);

function narrowingOf(db: Db<ObjectsTables>): NarrowingReader {
  return {
    async withheld(party, indexes) {
      const rows = await chunked(indexes, (few) =>
        db.selectFrom('withheld').select('part').where('party', '=', party).where('idx', 'in', few).execute(),
      );
      const found = new Map<number, Set<number>>();
      for (const { part } of rows) {
        const { index, n } = placeOf(part);
        found.set(index, (found.get(index) ?? new Set()).add(n));
      }
      return found;
    },
    async withheldStill(party, parts) {
      const rows = await chunked(parts, (few) =>
        db
          .selectFrom('withheld')
          .leftJoin('granted', (join) =>
            join.onRef('granted.part', '=', 'withheld.part').on('granted.party', '=', party),
          )
          .select('withheld.part')
          .where('withheld.party', '=', party)
          .where('withheld.part', 'in', few)
          .where('granted.part', 'is', null)
          .execute(),
      );
      return new Set(rows.map(({ part }) => part));
    },
    async withheldTallies(party, streams, now) {
      const all = db
        .selectFrom('withheld')
        .innerJoin('object', 'object.part', 'withheld.part')
        .innerJoin('share', 'share.idx', 'withheld.idx')
        .select(['share.stream', 'share.gen', 'object.party', 'object.type', sql<number>`count(*)`.as('n')])
        .where('withheld.party', '=', party)
        .where(({ or, eb }) => or([eb('share.until', 'is', null), eb('share.until', '>', now)]))
        .groupBy(['share.stream', 'share.gen', 'object.party', 'object.type']);
      const rows = await chunked(streams, (few) => all.where('share.stream', 'in', few).execute());
      return rows.map((row) => ({ ...row, n: Number(row.n) }));
    },
    async opened(party, indexes) {
      const rows = await chunked(indexes, (few) =>
        db
          .selectFrom('opened')
          .select(['part', 'position', 'until'])
          .where('party', '=', party)
          .where(indexOf, 'in', few)
          .orderBy('position')
          .execute(),
      );
      const found = new Map<number, OpenedRow[]>();
      for (const row of rows) {
        const { index } = placeOf(row.part);
        const inRecord = found.get(index) ?? [];
        found.set(index, inRecord);
        inRecord.push(row);
      }
      return found;
    },
  };
}
