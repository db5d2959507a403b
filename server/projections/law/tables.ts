/** What suspends erasure, and what persons asked of whoever holds data on them. */
import type { TableSet } from '../folding.ts';

export interface LawTables {
  hold: {
    idx: number;
    room: string;
    /** Whose the target is, and who said the hold. */
    party: string;
    target: number;
    basis: string;
    /** As the last review of it says. */
    review: number;
    until: number | null;
    at: number;
    reviewed_at: number | null;
    ended_at: number | null;
  };
  /** Parts that were there when the hold was said. */
  hold_part: { hold: number; part: number };
  /** Statements about a hold, itself among them. */
  hold_said: { idx: number; hold: number };
  subject_request: {
    idx: number;
    room: string;
    asker: string;
    originator: string;
    target: number;
    parts: string | null;
    request: 'access' | 'rectification' | 'erasure';
    due: number;
    at: number;
    answer: 'done' | 'partly' | 'refused' | null;
    basis: string | null;
    answered_idx: number | null;
    answered_at: number | null;
  };
}

export const lawTables: TableSet = {
  create: ({ text, keyed }) => [
    `create table hold (idx bigint primary key, room ${text} not null, party ${text} not null, target bigint not null, basis ${text} not null,
       review bigint not null, until bigint, at bigint not null, reviewed_at bigint, ended_at bigint)`,
    `create index hold_party on hold (party)`,
    `create index hold_room on hold (room) where ended_at is null`,
    `create index hold_until on hold (until) where until is not null and ended_at is null`,
    `create table hold_part (hold bigint not null, part bigint not null, primary key (hold, part)) ${keyed}`,
    `create index hold_part_part on hold_part (part)`,
    `create table hold_said (idx bigint primary key, hold bigint not null)`,
    `create table subject_request (idx bigint primary key, room ${text} not null, asker ${text} not null, originator ${text} not null,
       target bigint not null, parts ${text}, request ${text} not null, due bigint not null, at bigint not null, answer ${text}, basis ${text},
       answered_idx bigint, answered_at bigint)`,
    `create index subject_request_asker on subject_request (asker)`,
    `create index subject_request_originator on subject_request (originator)`,
  ],
  tables: [
    { name: 'hold', key: ['idx'] },
    { name: 'hold_part', key: ['hold', 'part'] },
    { name: 'hold_said', key: ['idx'] },
    { name: 'subject_request', key: ['idx'] },
  ],
};
