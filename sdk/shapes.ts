/** Shapes of the answers that are plain JSON (spec/api.md). Members that are not known here are left out. */
import { hash, instantText, partyId, purposeId, statementRef, uuid } from '@parley/core/fields.ts';
import { kinds, rights } from '@parley/core/kinds.ts';
import { centreName } from '@parley/core/statement.ts';
import { z } from 'zod';

const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/);
const count = z.int().min(0);

const purpose = z.object({ id: purposeId, title: z.record(z.string(), z.string()), basis: z.string() });

export const centreShape = z.object({
  centre: centreName,
  /** Of the log, such as `centre.example/log/1`. */
  origin: z.string(),
  logs: z.array(z.string()).min(1).max(4),
  /** The centre's own party. */
  party: partyId,
  /** The party that hosts it, as the centre says, or null. */
  host: partyId.nullable(),
  /** The shipped list, as this centre has it. */
  purposes: z.array(purpose),
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
const member = z.object({ party: partyId, name: z.string(), since: time });

export const roomShape = z.object({
  room: uuid,
  /** Null where only something public or passed on is seen of the room. */
  owner: partyId.nullable(),
  relation: z.enum(['owner', 'member', 'invited', 'left', 'granted', 'public']),
  offered: termsShape.nullable(),
  accepted: termsShape.nullable(),
  members: z.array(member).nullable(),
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

const party = z.object({ party: partyId, name: z.string(), relation: z.string() });
export type PartyView = z.infer<typeof party>;
export const partiesShape = z.object({ parties: z.array(party) });

const device = z.object({
  device: partyId,
  name: z.string(),
  rights: z.array(z.enum(rights)),
  ends: instantText.nullable(),
  enrolled: time,
  revoked: time.nullable(),
});
export type DeviceView = z.infer<typeof device>;
export const devicesShape = z.object({ devices: z.array(device) });

const task = z.object({
  what: z.enum(['invitation', 'terms', 'ask', 'notice']),
  room: uuid.nullable(),
  since: time,
  statement: statementRef,
  party: partyId,
  detail: z.unknown(),
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
  at: time,
  /** When the last of it was erased, or null: not yet. */
  erased: time.nullable(),
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
