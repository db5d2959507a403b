import type { Instant } from '@parley/core/fields.ts';
import type { Verdict } from '@parley/core/kinds-supervision.ts';
import { perDatabase } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import type { ComplaintsTables } from './tables.ts';

export interface ComplaintAnswerRow {
  readonly index: number;
  readonly party: string;
  readonly verdict: Verdict;
  readonly at: Instant;
}

export interface OpeningRow {
  readonly index: number;
  readonly supervisor: string;
  readonly target: number;
  /** Null: all of them. */
  readonly parts: readonly number[] | null;
  readonly until: Instant;
  readonly at: Instant;
}

export interface ComplaintRow {
  readonly index: number;
  readonly room: string;
  readonly author: string;
  readonly about: string;
  readonly statement: number | null;
  readonly supervisor: string | null;
  readonly at: Instant;
  /** In the order of the log. */
  readonly answers: readonly ComplaintAnswerRow[];
  /** What who supervises has opened for it. */
  readonly openings: readonly OpeningRow[];
  /** Who is to decide it has not answered: who supervises, else whom it is about. */
  readonly open: boolean;
}

export interface ComplaintsReader {
  complaint(index: number): Promise<ComplaintRow | null>;
  /** That the party lodged, that are about it, or that it is to decide, oldest first. */
  complaintsOf(party: string): Promise<readonly ComplaintRow[]>;
}

export const readComplaints = perDatabase(complaintsOf);

function complaintsOf(db: Db<ComplaintsTables>): ComplaintsReader {
  const complaints = db.selectFrom('complaint').selectAll();
  const whole = async (row: ComplaintsTables['complaint']): Promise<ComplaintRow> => {
    const { idx: index, ...rest } = row;
    const answers = await db
      .selectFrom('complaint_answer')
      .select(['idx as index', 'party', 'verdict', 'at'])
      .where('complaint', '=', index)
      .orderBy('idx')
      .execute();
    const openings = await db
      .selectFrom('opening')
      .select(['idx as index', 'supervisor', 'target', 'parts', 'until', 'at'])
      .where('complaint', '=', index)
      .orderBy('idx')
      .execute();
    const decider = row.supervisor ?? row.about;
    return {
      ...rest,
      index,
      answers,
      openings: openings.map(({ parts, ...each }) => ({
        ...each,
        parts: parts === null ? null : (JSON.parse(parts) as number[]),
      })),
      open: !answers.some(({ party }) => party === decider),
    };
  };
  return {
    async complaint(index) {
      const row = await complaints.where('idx', '=', index).executeTakeFirst();
      return row ? whole(row) : null;
    },
    async complaintsOf(party) {
      const rows = await complaints
        .where(({ or, eb }) =>
          or([eb('author', '=', party), eb('about', '=', party), eb('supervisor', '=', party)]),
        )
        .orderBy('idx')
        .execute();
      return Promise.all(rows.map(whole));
    },
  };
}
