/**
 * What a new device prints for its party: a request to be enrolled, as one word that can be pasted. It proves that
 * the device holds its key; whether it is the right device, people say.
 */
import { type Bytes, base64, base64url, fromBase64, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { verifyEd25519 } from '@parley/core/ed25519.ts';
import { Refusal } from '@parley/core/errors.ts';
import { base64Of, freeText, partyId } from '@parley/core/fields.ts';
import { type DeviceId, enrolConsent, fingerprint, type PartyId, publicKeyFrom } from '@parley/core/keys.ts';
import { centreName, type Signer } from '@parley/core/statement.ts';
import { z } from 'zod';

const prefix = 'parley-enrol-1.';

const shape = z.strictObject({
  centre: centreName,
  party: partyId,
  name: freeText(200),
  key: base64Of(32),
  consent: base64Of(64),
});

export interface EnrolmentRequest {
  readonly centre: string;
  readonly party: PartyId;
  /** What the device is called. */
  readonly name: string;
  readonly device: DeviceId;
  /** Base64 of the public key. */
  readonly key: string;
  /** Base64 of the signature that consents. */
  readonly consent: string;
}

export async function enrolmentRequest(about: {
  signer: Signer;
  centre: string;
  party: PartyId;
  name: string;
}): Promise<string> {
  const { signer, centre, party, name } = about;
  const consent = base64(await signer.sign(enrolConsent(centre, party)));
  const text = JSON.stringify({ centre, party, name, key: base64(signer.publicKey), consent });
  return prefix + base64url(utf8(text));
}

/** @throws body.malformed, key.malformed, signature.invalid when the device does not hold the key */
export async function readEnrolmentRequest(text: string): Promise<EnrolmentRequest> {
  const word = text.trim();
  const result = shape.safeParse(word.startsWith(prefix) ? jsonOf(word.slice(prefix.length)) : null);
  if (!result.success) throw new Refusal('body.malformed', { detail: 'not a request to be enrolled' });
  const { centre, party, key, consent } = result.data;
  const publicKey = publicKeyFrom(key);
  await verifyEd25519(publicKey, enrolConsent(centre, party), fromBase64(consent) as Bytes);
  return { ...result.data, device: fingerprint(publicKey) };
}

function jsonOf(word: string): unknown {
  const standard = word.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
  try {
    return bytes && JSON.parse(fromUtf8(bytes));
  } catch {
    return null;
  }
}
