/**
 * Parts that were opened before, so that a page which many read is not deciphered for each of them. What is held is
 * given only for the very bytes that it was opened from: an erased part has none, and one that was undone has others.
 */
import { equal } from '@parley/core/bytes.ts';
import type { Part, PartNumber } from '@parley/core/parts.ts';
import { nonceLength } from '../vault/xaes.ts';

/** Bytes, roughly. */
const limit = 32 * 1024 * 1024;

interface Held {
  readonly nonce: Uint8Array;
  readonly part: Part;
}

/** Forgets the one that was used longest ago. */
export class PartCache {
  readonly #parts = new Map<PartNumber, Held>();
  #weight = 0;

  get(number: PartNumber, sealed: Uint8Array): Part | undefined {
    const held = this.#parts.get(number);
    if (!held || !equal(held.nonce, sealed.subarray(0, nonceLength))) return undefined;
    this.#parts.delete(number);
    this.#parts.set(number, held);
    return held.part;
  }

  put(number: PartNumber, sealed: Uint8Array, part: Part): void {
    this.#forget(number);
    this.#parts.set(number, { nonce: sealed.slice(0, nonceLength), part });
    this.#weight += weightOf(part);
    for (const oldest of this.#parts.keys()) {
      if (this.#weight <= limit) break;
      this.#forget(oldest);
    }
  }

  #forget(number: PartNumber): void {
    const held = this.#parts.get(number);
    if (!held) return;
    this.#parts.delete(number);
    this.#weight -= weightOf(held.part);
  }
}

function weightOf({ bytes }: Part): number {
  return bytes.length + 256;
}
