/** Shapes of answers on holds and on what persons asked (spec/api.md). */
import { partyId, statementRef, uuid } from '@parley/core/fields.ts';
import { holdBases, keepBases, refusalBases, subjectAnswers, subjectRequests } from '@parley/core/kinds.ts';
import { z } from 'zod';
import { count, time } from './answer-fields.ts';

const hold = z.object({
  statement: statementRef,
  target: statementRef,
  room: uuid,
  parts: z.array(count),
  basis: z.enum(holdBases),
  review: time,
  until: time.nullable(),
  at: time,
  reviewed: time.nullable(),
  ended: time.nullable(),
});
export type Hold = z.infer<typeof hold>;

const kept = z.object({
  notice: statementRef,
  target: statementRef,
  room: uuid,
  parts: z.array(count),
  basis: z.enum(keepBases),
  until: time,
  at: time,
  /** The end has come. */
  over: z.boolean(),
});
export type Kept = z.infer<typeof kept>;
export const holdsShape = z.object({ holds: z.array(hold), kept: z.array(kept) });

const request = z.object({
  statement: statementRef,
  target: statementRef,
  room: uuid,
  parts: z.array(count).nullable(),
  asker: partyId,
  originator: partyId,
  request: z.enum(subjectRequests),
  due: time,
  at: time,
  answer: z.enum(subjectAnswers).nullable(),
  basis: z.enum(refusalBases).nullable(),
  answered: time.nullable(),
  /** Open although the deadline has passed, or answered after it. */
  overdue: z.boolean(),
});
export type SubjectRequest = z.infer<typeof request>;
export const subjectsShape = z.object({ requests: z.array(request) });
