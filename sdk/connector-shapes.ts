/** Shapes of the answers about connectors and attempts. Members that are not known here are left out. */
import { partyId, purposeId, uuid } from '@parley/core/fields.ts';
import { handlingSchema } from '@parley/core/handling.ts';
import { rights } from '@parley/core/kinds.ts';
import { z } from 'zod';
import { count, time } from './answer-fields.ts';

export const offerShape = z.object({
  device: partyId,
  key: z.string(),
  consent: z.string(),
  token: z.string().min(1),
  until: time,
});

const connector = z.object({
  device: partyId,
  name: z.string(),
  purpose: purposeId,
  access: z.enum(['read', 'write']),
  rights: z.array(z.enum(rights)),
  rooms: z.array(uuid),
  handling: handlingSchema.nullable(),
  justification: z.string().nullable(),
  enrolled: time,
  ends: time.nullable(),
  revoked: time.nullable(),
  /** About when it was last used. */
  used: time.nullable(),
});
export type ConnectorView = z.infer<typeof connector>;
export const connectorsShape = z.object({ connectors: z.array(connector) });

const refusal = z.object({
  first: time,
  last: time,
  count,
  /** Verb and pattern. */
  route: z.string(),
  code: z.string(),
  title: z.string(),
  /** By which rule (spec/connectors.md). */
  rule: z.string(),
  /** Of the last one: where it was, and what would have been right. */
  place: z.string(),
  detail: z.string(),
});
export type ConnectorRefusal = z.infer<typeof refusal>;
export const refusalsShape = z.object({ refusals: z.array(refusal) });

const attempt = z.object({
  at: time,
  /** Null: no signature held, or a party that one may not know of. */
  speaker: partyId.nullable(),
  proven: z.boolean(),
  /** A kind of statement, or a route. */
  what: z.string(),
  code: z.string(),
  title: z.string(),
});
/** Something that was tried against the party, and refused. */
export type Attempt = z.infer<typeof attempt>;
export const attemptsShape = z.object({ attempts: z.array(attempt) });
