/** Shapes of the answers that are plain JSON (spec/api.md). Members that are not known here are left out. */
import { classifications } from '@parley/core/classification.ts';
import { hash, instantText, partyId, purposeId, statementRef, uuid } from '@parley/core/fields.ts';
import { kinds, rights, roomRoles } from '@parley/core/kinds.ts';
import { centreName } from '@parley/core/statement.ts';
import { levels } from '@parley/core/terms.ts';
import { z } from 'zod';
import { count, time } from './answer-fields.ts';

const purpose = z.object({ id: purposeId, title: z.record(z.string(), z.string()), basis: z.string() });

export const centreShape = z.object({
  centre: centreName,
  /** Of the log, such as `centre.example/log/1`. */
  origin: z.string(),
  logs: z.array(z.string()).min(1).max(4),
  /** Every log that it has kept, this one the last: where each began, and the statement that opened it. */
  history: z
    .array(z.object({ origin: z.string(), logs: z.array(z.string()), from: count, statement: statementRef }))
    .default([]),
  /** The centre's own party. */
  party: partyId,
  /** The party that hosts it, as the centre says, or null. */
  host: partyId.nullable(),
  /** The shipped list, as this centre has it. */
  purposes: z.array(purpose),
  /** Up to where it may hold what is classified, and the centre's statement that says so. */
  accredited: z.object({ highest: z.enum(classifications), statement: statementRef.nullable() }),
  limits: z.object({ header: count, parts: count, partBytes: count, body: count }),
  time,
});
export type CentreInfo = z.infer<typeof centreShape>;

export const challengeShape = z.object({ challenge: z.string().min(1), expires: time });

export const sessionShape = z.object({
  expires: time,
  party: partyId,
  device: partyId,
  purpose: purposeId,
  justified: z.boolean(),
});
export type SessionInfo = z.infer<typeof sessionShape>;
export const openedShape = sessionShape.extend({ token: z.string().min(1) });

const termsShape = z.object({ hash, salt: z.string() });
const stander = z.object({
  party: partyId,
  name: z.string(),
  since: time,
  suspended: z.boolean().default(false),
  /** Hash of the terms that bind it. */
  terms: hash.nullable().default(null),
});

export const roomShape = z.object({
  room: uuid,
  /** Null where only something public or passed on is seen of the room. */
  owner: partyId.nullable(),
  relation: z.enum([
    'owner',
    'member',
    'observer',
    'supervisor',
    'invited',
    'suspended',
    'left',
    'granted',
    'public',
  ]),
  /** As what it is invited. */
  as: z.enum(roomRoles).nullable().default(null),
  offered: termsShape.nullable(),
  accepted: termsShape.nullable(),
  /** Null where the terms hide who is in. */
  members: z.array(stander).nullable(),
  /** Shown to members, whatever the terms. */
  observers: z.array(stander).nullable().default(null),
  /** Whom the terms now offered name, and whether it has come. */
  supervisor: z.object({ party: partyId, name: z.string(), accepted: z.boolean() }).nullable().default(null),
  since: time.nullable(),
  invitation: statementRef.nullable(),
});
export const roomsShape = z.object({ rooms: z.array(roomShape) });

const locked = z.object({
  party: partyId,
  type: z.string(),
  count,
  needs: z.object({ purposes: z.array(purposeId), justification: z.boolean() }),
});
export type Locked = z.infer<typeof locked>;
export const lockedShape = z.object({ locked: z.array(locked) });

const reading = z.object({ party: partyId, purpose: purposeId, at: time, parts: z.array(count) });
/** That a party read parts of a statement. */
export type Reading = z.infer<typeof reading>;
export const readersShape = z.object({ readers: z.array(reading) });

const ability = z.object({
  /** Null: anybody. */
  party: partyId.nullable(),
  parts: z.array(count),
  could: z.boolean(),
  /** That opens it, or that denies it (spec/release.md). */
  rule: z.string(),
  purposes: z.array(purposeId),
  justification: z.boolean(),
});
/** For some parts of a statement, what holds for one party. */
export type Ability = z.infer<typeof ability>;
export const audienceShape = z.object({ audience: z.array(ability) });

