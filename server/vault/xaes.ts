/**
 * XAES-256-GCM (c2sp.org/XAES-256-GCM): AES-256-GCM under a key that the first half of a 24-byte nonce derives. Nonces
 * can be drawn at random for as many values as a store will ever hold; with GCM's own 12 bytes, 2^32 values of one key
 * would be the limit.
 */
import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
} from 'node:crypto';
import { type Bytes, concat } from '@parley/core/bytes.ts';

export const nonceLength = 24;
export const tagLength = 16;
const gcm = { authTagLength: tagLength } as const;

export class Xaes {
  /** One block of ECB is the block cipher itself, without state: one object serves every derivation. */
  readonly #block: Cipheriv;
  /** The CMAC subkey, twice, with the counters and the label of both blocks already in it. */
  readonly #mask: Buffer;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#block = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    const subkey = doubled(this.#block.update(Buffer.alloc(16)));
    const label = (counter: number) => subkey.map((byte, i) => byte ^ ([0, counter, 0x58, 0][i] ?? 0));
    this.#mask = Buffer.concat([label(1), label(2)]);
  }

  /** @returns ciphertext ‖ tag */
  seal(nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Bytes {
    const cipher = createCipheriv('aes-256-gcm', this.#derive(nonce), nonce.subarray(12), gcm).setAAD(aad);
    return concat(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  }

  /** @throws Error where key, nonce, bytes and `aad` do not belong together */
  open(nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Bytes {
    const end = sealed.length - tagLength;
    if (nonce.length !== nonceLength || end < 0) throw new Error('too short to be sealed');
    const key = this.#derive(nonce);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce.subarray(12), gcm).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    // It gives nothing more in this mode, and checks the tag. What came before it is used only after.
    decipher.final();
    return new Uint8Array(plain);
  }

  /** A key object: Node takes three times as long with the bytes of a key. */
  #derive(nonce: Uint8Array): KeyObject {
    const blocks = Buffer.from(this.#mask);
    for (let i = 0; i < 12; i++) {
      const byte = nonce[i] ?? 0;
      blocks[4 + i] = (blocks[4 + i] ?? 0) ^ byte;
      blocks[20 + i] = (blocks[20 + i] ?? 0) ^ byte;
    }
    return createSecretKey(this.#block.update(blocks));
  }
}

/** In GF(2^128), as CMAC (NIST SP 800-38B, 6.1) does. */
function doubled(block: Buffer): Buffer {
  const twice = Buffer.from(block.map((byte, i) => (byte << 1) | ((block[i + 1] ?? 0) >> 7)));
  if ((block[0] ?? 0) >> 7) twice[15] = (twice[15] ?? 0) ^ 0x87;
  return twice;
}
