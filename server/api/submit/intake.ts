/**
 * How much of submissions is held in memory at once, whoever sends. Anybody may send, and a body may come slowly:
 * without a bound, a few thousand connections that never finish theirs would hold gigabytes.
 */
import { Refusal } from '@parley/core/errors.ts';

/** Bytes of all submissions together, beyond `free` of each. */
export const intakeLimit = 128 * 1024 * 1024;
/** Of each submission, uncounted: who takes back, revokes or answers gets through, however much others send. */
export const free = 16 * 1024;

/** Of that, what one address holds at most: a few slow senders must not fill it for everybody. */
const eachShare = 1 / 4;

/** One submission, from its first byte until it is answered. */
export interface Holding {
  /** @throws queue.full */
  take(bytes: number): void;
  end(): void;
}

export class Intake {
  readonly #limit: number;
  #held = 0;
  readonly #heldBy = new Map<string, number>();

  constructor(limit: number = intakeLimit) {
    this.#limit = limit;
  }

  /** @param who sends it, by address; null: nobody in particular */
  hold(who: string | null = null): Holding {
    let size = 0;
    let counted = 0;
    return {
      take: (bytes) => {
        const more = Math.max(0, size + bytes - free) - counted;
        if (more > 0) this.#add(who, more);
        size += bytes;
        counted += more;
      },
      end: () => {
        this.#free(who, counted);
        counted = 0;
        size = 0;
      },
    };
  }

  /** @throws queue.full */
  #add(who: string | null, bytes: number): void {
    const held = (who === null ? 0 : (this.#heldBy.get(who) ?? 0)) + bytes;
    if (this.#held + bytes > this.#limit || (who !== null && held > this.#limit * eachShare))
      throw new Refusal('queue.full', { params: { after: 1 } });
    this.#held += bytes;
    if (who !== null) this.#heldBy.set(who, held);
  }

  #free(who: string | null, bytes: number): void {
    this.#held -= bytes;
    if (who === null) return;
    const left = (this.#heldBy.get(who) ?? 0) - bytes;
    if (left > 0) this.#heldBy.set(who, left);
    else this.#heldBy.delete(who);
  }
}
