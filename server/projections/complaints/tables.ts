/** Who complained of whom, what was answered, and what was opened to look into it. */
import type { Verdict } from '@parley/core/kinds-supervision.ts';
import type { TableSet } from '../folding.ts';

export interface ComplaintsTables {
  complaint: {
    idx: number;
    /** Id. */
    room: string;
    author: string;
    about: string;
    statement: number | null;
    /** Who supervised the room then, and so decides; null: nobody. */
    supervisor: string | null;
    at: number;
  };
  complaint_answer: { idx: number; complaint: number; party: string; verdict: Verdict; at: number };
  opening: {
    idx: number;
    complaint: number;
    supervisor: string;
    target: number;
    parts: string | null;
    until: number;
    at: number;
  };
}

export const complaintsTables: TableSet = {
  create: ({ text }) => [
    `create table complaint (idx bigint primary key, room ${text} not null, author ${text} not null, about ${text} not null, statement bigint,
       supervisor ${text}, at bigint not null)`,
    `create index complaint_room on complaint (room, idx)`,
    `create index complaint_author on complaint (author)`,
    `create index complaint_about on complaint (about)`,
    `create index complaint_supervisor on complaint (supervisor)`,
    `create table complaint_answer (idx bigint primary key, complaint bigint not null, party ${text} not null, verdict ${text} not null, at bigint not null)`,
    `create index complaint_answer_complaint on complaint_answer (complaint, party)`,
    `create table opening (idx bigint primary key, complaint bigint not null, supervisor ${text} not null, target bigint not null, parts ${text},
       until bigint not null, at bigint not null)`,
    `create index opening_complaint on opening (complaint)`,
  ],
  tables: [
    { name: 'complaint', key: ['idx'] },
    { name: 'complaint_answer', key: ['idx'] },
    { name: 'opening', key: ['idx'] },
  ],
};
