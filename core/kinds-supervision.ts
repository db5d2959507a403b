/** Kinds by which misuse is complained of, answered for and looked into. */
import { z } from 'zod';
import { instantText, partNumbers, partyId, reason, statementRef } from './fields.ts';

/** What a complaint is answered with. Who supervises decides it by any of them; whom it is about, only for itself. */
export const verdicts = ['upheld', 'rejected', 'answered'] as const;
export type Verdict = (typeof verdicts)[number];

export const supervisionKinds = {
  /** Somebody in the room misused something, says another one there. */
  'complaint.lodge/1': {
    body: z.strictObject({ about: partyId, statement: statementRef.nullable() }),
    parts: { one: reason },
    room: true,
    right: 'speak',
  },
  'complaint.answer/1': {
    body: z.strictObject({ complaint: statementRef, verdict: z.enum(verdicts) }),
    parts: { one: reason },
    room: true,
    right: 'speak',
  },
  /** Who supervises the room opens to itself content that an open complaint is about. */
  'supervision.open/1': {
    body: z.strictObject({
      complaint: statementRef,
      target: statementRef,
      parts: partNumbers,
      until: instantText,
    }),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
} as const;
