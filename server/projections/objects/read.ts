import type { Classification } from '@parley/core/classification.ts';
import type { Instant } from '@parley/core/fields.ts';
import { maxParts, recordIndexOf } from '@parley/core/parts.ts';
import { sql } from 'kysely';
import { type PartNumber, partNumber } from '../../log/ports.ts';
import { perDatabase } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import { sharesAbove } from './above.ts';
import { isCase } from './cases.ts';
import { chunked } from './chunks.ts';
import { merged, type PageRequest } from './pages.ts';
import {
  grantedAmong,
  headingsFor,
  noticedAmong,
  objectsById,
  sharesAt,
  streamsFor,
  streamsInRooms,
  streamsMade,
  takenAmong,
} from './queries.ts';
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
  /** How many classes of handling a party has made in a room. */
  streamsBy(room: number, maker: number): Promise<number>;
  /** Rows of the merged stretches, each once, in order, at most `limit`. */
  page(request: PageRequest): Promise<readonly { readonly position: Instant; readonly part: PartNumber }[]>;
  /** Parts that name a case: content, and what was said about it. */
  caseRows(
    request: Omit<PageRequest, 'type'> & { readonly case: string },
  ): Promise<readonly { readonly position: Instant; readonly part: PartNumber }[]>;
  headings(
    request: Omit<PageRequest, 'type' | 'case'>,
  ): Promise<readonly { readonly position: Instant; readonly index: number }[]>;
  /** Every place where these statements are announced. */
  headingsOf(
    indexes: readonly number[],
  ): Promise<readonly { readonly stream: number; readonly position: Instant; readonly index: number }[]>;
  shares(indexes: readonly number[]): Promise<ReadonlyMap<number, ShareRow>>;
  taken(parts: readonly PartNumber[]): Promise<ReadonlySet<PartNumber>>;
  /** Those that this record took back, rising. */
  takenBy(index: number): Promise<readonly PartNumber[]>;
  /** What was passed on to the party of these shares, by share. */
  granted(party: number, indexes: readonly number[]): Promise<ReadonlyMap<number, readonly GrantedRow[]>>;
  /** Numbers of the parties to which parts of the share were passed on, and are still. */
  grantees(index: number): Promise<readonly number[]>;
  noticed(party: number, indexes: readonly number[]): Promise<ReadonlySet<number>>;
  tallies(streams: readonly number[]): Promise<readonly TallyRow[]>;
  /** Shares whose end has come and that are still there. */
  due(now: Instant, limit: number): Promise<readonly ShareRow[]>;
  /** Shares that are still there and classified above this level, of one party or of all. */
  above(highest: Classification, party: number | null): Promise<readonly number[]>;
  /** Parts, by type, of those due in these streams. */
  dueTallies(streams: readonly number[], now: Instant): Promise<readonly TallyRow[]>;
  objects(stixIds: readonly string[]): Promise<readonly ObjectRow[]>;
  /** Of one share, in the order of its parts. */
  objectsIn(index: number): Promise<readonly ObjectRow[]>;
  /** Parts whose object was said anew, in these statements, in a newer version: each with the one said just before. */
  corrections(
    fromIndex: number,
    toIndex: number,
  ): Promise<readonly { readonly part: PartNumber; readonly by: PartNumber }[]>;
}

export const readObjects = perDatabase(objectsOf);

