import type { Instant } from '@parley/core/fields.ts';
import { perDatabase } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import type { UndertakingsTables } from './tables.ts';

export interface UndertakingStateRow {
  readonly index: number;
  readonly room: string;
  readonly undertaking: string;
  readonly by: string;
  readonly author: string;
  readonly terms: string;
  readonly state: 'holds' | 'broken';
  readonly at: Instant;
}

export interface SuspensionRow {
  readonly index: number;
  readonly room: string;
  /** Whose undertaking it is, and from whom it withholds. */
  readonly party: string;
  readonly from: string;
  readonly undertaking: string;
  /** Index of the statement that another was broken. */
  readonly because: number;
  readonly at: Instant;
  readonly resumed: Instant | null;
  /** Index of the statement that ended it. */
  readonly resumedBy: number | null;
}

export interface UndertakingsReader {
  /** Oldest first. */
  statesIn(room: string): Promise<readonly UndertakingStateRow[]>;
  state(index: number): Promise<UndertakingStateRow | null>;
  /** Oldest first, those that ended among them. */
  suspensionsIn(room: string): Promise<readonly SuspensionRow[]>;
  suspension(index: number): Promise<SuspensionRow | null>;
  /** In every room, those that ended among them: what is withheld from the party, and since when it no longer is. */
  suspensionsFrom(party: string): Promise<readonly SuspensionRow[]>;
}

export const readUndertakings = perDatabase(undertakingsOf);

function undertakingsOf(db: Db<UndertakingsTables>): UndertakingsReader {
  const states = db.selectFrom('undertaking_state').selectAll();
  const suspensions = db.selectFrom('suspension').selectAll();
  return {
    statesIn: async (room) => (await states.where('room', '=', room).orderBy('idx').execute()).map(stateOf),
    async state(index) {
      const row = await states.where('idx', '=', index).executeTakeFirst();
      return row ? stateOf(row) : null;
    },
    suspensionsIn: async (room) =>
      (await suspensions.where('room', '=', room).orderBy('idx').execute()).map(suspensionOf),
    async suspension(index) {
      const row = await suspensions.where('idx', '=', index).executeTakeFirst();
      return row ? suspensionOf(row) : null;
    },
    suspensionsFrom: async (party) =>
      (await suspensions.where('from_party', '=', party).orderBy('idx').execute()).map(suspensionOf),
  };
}

function stateOf({ idx: index, ...row }: UndertakingsTables['undertaking_state']): UndertakingStateRow {
  return { index, ...row };
}

function suspensionOf(row: UndertakingsTables['suspension']): SuspensionRow {
  const { idx: index, room, party, from_party: from, undertaking, because, at } = row;
  const ended = { resumed: row.resumed_at, resumedBy: row.resumed_idx };
  return { index, room, party, from, undertaking, because, at, ...ended };
}
