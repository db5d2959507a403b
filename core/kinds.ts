/**
 * Every kind of statement: the shape of its body, and what its parts are. Kinds carry a version; a published
 * shape never changes. Each has a page in `spec/kinds/`.
 */
import { z } from 'zod';
import {
  base64Of,
  deviceId,
  freeText,
  hash,
  instantText,
  partNumbers,
  partyId,
  purposeId,
  statementRef,
} from './fields.ts';
import { handlingSchema } from './handling.ts';
import { termsSchema } from './terms.ts';

export const rights = ['read', 'speak', 'govern'] as const;
export type Right = (typeof rights)[number];

const key = base64Of(32);
const signature = base64Of(64);
const rightList = z
  .array(z.enum(rights))
  .min(1)
  .max(3)
  .refine((list) => new Set(list).size === list.length, 'a right is named twice');

const empty = z.strictObject({});
const name = freeText(200);
/** A party's first part: what it calls itself and its first device. */
const profile = z.strictObject({ name, device: name });
const deviceName = z.strictObject({ name });
const reason = z.strictObject({ reason: freeText(4_000) });

export const answers = ['destroyed', 'kept', 'unreachable'] as const;
/** On what a party may keep what was taken back. */
export const keepBases = [
  'criminal-proceedings',
  'court-order',
  'statutory-archive',
  'vital-interest',
  'legal-claim',
] as const;

/** What the parts of a kind are: STIX objects, one JSON part of a shape, such a part or none, or none. */
export type PartsOf = 'stix' | 'none' | { readonly one: z.ZodType } | { readonly optional: z.ZodType };

interface Kind {
  readonly body: z.ZodType;
  readonly parts: PartsOf;
  /** Whether the header names a room. */
  readonly room: boolean;
  /** The right that the device needs. The centre's own kinds need `speak` of the centre's own device. */
  readonly right: Right;
}

export const kinds = {
  'centre.open/1': {
    body: z.strictObject({ key, logs: z.array(z.string().max(4_096)).min(1).max(4) }),
    parts: { one: profile },
    room: false,
    right: 'govern',
  },
  'party.invite/1': {
    body: z.strictObject({ key, until: instantText }),
    parts: 'none',
    room: false,
    right: 'govern',
  },
  'party.withdraw/1': { body: z.strictObject({ key }), parts: 'none', room: false, right: 'govern' },
  'party.found/1': {
    body: z.strictObject({
      key,
      ends: instantText.nullable(),
      invitation: z.strictObject({ key, signature }),
    }),
    parts: { one: profile },
    room: false,
    right: 'govern',
  },
  'device.enrol/1': {
    body: z.strictObject({ key, rights: rightList, ends: instantText.nullable(), consent: signature }),
    parts: { one: deviceName },
    room: false,
    right: 'govern',
  },
  'device.revoke/1': {
    body: z.strictObject({ device: deviceId }),
    parts: 'none',
    room: false,
    right: 'govern',
  },

  'room.open/1': { body: empty, parts: { one: termsSchema }, room: false, right: 'govern' },
  'room.terms/1': { body: empty, parts: { one: termsSchema }, room: true, right: 'govern' },
  'room.invite/1': { body: z.strictObject({ party: partyId }), parts: 'none', room: true, right: 'govern' },
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

  'share/1': {
    body: z.strictObject({ handling: handlingSchema }),
    parts: 'stix',
    room: true,
    right: 'speak',
  },
  'recall/1': {
    body: z.strictObject({ target: statementRef, parts: partNumbers }),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
  'ask/1': {
    body: z.strictObject({
      target: statementRef,
      parts: partNumbers,
      to: partyId,
      purposes: z.array(purposeId).min(1).max(16),
    }),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
  'grant/1': {
    body: z.strictObject({
      target: statementRef,
      parts: partNumbers,
      to: partyId,
      purposes: z.array(purposeId).min(1).max(16),
      /** The terms that reading under the grant accepts. */
      terms: hash,
      /** The request that this answers, or null. */
      ask: statementRef.nullable(),
    }),
    parts: 'none',
    room: true,
    right: 'speak',
  },
  'deny/1': {
    body: z.strictObject({ ask: statementRef }),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },
  'ack/1': {
    body: z
      .strictObject({
        notice: statementRef,
        answer: z.enum(answers),
        basis: z.enum(keepBases).nullable(),
        until: instantText.nullable(),
      })
      .refine(
        ({ answer, basis, until }) =>
          [basis, until].every((given) => (given !== null) === (answer === 'kept')),
        {
          message: 'what is kept has a legal basis and an end; what is not kept has neither',
        },
      ),
    parts: { optional: reason },
    room: true,
    right: 'speak',
  },

  /** The centre tells one recipient that what it had was taken back, has ended, or was corrected. */
  'notice/1': {
    body: z.strictObject({
      cause: z.enum(['recall', 'expiry', 'correction']),
      /** What the recipient had. */
      target: statementRef,
      parts: partNumbers.unwrap(),
      /** The recall, the expiry, or the share that corrects. */
      by: statementRef,
      to: partyId,
    }),
    parts: 'none',
    room: true,
    right: 'speak',
  },
  /** The centre says that the `until` of a share has come. It erases as a recall of all parts does. */
  'expiry/1': {
    body: z.strictObject({ target: statementRef, due: instantText }),
    parts: 'none',
    room: true,
    right: 'speak',
  },
  /** The centre commits to all accesses of an hour: a tree with one salted leaf for each party. */
  'access.digest/1': {
    body: z.strictObject({ from: instantText, to: instantText, leaves: z.int().min(0), root: hash }),
    parts: 'none',
    room: false,
    right: 'speak',
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
export type BodyOf<K extends KindName> = z.infer<(typeof kinds)[K]['body']>;

export function isKind(name: string): name is KindName {
  return Object.hasOwn(kinds, name);
}

/** Kinds that only the centre's own party says. */
export const centreKinds: ReadonlySet<KindName> = new Set([
  'centre.open/1',
  'notice/1',
  'expiry/1',
  'access.digest/1',
]);

export type Profile = z.infer<typeof profile>;
export type DeviceName = z.infer<typeof deviceName>;
