/** What a device signs to open a session. An attacker controls every byte; each check tells nothing of what follows. */
import type { Bytes } from '@parley/core/bytes.ts';
import { type Envelope, parseEnvelope, preAuthEncoding } from '@parley/core/dsse.ts';
import { verifyEd25519 } from '@parley/core/ed25519.ts';
import { Refusal } from '@parley/core/errors.ts';
import { deviceId, freeText, partyId, pseudonym, purposeId } from '@parley/core/fields.ts';
import { type Json, parseCanonicalJson } from '@parley/core/json.ts';
import { sessionType } from '@parley/core/session.ts';
import { z } from 'zod';
import { connectorOf } from '../../release/connectors.ts';
import { keyOfDevice, readingDevice } from '../../release/devices.ts';
import { releaseSession } from '../../release/own.ts';
import type { Released } from '../../release/released.ts';
import type { Sources } from '../../release/sources.ts';
import type { ApiContext } from '../context.ts';

/** Microseconds. */
export const sessionLife = 12 * 3600 * 1_000_000;

/** It opens personal data, so it must say something: a space, a dot or what cannot be seen does not. */
export const justification = freeText(4_000)
  .refine((text) => (text.match(/[\p{L}\p{N}]/gu) ?? []).length >= 3, 'at least 3 letters or digits')
  .nullable();

const requestShape = z.strictObject({
  centre: z.string(),
  party: partyId,
  device: deviceId,
  person: pseudonym.nullable().optional(),
  purpose: purposeId,
  justification,
  challenge: z.string().max(512),
});
type SessionRequest = z.infer<typeof requestShape>;

export interface Signed {
  readonly request: SessionRequest;
  readonly envelope: Envelope;
}

/** A session about to be, as its own party may know it. */
export interface SessionFacts {
  readonly party: string;
  readonly device: string;
  readonly person: string | null;
  readonly purpose: string;
  readonly justification: string | null;
  /** Microseconds since 1970. */
  readonly expires: number;
}

/** @throws dsse.*, json.*, text.*, session.malformed */
export function parseRequest(body: Json, centre: string): Signed {
  const envelope = parseEnvelope(body, sessionType);
  const result = requestShape.safeParse(parseCanonicalJson(envelope.payload, '/payload'));
  if (!result.success) {
    const [issue] = result.error.issues;
    const at = ['/payload', ...(issue?.path ?? [])].join('/');
    throw new Refusal('session.malformed', { at, detail: issue?.message ?? '' });
  }
  if (result.data.centre !== centre)
    throw new Refusal('session.malformed', { at: '/payload/centre', detail: `this is ${centre}` });
  if (envelope.keyid !== result.data.device) throw new Refusal('dsse.keyid', { at: '/signatures/0/keyid' });
  return { request: result.data, envelope };
}

/** Of the device whose signature held: whether it may ask, and that it has. */
export interface Known {
  /** @throws rate.limited */
  check(): Promise<void>;
  count(): Promise<void>;
}

/**
 * The challenge is used up only by a right signature, and only who made one learns how its device stands.
 * @throws device.*, rate.limited, session.challenge, purpose.unknown
 */
export async function admitSession(
  { request, envelope }: Signed,
  sources: Sources,
  { journals, isPurposeOf, now }: ApiContext,
  known: Known,
): Promise<Released<SessionFacts>> {
  const { party, device, person = null, purpose, justification, challenge } = request;
  await verifySignature(await keyOfDevice(party, device, sources).catch(asUnknown), envelope);
  await known.check();
  await journals.challenges.use(challenge, now());
  await known.count();
  const facts = await readingDevice(party, device, sources);
  // Its key is the centre's, its purpose fixed: nothing but its token opens anything with it.
  if (await connectorOf(facts, sources)) throw new Refusal('connector.route');
  if (!(await isPurposeOf(party, purpose, sources)))
    throw new Refusal('purpose.unknown', { at: '/payload/purpose' });
  const expires = Math.min(now() + sessionLife, facts.ends ?? Number.POSITIVE_INFINITY);
  const viewer = { party, device, person, purpose, justification };
  return releaseSession(viewer, sources, async () => ({ ...viewer, expires }));
}

/** A wrong signature and an unknown device look the same, so that nobody can ask who is enrolled here. */
async function verifySignature(key: Bytes, { payload, payloadType, signature }: Envelope): Promise<void> {
  await verifyEd25519(key, preAuthEncoding(payloadType, payload), signature).catch(asUnknown);
}

function asUnknown(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  throw new Refusal('device.unknown', { detail: 'no such device of this party, or not its signature' });
}
