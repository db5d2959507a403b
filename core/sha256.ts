import { sha256 as digest } from '@noble/hashes/sha2.js';
import { type Bytes, concat } from './bytes.ts';

/** Node's own, some times as fast. What runs in a browser knows no `process`, and asks nobody for a module. */
interface NodeCrypto {
  hash(name: 'sha256', data: Uint8Array, spelling: 'buffer'): Uint8Array;
}
interface NodeProcess {
  getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined;
}
const { process } = globalThis as { readonly process?: NodeProcess };
const nothing: Bytes = new Uint8Array(0);
const node = process?.getBuiltinModule?.('node:crypto');

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

/** SHA-256 of the pieces, one after another. 32 bytes. */
export function sha256(...pieces: readonly Uint8Array[]): Bytes {
  const [only = nothing] = pieces;
  // A copy: what Node makes may lie in memory that it shares with others.
  if (node)
    return new Uint8Array(node.hash('sha256', pieces.length > 1 ? concat(...pieces) : only, 'buffer'));
  const hash = digest.create();
  for (const piece of pieces) hash.update(piece);
  return hash.digest() as Bytes;
}