const party = z.object({
  party: partyId,
  name: z.string(),
  relation: z.string(),
  /** At which alone it takes part; null: at any. */
  level: z.enum(levels).nullable().default(null),
});
export type PartyView = z.infer<typeof party>;
export const partiesShape = z.object({ parties: z.array(party) });

const device = z.object({
  device: partyId,
  name: z.string(),
  rights: z.array(z.enum(rights)),
  ends: instantText.nullable(),
  enrolled: time,
  revoked: time.nullable(),
  /** Its only rooms; null: all of the party's. */
  rooms: z.array(uuid).nullable(),
  /** Whether it shares and sees personal data. */
  personal: z.boolean(),
  from: z.enum(['founding', 'enrolment', 'recovery', 'readmission', 'recovery-key']),
});
export type DeviceView = z.infer<typeof device>;
export const devicesShape = z.object({ devices: z.array(device) });

const readmission = z.object({
  /** Base64 of the key for which guardians vouch. */
  key: z.string(),
  vouched: z.array(z.object({ party: partyId, at: time, statement: statementRef })),
  /** From when it may be used; null while one guardian has not vouched. */
  ready: time.nullable(),
});
const guardians = z.object({ parties: z.array(partyId), delay: count, statement: statementRef });
export const recoveryShape = z.object({
  key: z.object({ key: z.string(), statement: statementRef }).nullable(),
  guardians: guardians.nullable(),
  readmissions: z.array(readmission),
  /** Parties that named this one as their guardian. */
  wards: z.array(guardians.extend({ party: partyId, readmissions: z.array(readmission) })),
});
/** How the party would come back, and whom it guards. */
export type RecoveryView = z.infer<typeof recoveryShape>;
export type Readmission = z.infer<typeof readmission>;

const task = z.object({
  what: z.enum([
    ...[
      'invitation',
      'terms',
      'ask',
      'notice',
      'hold',
      'subject',
      'classification',
      'readmission',
      'complaint',
    ],
  ] as const),
  room: uuid.nullable(),
  since: time,
  statement: statementRef,
  party: partyId,
  detail: z.unknown(),
  /** By when, where somebody set a time. */
  due: time.optional(),
});
/** What the party owes somebody. */
export type Task = z.infer<typeof task>;
export const tasksShape = z.object({ tasks: z.array(task) });

const acknowledgement = kinds['ack/1'].body.shape;
const recipient = z.object({
  party: partyId,
  notice: statementRef,
  answer: acknowledgement.answer.nullable(),
  basis: acknowledgement.basis,
  until: instantText.nullable(),
  at: time.nullable(),
});
const recalled = z.object({
  statement: statementRef,
  target: statementRef,
  cause: z.enum(['recall', 'expiry', 'correction']),
  /** From whom alone it was taken back; null: from all. */
  from: z.array(partyId).nullable().default(null),
  at: time,
  /** When the last of it was erased, or null: not yet. */
  erased: time.nullable(),
  /** Parts that are hidden, and kept from erasure by a hold. */
  held: z.array(count).default([]),
  recipients: z.array(recipient),
});
export type RecallView = z.infer<typeof recalled>;
export const recallsShape = z.object({ recalls: z.array(recalled) });

const access = z.object({
  at: time,
  device: partyId,
  person: z.string().nullable(),
  purpose: purposeId,
  justification: z.string().nullable(),
  route: z.string(),
  statements: z.array(statementRef.extend({ parts: z.array(count) })),
});
export type Access = z.infer<typeof access>;
export const accessesShape = z.object({ accesses: z.array(access), next: z.string().nullable() });

const digest = z.object({
  statement: statementRef,
  from: time,
  to: time,
  salt: z.string(),
  leaf: z.string(),
  index: count,
  path: z.array(z.string()),
});
export type Digest = z.infer<typeof digest>;
export const digestsShape = z.object({ digests: z.array(digest), next: z.string().nullable() });
