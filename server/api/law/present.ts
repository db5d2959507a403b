/** Holds, and requests of persons, as JSON. */
import { textOf } from '@parley/core/fields.ts';
import { holdBases, keepBases, refusalBases, subjectAnswers, subjectRequests } from '@parley/core/kinds.ts';
import { z } from 'zod';
import type { HoldsView, SubjectView } from '../../release/law.ts';
import type { Released } from '../../release/released.ts';
import { partyId, statementRef, time, uuid } from '../shapes.ts';

const parts = z.array(z.int());

export const holdsShape = z.strictObject({
  holds: z.array(
    z.strictObject({
      statement: statementRef,
      target: statementRef,
      room: uuid,
      parts: parts.describe('That it covers: those that were there when it was said'),
      basis: z.enum(holdBases),
      review: time,
      until: time.nullable(),
      at: time,
      reviewed: time.nullable(),
      ended: time.nullable(),
    }),
  ),
  kept: z.array(
    z.strictObject({
      notice: statementRef,
      target: statementRef,
      room: uuid,
      parts,
      basis: z.enum(keepBases),
      until: time,
      at: time,
      over: z.boolean().describe('The end has come'),
    }),
  ),
});

export const subjectsShape = z.strictObject({
  requests: z.array(
    z.strictObject({
      statement: statementRef,
      target: statementRef,
      room: uuid,
      parts: parts.nullable(),
      asker: partyId,
      originator: partyId,
      request: z.enum(subjectRequests),
      due: time,
      at: time,
      answer: z.enum(subjectAnswers).nullable(),
      basis: z.enum(refusalBases).nullable(),
      answered: time.nullable(),
      overdue: z.boolean(),
    }),
  ),
});

export function presentHolds({ value }: Released<HoldsView>): z.infer<typeof holdsShape> {
  const { holds, kept } = value;
  return {
    holds: holds.map(({ basis, parts, review, until, at, reviewed, ended, ...rest }) => ({
      ...rest,
      basis: basis as (typeof holdBases)[number],
      parts: [...parts],
      review: textOf(review),
      until: orNull(until),
      at: textOf(at),
      reviewed: orNull(reviewed),
      ended: orNull(ended),
    })),
    kept: kept.map(({ basis, parts, until, at, ...rest }) => ({
      ...rest,
      basis: basis as (typeof keepBases)[number],
      parts: [...parts],
      until: textOf(until),
      at: textOf(at),
    })),
  };
}

export function presentSubjects({
  value,
}: Released<{ requests: readonly SubjectView[] }>): z.infer<typeof subjectsShape> {
  return {
    requests: value.requests.map(({ parts, basis, due, at, answered, ...rest }) => ({
      ...rest,
      parts: parts && [...parts],
      basis: basis as (typeof refusalBases)[number] | null,
      due: textOf(due),
      at: textOf(at),
      answered: orNull(answered),
    })),
  };
}

function orNull(instant: number | null): string | null {
  return instant === null ? null : textOf(instant);
}
