/** Kinds by which rooms are governed, and by which members speak of what they undertook. */
import { z } from 'zod';
import { hash, partyId, reason, statementRef } from './fields.ts';
import { termsSchema } from './terms.ts';
import { undertakingId } from './undertakings.ts';

/** As what a party stands in a room. */
export const roomRoles = ['member', 'observer', 'supervisor'] as const;
export type RoomRole = (typeof roomRoles)[number];

export const undertakingStates = ['holds', 'broken'] as const;

const empty = z.strictObject({});

export const roomKinds = {
  'room.open/1': { body: empty, parts: { one: termsSchema }, room: false, right: 'govern' },
  'room.terms/1': { body: empty, parts: { one: termsSchema }, room: true, right: 'govern' },
  'room.invite/1': {
    body: z.strictObject({
      party: partyId,
      /** As what; left out: as a member. */
      as: z.enum(roomRoles).optional(),
    }),
    parts: 'none',
    room: true,
    right: 'govern',
  },
  'room.withdraw/1': { body: z.strictObject({ party: partyId }), parts: 'none', room: true, right: 'govern' },
  'room.accept/1': { body: z.strictObject({ terms: hash }), parts: 'none', room: true, right: 'govern' },
  'room.decline/1': {
    body: z.strictObject({ terms: hash }),
    parts: { optional: reason },
    room: true,
    right: 'govern',
  },
  'room.leave/1': { body: empty, parts: 'none', room: true, right: 'govern' },
  'room.remove/1': {
    body: z.strictObject({ party: partyId }),
    parts: { optional: reason },
    room: true,
    right: 'govern',
  },

  /** The owner closes a stay; what the party said, and what it owes, stands. */
  'room.suspend/1': {
    body: z.strictObject({ party: partyId }),
    parts: { optional: reason },
    room: true,
    right: 'govern',
  },
  'room.restore/1': { body: z.strictObject({ party: partyId }), parts: 'none', room: true, right: 'govern' },

  /** That an undertaking of the terms holds, or was broken, with what shows it. */
  'undertaking.state/1': {
    body: z.strictObject({
      undertaking: undertakingId,
      /** Who owes it. */
      by: partyId,
      /** The terms in which it stands: those that the speaker accepted. */
      terms: hash,
      state: z.enum(undertakingStates),
      evidence: z.array(statementRef).max(16),
    }),
    parts: { optional: reason },
    room: true,
    right: 'govern',
  },
  /** While it stands, what the speaker shared in the room is withheld from that party. Never a warning or a notice. */
  'undertaking.suspend/1': {
    body: z.strictObject({
      /** The speaker's own, owed in return for the one that was broken. */
      undertaking: undertakingId,
      /** A statement that it was broken. */
      because: statementRef,
      from: partyId,
    }),
    parts: 'none',
    room: true,
    right: 'govern',
  },
  'undertaking.resume/1': {
    body: z.strictObject({ suspension: statementRef }),
    parts: 'none',
    room: true,
    right: 'govern',
  },
} as const;
