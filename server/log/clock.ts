/** The centre's clock, doubted: an instant in the log can never be taken back, and the next one must be later. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';

const microseconds = 1_000;
const second = 1_000 * microseconds;
/** The clock may be set back by so much: instants then go on from the head, a microsecond a row, until it caught up. */
export const backwards = 5 * second;
/** It may be ahead by so much of the last instant and the time that has passed since by the monotonic clock. */
export const ahead = 24 * 3600 * second;

export interface Clock {
  /** Wall clock. */
  readonly now: () => Instant;
  /** Monotonic, milliseconds from any start. */
  readonly elapsed: () => number;
}

export const systemClock: Clock = {
  now: () => Date.now() * microseconds,
  elapsed: () => performance.now(),
};

/**
 * Refuses while the wall clock is behind the log, or far ahead. A clock that is wrong by years would put the log's
 * instants there for good. While a centre runs, the monotonic clock tells how late it can be. At start nothing does,
 * so a centre that was down for more than a day (a running one commits hourly) wants its clock confirmed by someone.
 */
export class DoubtedClock {
  readonly #clock: Clock;
  /** An instant that is believed, and what the monotonic clock said then. */
  #believed: { readonly instant: Instant; readonly elapsed: number };

  /**
   * @param free the first instant that no record has reserved; null while the log has no record
   * @param confirmed someone has looked: the wall clock is right now
   */
  constructor(clock: Clock, free: Instant | null, confirmed: boolean) {
    this.#clock = clock;
    this.#believed = { instant: confirmed || free === null ? clock.now() : free, elapsed: clock.elapsed() };
  }

  /** The wall clock for a batch, never before `free`. @throws clock.centre */
  read(free: Instant): Instant {
    const now = this.#clock.now();
    const latest =
      this.#believed.instant + (this.#clock.elapsed() - this.#believed.elapsed) * microseconds + ahead;
    if (now < free - backwards || now > latest)
      throw new Refusal('clock.centre', { params: { seconds: Math.round((now - free) / second) } });
    return Math.max(now, free);
  }

  /** To be called when the batch is committed: small steps of the wall clock, as time servers make, are followed. */
  believe(instant: Instant): void {
    this.#believed = { instant, elapsed: this.#clock.elapsed() };
  }
}
