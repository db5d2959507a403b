import { sha256 as digest } from '@noble/hashes/sha2.js';
import type { Bytes } from './bytes.ts';

/** SHA-256, piece by piece. */
export class ContentHash {
  readonly #hash = digest.create();

  update(piece: Uint8Array): this {
    this.#hash.update(piece);
    return this;
  }

  /** Once, at the end. */
  digest(): Bytes {
    return this.#hash.digest() as Bytes;
  }
}

/** SHA-256 of the pieces, one after another, none of them copied. 32 bytes. */
export function sha256(...pieces: readonly Uint8Array[]): Bytes {
  const hash = digest.create();
  for (const piece of pieces) hash.update(piece);
  return hash.digest() as Bytes;
}
