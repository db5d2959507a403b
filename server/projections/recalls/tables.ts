/** What was taken back, has ended or was corrected, who was told of it, and what they answered. */
import type { TableSet } from '../folding.ts';

export interface RecallsTables {
  recall: {
    idx: number;
    room: string;
    party: string;
    target: number;
    cause: 'recall' | 'expiry';
    parts: string | null;
    /** From whom alone; null: from all. */
    from_parties: string | null;
    at: number;
  };
  notice: {
    idx: number;
    room: string;
    /** The recipient. */
    party: string;
    /** Whose statement the target is. */
    originator: string;
    target: number;
    by: number;
    cause: 'recall' | 'expiry' | 'correction';
    parts: string;
    at: number;
    answer: 'destroyed' | 'kept' | 'unreachable' | null;
    basis: string | null;
    until: string | null;
    answered_idx: number | null;
    answered_at: number | null;
  };
}

export const recallsTables: TableSet = {
  create: ({ text }) => [
    `create table recall (idx bigint primary key, room ${text} not null, party ${text} not null, target bigint not null, cause ${text} not null,
       parts ${text}, from_parties ${text}, at bigint not null)`,
    `create index recall_party on recall (party, idx)`,
    `create table notice (idx bigint primary key, room ${text} not null, party ${text} not null, originator ${text} not null, target bigint not null,
       by bigint not null, cause ${text} not null, parts ${text} not null, at bigint not null, answer ${text}, basis ${text}, until ${text},
       answered_idx bigint, answered_at bigint)`,
    `create index notice_party on notice (party, idx)`,
    `create index notice_originator on notice (originator, idx)`,
    `create index notice_by on notice (by, party)`,
  ],
  tables: [
    { name: 'recall', key: ['idx'] },
    { name: 'notice', key: ['idx'] },
  ],
};