function objectsOf(db: Db<ObjectsTables>): ObjectsReader {
  return {
    async streams(rooms, audiences) {
      const rows = [
        ...(await chunked(rooms, (some) => streamsInRooms(db, { rooms: some }))),
        ...(await chunked(audiences, (some) => streamsFor(db, { audiences: some }))),
      ];
      const unique = [...new Map(rows.map((row) => [row.no, row])).values()];
      return unique
        .sort((a, b) => a.no - b.no)
        .map((row) => ({ ...row, personal: row.personal === 1, past: row.past === 1 }));
    },
    async streamsBy(room, maker) {
      const [row] = await streamsMade(db, { room, maker });
      return Number(row?.n);
    },
    page(request) {
      const { type, case: named = null } = request;
      const rows =
        named === null
          ? sql`visible where`
          : sql`case_ref as visible where ${isCase(named)} and visible.content = 1 and`;
      const from =
        type === null
          ? sql`select position, part from ${rows}`
          : sql`select position, visible.part as part from ${rows} exists (select 1 from object where object.part = visible.part and object.type = ${type}) and`;
      return merged(db, request, from);
    },
    caseRows: (request) =>
      merged(
        db,
        request,
        sql`select position, part from case_ref as visible where ${isCase(request.case)} and`,
      ),
    headings: (request) => merged(db, request, sql`select position, idx as "index" from heading where`),
    async headingsOf(indexes) {
      const rows = await chunked(indexes, (some) => headingsFor(db, { indexes: some }));
      return rows.map((row) => ({ stream: row.stream, position: row.position, index: row.idx }));
    },
    async shares(indexes) {
      const rows = await chunked(indexes, (some) => sharesAt(db, { indexes: some }));
      return new Map(rows.map((row) => [row.idx, shareOf(row)]));
    },
    async taken(parts) {
      const rows = await chunked(parts, (some) => takenAmong(db, { parts: some }));
      return new Set(rows.map((row) => row.part));
    },
    async takenBy(index) {
      const rows = await db
        .selectFrom('taken')
        .select('part')
        .where('by', '=', index)
        .orderBy('part')
        .execute();
      return rows.map((row) => row.part);
    },
    async granted(party, indexes) {
      const rows = await chunked(indexes, (some) => grantedAmong(db, { party, indexes: some }));
      return Map.groupBy(rows.map(grantedOf), ({ part }) => recordIndexOf(part));
    },
    async grantees(index) {
      const rows = await db
        .selectFrom('granted')
        .select('party')
        .distinct()
        .where('part', '>=', partNumber(index, 0))
        .where('part', '<', partNumber(index + 1, 0))
        .orderBy('party')
        .execute();
      return rows.map(({ party }) => party);
    },
    async noticed(party, indexes) {
      const rows = await chunked(indexes, (some) => noticedAmong(db, { party, indexes: some }));
      return new Set(rows.map((row) => row.idx));
    },
    tallies: (streams) =>
      chunked(streams, (some) => db.selectFrom('tally').selectAll().where('stream', 'in', some).execute()),
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
    above: (highest, party) => sharesAbove(highest, party, db),
    async dueTallies(streams, now) {
      const all = db
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
        .where('share.idx', 'in', (query) =>
          query
            .selectFrom('share')
            .select('idx')
            .where('until', 'is not', null)
            .where('until', '<=', now)
            .where('remaining', '>', 0),
        )
        .groupBy(['visible.stream', 'share.gen', 'object.party', 'object.type', 'share.stream']);
      const rows = await chunked(streams, (some) => all.where('visible.stream', 'in', some).execute());
      return rows.map(({ own, gen, n, ...row }) => ({
        ...row,
        gen: own === row.stream ? gen : 0,
        n: Number(n),
      }));
    },
    objects: (stixIds) => chunked(stixIds, (some) => objectsById(db, { ids: some })),
    async corrections(fromIndex, toIndex) {
      const { rows } = await sql<{ part: number; by: number; old: string; version: string }>`
        select before.part as part, later.part as by, before.version as old, later.version as version
        from object as later inner join object as before on before.part =
          (select max(part) from object as o where o.stix_id = later.stix_id and o.room = later.room
             and o.party = later.party and o.part < later.part)
        where later.part >= ${partNumber(fromIndex, 0)} and later.part < ${partNumber(toIndex, 0)}
        order by later.part`.execute(db);
      const corrects = (row: (typeof rows)[number]) =>
        recordIndexOf(row.part) !== recordIndexOf(row.by) && isOlder(row.old, row.version);
      return rows.filter(corrects).map(({ part, by }) => ({ part, by }));
    },
    async objectsIn(index) {
      return db
        .selectFrom('object')
        .select(['part', 'room', 'party', 'stix_id as id', 'version'])
        .where('part', '>=', partNumber(index, 0))
        .where('part', '<', partNumber(index + 1, 0))
        .orderBy('part')
        .execute();
    },
  };
}

/** STIX times differ in precision, so they compare as numbers first. */
function isOlder(a: string, b: string): boolean {
  const [x, y] = [Date.parse(a), Date.parse(b)];
  return x === y ? a < b : x < y;
}

function shareOf(row: ObjectsTables['share']): ShareRow {
  const { idx: index, purposes, past, gen: _, ...rest } = row;
  return { ...rest, index, purposes: purposes === '' ? [] : purposes.split(','), past: past === 1 };
}

function grantedOf(row: ObjectsTables['granted']): GrantedRow {
  return { part: row.part, position: row.position, purposes: row.purposes.split(',') };
}
