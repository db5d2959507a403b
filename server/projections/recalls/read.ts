import type { Instant } from '@parley/core/fields.ts';
import { perDatabase } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import type { RecallsTables } from './tables.ts';

export interface RecallRow {
  readonly index: number;
  readonly room: string;
  /** The originator of what was taken back or has ended. */
  readonly party: string;
  readonly target: number;
  readonly cause: 'recall' | 'expiry';
  /** Null: all of them. */
  readonly parts: readonly number[] | null;
  /** From whom alone; null: from all. */
  readonly from: readonly string[] | null;
  readonly at: Instant;
}

export interface NoticeRow {
  readonly index: number;
  readonly room: string;
  readonly party: string;
  readonly originator: string;
  readonly target: number;
  readonly by: number;
  readonly cause: 'recall' | 'expiry' | 'correction';
  readonly parts: readonly number[];
  readonly at: Instant;
  readonly answer: RecallsTables['notice']['answer'];
  readonly basis: string | null;
  readonly until: string | null;
  readonly answeredAt: Instant | null;
}

export interface RecallsReader {
  /** Of one originator, oldest first. */
  recallsOf(party: string): Promise<readonly RecallRow[]>;
  /** Since an instant, in the order of the log. */
  recallsSince(instant: Instant): Promise<readonly RecallRow[]>;
  notice(index: number): Promise<NoticeRow | null>;
  noticesTo(party: string): Promise<readonly NoticeRow[]>;
  noticesAbout(originator: string): Promise<readonly NoticeRow[]>;
  /** Told because of a statement. */
  toldBy(index: number): Promise<readonly NoticeRow[]>;
}

export const readRecalls = perDatabase(recallsOf);

function recallsOf(db: Db<RecallsTables>): RecallsReader {
  const notices = () => db.selectFrom('notice').selectAll().orderBy('idx');
  const recalls = () => db.selectFrom('recall').selectAll().orderBy('idx');
  return {
    async recallsOf(party) {
      return (await recalls().where('party', '=', party).execute()).map(recallOf);
    },
    async recallsSince(instant) {
      return (await recalls().where('at', '>=', instant).execute()).map(recallOf);
    },
    async notice(index) {
      const row = await notices().where('idx', '=', index).executeTakeFirst();
      return row ? noticeOf(row) : null;
    },
    async noticesTo(party) {
      return (await notices().where('party', '=', party).execute()).map(noticeOf);
    },
    async noticesAbout(originator) {
      return (await notices().where('originator', '=', originator).execute()).map(noticeOf);
    },
    async toldBy(index) {
      return (await notices().where('by', '=', index).execute()).map(noticeOf);
    },
  };
}

function recallOf(row: RecallsTables['recall']): RecallRow {
  const parts = row.parts === null ? null : (JSON.parse(row.parts) as number[]);
  return {
    index: row.idx,
    room: row.room,
    party: row.party,
    target: row.target,
    cause: row.cause,
    parts,
    from: row.from_parties === null ? null : (JSON.parse(row.from_parties) as string[]),
    at: row.at,
  };
}

function noticeOf(row: RecallsTables['notice']): NoticeRow {
  const { idx: index, answered_at: answeredAt, answered_idx: _, parts, ...rest } = row;
  return { ...rest, index, answeredAt, parts: JSON.parse(parts) as number[] };
}
