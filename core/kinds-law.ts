/** Kinds that suspend erasure, and by which persons ask. */
import { z } from 'zod';
import { instantText, partNumbers, reason, statementRef } from './fields.ts';

/** On what a party may keep what was taken back. */
export const keepBases = [
  'criminal-proceedings',
  'court-order',
  'statutory-archive',
  'vital-interest',
  'legal-claim',
] as const;

/** On what a party may hold what it said against erasure, its own as well as a data subject's. */
export const holdBases = [
  ...keepBases,
  'supervisory-inquiry',
  'accuracy-contested',
  'subject-needs-it',
] as const;

export const subjectRequests = ['access', 'rectification', 'erasure'] as const;
export const subjectAnswers = ['done', 'partly', 'refused'] as const;
/** On what a request of a data subject may be refused, wholly or in part. */
export const refusalBases = [
  ...keepBases,
  'public-security',
  'ongoing-inquiry',
  'rights-of-others',
  'not-this-person',
  'accurate',
] as const;

const lateReview = { path: ['review'], message: 'the review comes after the end' };
function isReviewedInTime({ review, until }: { review: string; until: string | null }): boolean {
  return until === null || review <= until;
}

export const lawKinds = {
  /** While it stands, taking back and the end of a share hide what it covers, and erase nothing of it. */
  'hold/1': {
    body: z
      .strictObject({
        target: statementRef,
        parts: partNumbers,
        basis: z.enum(holdBases),
        /** When its author looks at it again. */
        review: instantText,
        until: instantText.nullable(),
      })
      .refine(isReviewedInTime, lateReview),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
  'hold.review/1': {
    body: z
      .strictObject({ hold: statementRef, review: instantText, until: instantText.nullable() })
      .refine(isReviewedInTime, lateReview),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
  /** Said by the author of the hold; by the centre where the end that the hold names has come. */
  'hold.end/1': {
    body: z.strictObject({ hold: statementRef }),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
  /** A person asks, through a party that may see what it is about, whoever said it. */
  'subject.request/1': {
    body: z.strictObject({
      target: statementRef,
      parts: partNumbers,
      request: z.enum(subjectRequests),
      due: instantText,
    }),
    parts: { one: reason },
    room: true,
    right: 'speak',
  },
  'subject.answer/1': {
    body: z
      .strictObject({
        request: statementRef,
        answer: z.enum(subjectAnswers),
        basis: z.enum(refusalBases).nullable(),
      })
      .refine(({ answer, basis }) => (basis === null) === (answer === 'done'), {
        path: ['basis'],
        message: 'what is refused, wholly or in part, has a legal basis; what is done has none',
      }),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
} as const;
