/**
 * How much of submissions is held in memory at once, whoever sends. Anybody may send, and a body may come slowly:
 * without a bound, a few thousand connections that never finish theirs would hold gigabytes.
 */
import { Refusal } from '@parley/core/errors.ts';

/** Bytes of all submissions together, beyond `free` of each. */
export const intakeLimit = 128 * 1024 * 1024;
/** Of each submission, uncounted: who takes back, revokes or answers gets through, however much others send. */
const free = 16 * 1024;

/** One submission, from its first byte until it is answered. */
export interface Holding {
  /** @throws queue.full */
  take(bytes: number): void;
  end(): void;
}

export class Intake {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number = intakeLimit) {
    this.#limit = limit;
  }

  hold(): Holding {
    let size = 0;
    let counted = 0;
    return {
      take: (bytes) => {
        const more = Math.max(0, size + bytes - free) - counted;
        if (more > 0 && this.#held + more > this.#limit)
          throw new Refusal('queue.full', { params: { after: 1 } });
        size += bytes;
        counted += more;
        this.#held += more;
      },
      end: () => {
        this.#held -= counted;
        counted = 0;
        size = 0;
      },
    };
  }
}
