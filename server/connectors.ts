/** Keys that the centre holds for connectors: made, offered for enrolment, and signed with. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, millisecondsOf } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import { connectorConsent, fingerprint, publicKeyFrom } from '@parley/core/keys.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { partLeaf } from '@parley/core/parts.ts';
import { type AnyHeader, isA, parseStatement, type Statement, signHeader } from '@parley/core/statement.ts';
import type { ConnectorOffer, ConnectorWords } from './api/context.ts';
import { type Connectors, type Holder, offerLife } from './journals/connectors.ts';
import type { Sources } from './release/sources.ts';
import { signerOf } from './signer.ts';

/** @throws connector.too-many */
export async function offerConnector(
  centre: string,
  party: string,
  journal: Connectors,
  now: Instant,
): Promise<ConnectorOffer> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { device, publicKey, sign } = signerOf(privateKey);
  const consent = await sign(connectorConsent(centre, party));
  const pkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const token = await journal.offer({ device, party }, pkcs8, now);
  return { device, key: base64(publicKey), consent: base64(consent), token, until: now + offerLife };
}

/** What the key of a connector signs. @throws device.unknown: the centre holds no such key, or no longer */
export async function connectorShare(
  centre: string,
  { party, device }: Holder,
  { room, handling, parts }: ConnectorWords,
  journal: Connectors,
  now: Instant,
): Promise<Statement> {
  const pkcs8 = await journal.keyOf(device);
  if (!pkcs8) throw new Refusal('device.unknown');
  const signer = signerOf(createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }));
  const header = {
    ...{ kind: 'share/1', centre, room, id: crypto.randomUUID(), party, device },
    ...{ at: millisecondsOf(now), body: { handling } },
    parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) },
  } as AnyHeader;
  return parseStatement({ ...(await signHeader(header, signer)) } as unknown as Json);
}

/**
 * A connector that is enrolled is one whose key the centre made: else others would be told that the centre signed
 * what it did not. Asked before the queue, like a signature: it changes with no statement.
 * @throws connector.key
 */
export async function checkOffered({ header }: Statement, journal: Connectors, now: Instant): Promise<void> {
  if (!isA(header, 'device.enrol/1') || !header.body.connector) return;
  const device = fingerprint(publicKeyFrom(header.body.key, '/body/key'));
  if (!(await journal.isOffered({ device, party: header.party }, now)))
    throw new Refusal('connector.key', { at: '/body/key' });
}

/** Whether the centre still needs the key. */
export async function connectorState(
  id: string,
  { parties, now }: Pick<Sources, 'parties' | 'now'>,
): Promise<'live' | 'over' | 'unknown'> {
  const device = await parties.device(id);
  if (!device) return 'unknown';
  return device.revoked !== null || (device.ends !== null && device.ends <= now) ? 'over' : 'live';
}
