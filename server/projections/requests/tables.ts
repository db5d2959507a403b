/** Who asked whom to pass something on, and what became of it. */
import type { TableSet } from '../folding.ts';

export interface RequestsTables {
  ask: {
    idx: number;
    room: string;
    asker: string;
    originator: string;
    target: number;
    /** To whom it should be passed on. */
    party: string;
    at: number;
    state: 'open' | 'granted' | 'denied';
    answered_idx: number | null;
  };
}

export const requestsTables: TableSet = {
  create: ({ text }) => [
    `create table ask (idx bigint primary key, room ${text} not null, asker ${text} not null, originator ${text} not null, target bigint not null,
       party ${text} not null, at bigint not null, state ${text} not null, answered_idx bigint)`,
    `create index ask_originator on ask (originator, state)`,
    `create index ask_asker on ask (asker)`,
  ],
  tables: [{ name: 'ask', key: ['idx'] }],
};
