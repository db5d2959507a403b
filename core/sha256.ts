import { sha256 as digest } from '@noble/hashes/sha2.js';
import { type Bytes, concat } from './bytes.ts';

/** SHA-256 of the pieces, one after another. 32 bytes. */
export function sha256(...pieces: readonly Uint8Array[]): Bytes {
  return digest(pieces.length === 1 ? (pieces[0] as Uint8Array) : concat(...pieces)) as Bytes;
}
