/**
 * What can be checked before the queue, without the state of the log: signature, sizes, shapes. An attacker controls
 * every byte here; nothing of it has touched the store yet.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Bytes } from '@parley/core/bytes.ts';
import { bringsDevice, checkKeyStatement, founds } from '@parley/core/chain.ts';
import type { Envelope } from '@parley/core/dsse.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { checkParts, type Part } from '@parley/core/parts.ts';
import { filesOf, handlingOf, isA, type Statement, signedBytes } from '@parley/core/statement.ts';
import type { Checked } from '../log/checked.ts';

/** The public key of an enrolled device, or null. Keys never change, so any moment of the store will do. */
export type KeyOf = (device: string) => Promise<Bytes | null>;

/**
 * The signature by the device that the header names; of a founding, by the key that it brings.
 * @throws device.unknown, signature.invalid (of a key that the statement brings), chain.broken
 */
export async function checkSignature({ header, envelope }: Statement, keyOf: KeyOf): Promise<void> {
  const brought = bringsDevice(header) ? await checkKeyStatement(header) : null;
  const message = signedBytes(envelope.payload);
  const readmitted = isA(header, 'party.recover/1') && header.body.by === 'guardians';
  if (readmitted && brought?.id !== header.device)
    throw new Refusal('chain.broken', {
      at: '/device',
      detail: 'who was readmitted signs with the key that it brings',
    });
  if (brought && (founds(header) || readmitted)) return verifyEnvelope(envelope, brought.key, message);
  // Who tries keys at a party's recovery is told nothing; the party is told of it.
  const concerns = isA(header, 'party.recover/1') ? [header.party] : [];
  const key = await keyOf(header.device);
  if (!key) throw unknownDevice(concerns);
  await verifyEnvelope(envelope, key, message).catch((error: unknown) => {
    throw error instanceof Refusal ? unknownDevice(concerns) : error;
  });
}

/** A wrong signature and an unknown device look the same, so that nobody can ask who is enrolled here. */
export function unknownDevice(concerns: readonly PartyId[] = []): Refusal {
  return new Refusal('device.unknown', {
    at: '/device',
    detail: 'no such device of this party, or not its signature',
    concerns,
  });
}

/** Ed25519 in the thread pool. @throws signature.invalid */
export function verifyEnvelope(
  envelope: Pick<Envelope, 'signature'>,
  publicKey: Bytes,
  message: Bytes,
): Promise<void> {
  return new Promise((resolve, reject) => {
    verify(null, message, keyObject(publicKey), envelope.signature, (error, valid) => {
      if (error || !valid) reject(new Refusal('signature.invalid', { at: '/signatures/0/sig' }));
      else resolve();
    });
  });
}

/** Of keys that are kept elsewhere: a fresh one costs the calling thread as much as the check costs another. */
const imported = new WeakMap<Bytes, KeyObject>();

function keyObject(publicKey: Bytes): KeyObject {
  const known = imported.get(publicKey);
  if (known) return known;
  const x = Buffer.from(publicKey).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  imported.set(publicKey, key);
  return key;
}

/** Number, sizes, root and shape of the parts. @throws parts.*, part.malformed, stix.malformed, handling.contradiction, json.* */
export function checkShape(statement: Statement, parts: readonly Part[]): Checked {
  const { header } = statement;
  const { leaves, objects } = checkParts(
    header.kind,
    header.parts,
    parts,
    handlingOf(header),
    filesOf(header),
  );
  return { statement, parts, leaves, objects };
}
