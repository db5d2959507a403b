/**
 * Every kind of statement: the shape of its body, and what its parts are. Kinds carry a version; a published
 * shape never changes. Each has a page in `spec/kinds/`.
 */
import { z } from 'zod';
import { classifications } from './classification.ts';
import {
  hash,
  instantText,
  partNumbers,
  partyId,
  partyList,
  purposeId,
  reason,
  statementRef,
} from './fields.ts';
import { filesSchema } from './files.ts';
import { handlingSchema } from './handling.ts';
import { keepBases, lawKinds } from './kinds-law.ts';
import { key, partyKinds, profile, type Right } from './kinds-parties.ts';
import { roomKinds } from './kinds-rooms.ts';
import { supervisionKinds } from './kinds-supervision.ts';

export {
  holdBases,
  keepBases,
  refusalBases,
  subjectAnswers,
  subjectRequests,
} from './kinds-law.ts';
export { type Connector, type DeviceName, type Profile, type Right, rights } from './kinds-parties.ts';
export { type RoomRole, roomRoles, undertakingStates } from './kinds-rooms.ts';

export const answers = ['destroyed', 'kept', 'unreachable'] as const;
/** What the parts of a kind are: STIX objects and after them files, one JSON part of a shape, such a part or none, or none. */
export type PartsOf = 'stix' | 'none' | { readonly one: z.ZodType } | { readonly optional: z.ZodType };

interface Kind {
  readonly body: z.ZodType;
  readonly parts: PartsOf;
  /** Whether the header names a room. */
  readonly room: boolean;
  /** The right that the device needs. The centre's own kinds need `speak` of the centre's own device. */
  readonly right: Right;
}

const logName = z.string().min(1).max(512);
/** The centre opens its next log, after a loss or under other keys (`succession.ts`). */
const succession = z
  .strictObject({
    log: logName,
    keys: z.array(z.string().max(4_096)).min(1).max(4),
    /** The log before, and up to where it is known: its checkpoint, a signed note; null where only the size is known. */
    before: z.strictObject({
      log: logName,
      size: z.int().min(1),
      checkpoint: z.string().max(32_768).nullable(),
    }),
    /** From this index on, up to that one (exclusive); `to` is null where nobody knows how much there was. */
    missing: z.strictObject({ from: z.int().min(1), to: z.int().nullable() }).nullable(),
    why: z.enum(['loss', 'rotation']),
  })
  .refine(({ why, missing }) => (why === 'loss') === (missing !== null), {
    path: ['missing'],
    message: 'after a loss something is missing, after a rotation nothing is',
  })
  .refine(
    ({ missing, before: { size } }) =>
      missing === null ||
      (missing.to === null ? missing.from === size : missing.from < size && missing.to === size),
    { path: ['missing'], message: 'what is missing ends where the log before is known to end' },
  );

export const kinds = {
  'centre.open/1': {
    body: z.strictObject({ key, logs: z.array(z.string().max(4_096)).min(1).max(4) }),
    parts: { one: profile },
    room: false,
    right: 'govern',
  },
  /** The centre says up to where it may hold what is classified; each one replaces the one before. */
  'centre.accredit/1': {
    body: z.strictObject({ highest: z.enum(classifications) }),
    parts: 'none',
    room: false,
    right: 'speak',
  },
  'centre.succeed/1': {
    body: succession,
    parts: 'none',
    room: false,
    right: 'govern',
  },
  ...partyKinds,

  ...roomKinds,
  'share/1': {
    body: z.strictObject({
      handling: handlingSchema,
      /** The last of its parts, whose bytes stand apart. */
      files: filesSchema.optional(),
    }),
    parts: 'stix',
    room: true,
    right: 'speak',
  },
  'recall/1': {
    body: z.strictObject({
      target: statementRef,
      parts: partNumbers,
      /** Taken back from these parties only; absent: from all. */
      from: partyList.optional(),
    }),
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

  ...lawKinds,
  ...supervisionKinds,

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
  'centre.accredit/1',
  'centre.succeed/1',
  'notice/1',
  'expiry/1',
  'access.digest/1',
]);

/** Kinds that anybody may see, in a party or in none: where they are announced, and what is decided of them, follow from it. */
const publicKinds = ['centre.open/1', 'centre.accredit/1', 'centre.succeed/1'] as const satisfies KindName[];
export type PublicKind = (typeof publicKinds)[number];

export function isPublicKind(kind: KindName): kind is PublicKind {
  return publicKinds.some((each) => each === kind);
}

/** What taking back erases: content and reasons. Others' keys and acceptances rest on the rest. */
export function isErasable(kind: KindName): boolean {
  const shape: PartsOf = kinds[kind].parts;
  if (typeof shape === 'string') return shape === 'stix';
  return 'optional' in shape || shape.one === reason;
}
