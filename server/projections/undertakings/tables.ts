/** What was said of the undertakings of a room's terms, and what was suspended in return. */
import type { TableSet } from '../folding.ts';

export interface UndertakingsTables {
  undertaking_state: {
    idx: number;
    /** Id. */
    room: string;
    undertaking: string;
    /** Who owes it, and who says so. */
    by: string;
    author: string;
    terms: string;
    state: 'holds' | 'broken';
    at: number;
  };
  /** What `party` shared in the room is withheld from `from_party`, while it stands. */
  suspension: {
    idx: number;
    room: string;
    party: string;
    from_party: string;
    undertaking: string;
    because: number;
    at: number;
    resumed_idx: number | null;
    resumed_at: number | null;
  };
}

export const undertakingsTables: TableSet = {
  create: ({ text }) => [
    `create table undertaking_state (idx bigint primary key, room ${text} not null, undertaking ${text} not null, by ${text} not null,
       author ${text} not null, terms ${text} not null, state ${text} not null, at bigint not null)`,
    `create index undertaking_state_room on undertaking_state (room, idx)`,
    `create table suspension (idx bigint primary key, room ${text} not null, party ${text} not null, from_party ${text} not null,
       undertaking ${text} not null, because bigint not null, at bigint not null, resumed_idx bigint, resumed_at bigint)`,
    `create index suspension_from on suspension (from_party, idx)`,
    `create index suspension_room on suspension (room, idx)`,
  ],
  tables: [
    { name: 'undertaking_state', key: ['idx'] },
    { name: 'suspension', key: ['idx'] },
  ],
};
