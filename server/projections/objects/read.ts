import type { Instant } from '@parley/core/fields.ts';
import { maxParts } from '@parley/core/parts.ts';
import { sql } from 'kysely';
import { type PartNumber, partNumber } from '../../log/ports.ts';
import type { Db } from '../folding.ts';
import { merged, type PageRequest } from './pages.ts';
import type { Audience, ObjectsTables } from './tables.ts';

export interface StreamRow {
  readonly no: number;
  readonly room: number;
  readonly audience: Audience;
  readonly purposes: string;
  readonly personal: boolean;
  readonly past: boolean;
}

export interface ShareRow {
  readonly index: number;
  readonly room: number;
  readonly party: number;
  readonly stream: number;
  readonly instant: Instant;
  readonly count: number;
  readonly until: Instant | null;
  readonly remaining: number;
  readonly purposes: readonly string[];
  readonly past: boolean;
}

export interface TallyRow {
  readonly stream: number;
  readonly gen: number;
  readonly party: number;
  readonly type: string;
  readonly n: number;
}

export interface GrantedRow {
  readonly part: PartNumber;
  readonly position: Instant;
  readonly purposes: readonly string[];
}

export interface ObjectRow {
  readonly part: PartNumber;
  readonly room: number;
  readonly party: number;
  readonly id: string;
  readonly version: string;
}

export interface ObjectsReader {
  /** Those of the rooms, and those of any room for these audiences. */
  streams(rooms: readonly number[], audiences: readonly Audience[]): Promise<readonly StreamRow[]>;
  streamsIn(room: number): Promise<number>;
  /** Rows of the merged stretches, each once, in order, at most `limit`. */
  page(request: PageRequest): Promise<readonly { readonly position: Instant; readonly part: PartNumber }[]>;
  headings(
    request: Omit<PageRequest, 'type'>,
  ): Promise<readonly { readonly position: Instant; readonly index: number }[]>;
  /** Every place where these statements are announced. */
  headingsOf(
    indexes: readonly number[],
  ): Promise<readonly { readonly stream: number; readonly position: Instant; readonly index: number }[]>;
  shares(indexes: readonly number[]): Promise<ReadonlyMap<number, ShareRow>>;
  taken(parts: readonly PartNumber[]): Promise<ReadonlySet<PartNumber>>;
  grantedOf(party: number, index: number): Promise<readonly GrantedRow[]>;
  noticed(party: number, indexes: readonly number[]): Promise<ReadonlySet<number>>;
  tallies(streams: readonly number[]): Promise<readonly TallyRow[]>;
  /** Shares whose end has come and that are still there. */
  due(now: Instant, limit: number): Promise<readonly ShareRow[]>;
  /** Parts, by type, of those due in these streams. */
  dueTallies(streams: readonly number[], now: Instant): Promise<readonly TallyRow[]>;
  objects(stixIds: readonly string[]): Promise<readonly ObjectRow[]>;
  /** Old parts that newer versions in these statements correct. */
  corrections(
    fromIndex: number,
    toIndex: number,
  ): Promise<readonly { readonly part: PartNumber; readonly by: PartNumber }[]>;
}

