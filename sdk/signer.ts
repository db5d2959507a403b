/** Device keys: made here, and signing here. What leaves a device is a signature, never the key. */
import { type Bytes, fromBase64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { fingerprint } from '@parley/core/keys.ts';
import type { Signer } from '@parley/core/statement.ts';

/** A new Ed25519 key. `pkcs8` is for the one place that keeps it (RFC 5958). */
export async function generateKey(): Promise<{ signer: Signer; pkcs8: Bytes }> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  return { signer: await signerFromKeyPair(pair), pkcs8 };
}

/** @throws key.malformed */
export async function signerFromPkcs8(pkcs8: Bytes): Promise<Signer> {
  try {
    const secret = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
    const publicKey = await publicKeyOf(secret);
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
    return signerWith(privateKey, publicKey);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('key.malformed', { detail: 'not the PKCS #8 of an Ed25519 key', cause });
  }
}

/** A pair whose private key may be non-exportable, as browsers keep them in IndexedDB. */
export async function signerFromKeyPair(pair: CryptoKeyPair): Promise<Signer> {
  return signerWith(pair.privateKey, new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
}

function signerWith(privateKey: CryptoKey, publicKey: Bytes): Signer {
  return {
    device: fingerprint(publicKey),
    publicKey,
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message)),
  };
}

/** WebCrypto computes the public half only in its JWK form (RFC 8037, 2). */
async function publicKeyOf(secret: CryptoKey): Promise<Bytes> {
  const { x = '' } = await crypto.subtle.exportKey('jwk', secret);
  const text = x.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = fromBase64(`${text}=`);
  if (bytes?.length !== 32) throw new Refusal('key.malformed', { detail: 'no Ed25519 key' });
  return bytes;
}

let drawn: Bytes = new Uint8Array(0);

/** Random bytes for salts, codes and ids. Drawn together, since one at a time costs as much as hashing a part. Each byte is given once. */
export function random(length: number): Bytes {
  if (drawn.length < length) drawn = crypto.getRandomValues(new Uint8Array(Math.max(length, 4096)));
  const given = drawn.slice(0, length);
  drawn = drawn.subarray(length);
  return given;
}
