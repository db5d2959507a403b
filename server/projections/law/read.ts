import type { Instant } from '@parley/core/fields.ts';
import type { PartNumber } from '../../log/ports.ts';
import { perDatabase } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import type { LawTables } from './tables.ts';

export interface HoldRow {
  readonly index: number;
  readonly room: string;
  readonly party: string;
  readonly target: number;
  readonly basis: string;
  readonly review: Instant;
  readonly until: Instant | null;
  readonly at: Instant;
  /** When it was last looked at again. */
  readonly reviewed: Instant | null;
  readonly ended: Instant | null;
  /** Those that it covers. */
  readonly parts: readonly PartNumber[];
}

export interface SubjectRow {
  readonly index: number;
  readonly room: string;
  readonly asker: string;
  readonly originator: string;
  readonly target: number;
  /** Null: all of them. */
  readonly parts: readonly number[] | null;
  readonly request: LawTables['subject_request']['request'];
  readonly due: Instant;
  readonly at: Instant;
  readonly answer: LawTables['subject_request']['answer'];
  readonly basis: string | null;
  readonly answeredAt: Instant | null;
}

export interface LawReader {
  hold(index: number): Promise<HoldRow | null>;
  /** Those of one party, ended ones too, oldest first. */
  holdsBy(party: string): Promise<readonly HoldRow[]>;
  /** Those that stand in these rooms, oldest first. */
  holdsIn(rooms: readonly string[]): Promise<readonly HoldRow[]>;
  /** Those that stand although the end that they name has come, the earliest first. */
  holdsOver(now: Instant, limit: number): Promise<readonly HoldRow[]>;
  /** Holds that stand on a part of the record. */
  holdsOn(target: number): Promise<readonly HoldRow[]>;
  /** What the statements about holds are about: the targets of the holds. */
  heldBy(indexes: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Parts that a hold covers which stands. */
  held(parts: readonly PartNumber[]): Promise<ReadonlySet<PartNumber>>;
  /** When the last hold on any of the parts ended; null: none did. */
  lastHoldEnded(parts: readonly PartNumber[]): Promise<Instant | null>;
  request(index: number): Promise<SubjectRow | null>;
  /** Asked by the party, or of it, oldest first. */
  requestsOf(party: string): Promise<readonly SubjectRow[]>;
}

export const readLaw = perDatabase(lawOf);

function lawOf(db: Db<LawTables>): LawReader {
  const holds = () => db.selectFrom('hold').selectAll().orderBy('idx');
  const requests = () => db.selectFrom('subject_request').selectAll().orderBy('idx');
  const filled = async (rows: readonly LawTables['hold'][]): Promise<HoldRow[]> => {
    const parts = await partsOf(
      db,
      rows.map(({ idx }) => idx),
    );
    return rows.map((row) => holdOf(row, parts.get(row.idx) ?? []));
  };
  return {
    async hold(index) {
      const rows = await filled(await holds().where('idx', '=', index).execute());
      return rows[0] ?? null;
    },
    holdsBy: async (party) => filled(await holds().where('party', '=', party).execute()),
    holdsIn: async (rooms) =>
      rooms.length === 0
        ? []
        : filled(await holds().where('ended_at', 'is', null).where('room', 'in', rooms).execute()),
    async holdsOver(now, limit) {
      const rows = await db
        .selectFrom('hold')
        .selectAll()
        .where('ended_at', 'is', null)
        .where('until', 'is not', null)
        .where('until', '<=', now)
        .orderBy('until')
        .orderBy('idx')
        .limit(limit)
        .execute();
      return filled(rows);
    },
    async holdsOn(target) {
      return filled(await holds().where('ended_at', 'is', null).where('target', '=', target).execute());
    },
    async heldBy(indexes) {
      if (indexes.length === 0) return new Map();
      const rows = await db
        .selectFrom('hold_said')
        .innerJoin('hold', 'hold.idx', 'hold_said.hold')
        .select(['hold_said.idx as said', 'hold.target as target'])
        .where('hold_said.idx', 'in', indexes)
        .execute();
      return new Map(rows.map(({ said, target }) => [said, target]));
    },
    async held(parts) {
      const rows = await standingOn(db, parts).where('hold.ended_at', 'is', null).execute();
      return new Set(rows.map(({ part }) => part));
    },
    async lastHoldEnded(parts) {
      const rows = await standingOn(db, parts).where('hold.ended_at', 'is not', null).execute();
      return rows.reduce<Instant | null>((last, { ended }) => Math.max(last ?? 0, ended ?? 0), null);
    },
    async request(index) {
      const row = await requests().where('idx', '=', index).executeTakeFirst();
      return row ? requestOf(row) : null;
    },
    async requestsOf(party) {
      const rows = await requests()
        .where((where) => where.or([where('asker', '=', party), where('originator', '=', party)]))
        .execute();
      return rows.map(requestOf);
    },
  };
}

/** Of one statement: never more than its parts. */
function standingOn(db: Db<LawTables>, parts: readonly PartNumber[]) {
  return db
    .selectFrom('hold_part')
    .innerJoin('hold', 'hold.idx', 'hold_part.hold')
    .select(['hold_part.part as part', 'hold.ended_at as ended'])
    .where('hold_part.part', 'in', parts.length === 0 ? [-1] : parts);
}

/** Holds looked at together: below the variables that SQLite binds. */
const holdsAtOnce = 500;

async function partsOf(
  db: Db<LawTables>,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, readonly PartNumber[]>> {
  const parts = new Map<number, PartNumber[]>();
  for (let i = 0; i < indexes.length; i += holdsAtOnce) {
    const rows = await db
      .selectFrom('hold_part')
      .selectAll()
      .where('hold', 'in', indexes.slice(i, i + holdsAtOnce))
      .orderBy('hold')
      .orderBy('part')
      .execute();
    for (const { hold, part } of rows) parts.set(hold, [...(parts.get(hold) ?? []), part]);
  }
  return parts;
}

function holdOf(row: LawTables['hold'], parts: readonly PartNumber[]): HoldRow {
  const { idx: index, reviewed_at: reviewed, ended_at: ended, ...rest } = row;
  return { ...rest, index, reviewed, ended, parts };
}

function requestOf(row: LawTables['subject_request']): SubjectRow {
  const { idx: index, answered_at: answeredAt, answered_idx: _, parts, ...rest } = row;
  return { ...rest, index, answeredAt, parts: parts === null ? null : (JSON.parse(parts) as number[]) };
}