export function readObjects(db: Db<ObjectsTables>): ObjectsReader {
  return {
    async streams(rooms, audiences) {
      if (rooms.length + audiences.length === 0) return [];
      const rows = await db
        .selectFrom('stream')
        .selectAll()
        .where((where) =>
          where.or([where('room', 'in', [...rooms, -1]), where('audience', 'in', [...audiences, ''])]),
        )
        .orderBy('no')
        .execute();
      return rows.map((row) => ({ ...row, personal: row.personal === 1, past: row.past === 1 }));
    },
    async streamsIn(room) {
      const { n } = await db
        .selectFrom('stream')
        .select((query) => query.fn.countAll<number>().as('n'))
        .where('room', '=', room)
        .executeTakeFirstOrThrow();
      return Number(n);
    },
    page(request) {
      const { type } = request;
      const from =
        type === null
          ? sql`select position, part from visible where`
          : sql`select position, visible.part as part from visible inner join object on object.part = visible.part where object.type = ${type} and`;
      return merged(db, request, from);
    },
    headings: (request) => merged(db, request, sql`select position, idx as "index" from heading where`),
    async headingsOf(indexes) {
      if (indexes.length === 0) return [];
      const rows = await db
        .selectFrom('heading')
        .selectAll()
        .where('idx', 'in', [...indexes])
        .execute();
      return rows.map((row) => ({ stream: row.stream, position: row.position, index: row.idx }));
    },
    async shares(indexes) {
      if (indexes.length === 0) return new Map();
      const rows = await db
        .selectFrom('share')
        .selectAll()
        .where('idx', 'in', [...indexes])
        .execute();
      return new Map(rows.map((row) => [row.idx, shareOf(row)]));
    },
    async taken(parts) {
      if (parts.length === 0) return new Set();
      const rows = await db
        .selectFrom('taken')
        .select('part')
        .where('part', 'in', [...parts])
        .execute();
      return new Set(rows.map((row) => row.part));
    },
    async grantedOf(party, index) {
      const rows = await db
        .selectFrom('granted')
        .selectAll()
        .where('party', '=', party)
        .where('part', '>=', partNumber(index, 0))
        .where('part', '<', partNumber(index + 1, 0))
        .execute();
      return rows.map(grantedOf);
    },
    async noticed(party, indexes) {
      if (indexes.length === 0) return new Set();
      const rows = await db
        .selectFrom('noticed')
        .select('idx')
        .where('party', '=', party)
        .where('idx', 'in', [...indexes])
        .execute();
      return new Set(rows.map((row) => row.idx));
    },
    async tallies(streams) {
      if (streams.length === 0) return [];
      return db
        .selectFrom('tally')
        .selectAll()
        .where('stream', 'in', [...streams])
        .execute();
    },
    async due(now, limit) {
      const rows = await db
        .selectFrom('share')
        .selectAll()
        .where('until', 'is not', null)
        .where('until', '<=', now)
        .where('remaining', '>', 0)
        .orderBy('until')
        .orderBy('idx')
        .limit(limit)
        .execute();
      return rows.map(shareOf);
    },
    async dueTallies(streams, now) {
      if (streams.length === 0) return [];
      const rows = await db
        .selectFrom('visible')
        .innerJoin('object', 'object.part', 'visible.part')
        .innerJoin('share', (join) =>
          join
            .on(sql<boolean>`share.idx = object.part / ${sql.lit(maxParts)}`)
            .on('share.until', 'is not', null)
            .on('share.until', '<=', now)
            .on('share.remaining', '>', 0),
        )
        .select([
          'visible.stream',
          'share.gen',
          'object.party',
          'object.type',
          sql<number>`count(*)`.as('n'),
          'share.stream as own',
        ])
        .where('visible.stream', 'in', [...streams])
        .where('share.idx', 'in', (query) =>
          query
            .selectFrom('share')
            .select('idx')
            .where('until', 'is not', null)
            .where('until', '<=', now)
            .where('remaining', '>', 0),
        )
        .groupBy(['visible.stream', 'share.gen', 'object.party', 'object.type', 'share.stream'])
        .execute();
      return rows.map(({ own, gen, n, ...row }) => ({
        ...row,
        gen: own === row.stream ? gen : 0,
        n: Number(n),
      }));
    },
    async objects(stixIds) {
      if (stixIds.length === 0) return [];
      const rows = await db
        .selectFrom('object')
        .select(['part', 'room', 'party', 'stix_id as id', 'version'])
        .where('stix_id', 'in', [...stixIds])
        .execute();
      return rows;
    },
    async corrections(fromIndex, toIndex) {
      return db
        .selectFrom('correction')
        .selectAll()
        .where('by', '>=', partNumber(fromIndex, 0))
        .where('by', '<', partNumber(toIndex, 0))
        .orderBy('by')
        .orderBy('part')
        .execute();
    },
  };
}

function shareOf(row: ObjectsTables['share']): ShareRow {
  const { idx: index, purposes, past, gen: _, ...rest } = row;
  return { ...rest, index, purposes: purposes === '' ? [] : purposes.split(','), past: past === 1 };
}

function grantedOf(row: ObjectsTables['granted']): GrantedRow {
  return { part: row.part, position: row.position, purposes: row.purposes.split(',') };
}
