/** Chance that can be had again: the seed is printed, and `PARLEY_SEED` gives it back. */
import { randomInt } from 'node:crypto';

export function seedFromEnvironment(): number {
  const given = process.env.PARLEY_SEED;
  return given === undefined ? randomInt(2 ** 31) : Number(given);
}

export class Chance {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** Mulberry32: short, and good enough to choose what is tried. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** Up to so many of them, none twice. */
  some<T>(list: readonly T[], most: number): T[] {
    const left = [...list];
    return Array.from({ length: Math.min(most, left.length) }, () => {
      const [taken] = left.splice(this.below(left.length), 1);
      return taken as T;
    });
  }
}
