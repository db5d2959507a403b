/** Complaints, supervised accesses and numbers as JSON. */
import { textOf } from '@parley/core/fields.ts';
import { verdicts } from '@parley/core/kinds-supervision.ts';
import { z } from 'zod';
import type { ComplaintView } from '../../release/complaints.ts';
import type { Released } from '../../release/released.ts';
import type { Statistics, SupervisedAccess } from '../../release/supervision.ts';
import { partyId, purposeId, statementRef, time, uuid } from '../shapes.ts';

const parts = z.array(z.int());

export const complaintsShape = z.strictObject({
  complaints: z.array(
    z.strictObject({
      statement: statementRef,
      room: uuid,
      author: partyId,
      about: partyId,
      target: statementRef.nullable(),
      supervisor: partyId.nullable().describe('Who decides it'),
      at: time,
      open: z.boolean(),
      answers: z.array(
        z.strictObject({ statement: statementRef, party: partyId, verdict: z.enum(verdicts), at: time }),
      ),
      openings: z.array(
        z.strictObject({
          statement: statementRef,
          target: statementRef,
          parts: parts.nullable(),
          until: time,
          at: time,
        }),
      ),
    }),
  ),
});

export function presentComplaints({
  value,
}: Released<{ complaints: readonly ComplaintView[] }>): z.infer<typeof complaintsShape> {
  return {
    complaints: value.complaints.map(({ at, answers, openings, ...complaint }) => ({
      ...complaint,
      at: textOf(at),
      answers: answers.map((answer) => ({ ...answer, at: textOf(answer.at) })),
      openings: openings.map((opening) => ({
        ...opening,
        parts: opening.parts && [...opening.parts],
        until: textOf(opening.until),
        at: textOf(opening.at),
      })),
    })),
  };
}

export const supervisedShape = z.strictObject({
  accesses: z.array(
    z.strictObject({
      at: time,
      party: partyId,
      device: partyId,
      person: z.string().nullable(),
      purpose: purposeId,
      justification: z.string().nullable(),
      route: z.string(),
      statements: z.array(statementRef.extend({ parts })),
    }),
  ),
  next: z.string().nullable(),
});

export function presentSupervised({
  value: { accesses, next },
}: Released<{
  accesses: readonly SupervisedAccess[];
  next: string | null;
}>): z.infer<typeof supervisedShape> {
  return {
    accesses: accesses.map(({ at, person = null, statements, ...access }) => ({
      ...access,
      at: textOf(at),
      person,
      statements: statements.map((each) => ({ ...each, parts: [...each.parts] })),
    })),
    next,
  };
}

const count = z.int();

export const statisticsShape = z.strictObject({
  from: time,
  accesses: z.array(
    z.strictObject({ party: partyId, purpose: purposeId, accesses: count, parts: count, justified: count }),
  ),
  complaints: z.array(
    z.strictObject({ about: partyId, verdict: z.enum(verdicts).nullable().describe('Null: open'), count }),
  ),
  next: z.string().nullable().describe('Where to go on with the accesses, and add'),
});

export function presentStatistics({ value }: Released<Statistics>): z.infer<typeof statisticsShape> {
  const { from, accesses, complaints, next } = value;
  return { from: textOf(from), accesses: [...accesses], complaints: [...complaints], next };
}
