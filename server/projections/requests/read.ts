import type { Instant } from '@parley/core/fields.ts';
import { perDatabase } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import type { RequestsTables } from './tables.ts';

export interface AskRow {
  readonly index: number;
  readonly room: string;
  readonly asker: string;
  readonly originator: string;
  readonly target: number;
  readonly to: string;
  readonly at: Instant;
  readonly state: 'open' | 'granted' | 'denied';
}

export interface RequestsReader {
  ask(index: number): Promise<AskRow | null>;
  /** Those that wait for this originator's answer, oldest first. */
  openFor(originator: string): Promise<readonly AskRow[]>;
}

export const readRequests = perDatabase(requestsOf);

function requestsOf(db: Db<RequestsTables>): RequestsReader {
  const of = (row: RequestsTables['ask']): AskRow => ({
    index: row.idx,
    room: row.room,
    asker: row.asker,
    originator: row.originator,
    target: row.target,
    to: row.party,
    at: row.at,
    state: row.state,
  });
  return {
    async ask(index) {
      const row = await db.selectFrom('ask').selectAll().where('idx', '=', index).executeTakeFirst();
      return row ? of(row) : null;
    },
    async openFor(originator) {
      const rows = await db
        .selectFrom('ask')
        .selectAll()
        .where('originator', '=', originator)
        .where('state', '=', 'open')
        .orderBy('idx')
        .execute();
      return rows.map(of);
    },
  };
}
