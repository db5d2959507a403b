/** Signature checks by the platform (WebCrypto): the same call in Node and in a browser, nothing of our own. */
import { type Bytes, hex } from './bytes.ts';
import { Refusal } from './errors.ts';

/** A browser without ML-DSA cannot tell: that is "not checked", and never counts as valid. */
export type Checked = 'valid' | 'not checked';

const keptKeys = 1024;
const imported = new Map<string, Promise<CryptoKey>>();

/**
 * Ed25519 (RFC 8032).
 * @param publicKey 32 bytes
 * @throws signature.invalid, key.malformed
 */
export async function verifyEd25519(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<void> {
  if (publicKey.length !== 32) throw new Refusal('key.malformed', { detail: '32 bytes' });
  if (signature.length !== 64) throw new Refusal('signature.invalid', { detail: '64 bytes' });
  const key = await keyOf('Ed25519', 'raw', publicKey);
  if (!(await crypto.subtle.verify('Ed25519', key, signature, message))) {
    throw new Refusal('signature.invalid');
  }
}

/**
 * ML-DSA-44 (FIPS 204), pure, with an empty context.
 * @param publicKey 1,312 bytes
 * @throws signature.invalid, key.malformed
 */
export async function verifyMlDsa44(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<Checked> {
  if (publicKey.length !== 1312) throw new Refusal('key.malformed', { detail: '1,312 bytes' });
  if (signature.length !== 2420) throw new Refusal('signature.invalid', { detail: '2,420 bytes' });
  let valid: boolean;
  try {
    const key = await keyOf('ML-DSA-44', 'raw-public', publicKey);
    valid = await crypto.subtle.verify('ML-DSA-44', key, signature, message);
  } catch (error) {
    if (isUnsupported(error)) return 'not checked';
    throw error;
  }
  if (!valid) throw new Refusal('signature.invalid');
  return 'valid';
}

/**
 * Keeps keys imported, since one device or log signs often. Who sends statements chooses the keys, so the
 * map is bounded; the oldest goes.
 */
function keyOf(algorithm: string, format: 'raw' | 'raw-public', publicKey: Bytes): Promise<CryptoKey> {
  const id = `${algorithm} ${hex(publicKey)}`;
  const before = imported.get(id);
  if (before !== undefined) return before;
  const key = importKey(algorithm, format, publicKey);
  imported.set(id, key);
  key.catch(() => imported.delete(id));
  for (const oldest of imported.keys()) {
    if (imported.size <= keptKeys) break;
    imported.delete(oldest);
  }
  return key;
}

async function importKey(algorithm: string, format: string, publicKey: Bytes): Promise<CryptoKey> {
  try {
    // The DOM types do not know 'raw-public' yet (WICG, Modern Algorithms in the Web Cryptography API).
    return await crypto.subtle.importKey(format as 'raw', publicKey, algorithm, false, ['verify']);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'DataError') {
      throw new Refusal('key.malformed', { cause: error });
    }
    throw error;
  }
}

/** An unknown algorithm is a `NotSupportedError`; an unknown key format may be a `TypeError`. */
function isUnsupported(error: unknown): boolean {
  return (error instanceof DOMException && error.name === 'NotSupportedError') || error instanceof TypeError;
}
