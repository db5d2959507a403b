/**
 * Challenges that a device signs to open a session. Nothing is stored for one that was only asked for: it proves
 * itself by a MAC under a key that all instances of a centre have. One that was used stands in the journal while it
 * could be used again, so that it is good once on all of them.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Bytes, base64url, concat, uint64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { Commit } from './ports.ts';

/** Microseconds. */
export const challengeLife = 2 * 60 * 1_000_000;
/** The clocks of two instances may differ by so much, as the log allows (`log/clock.ts`). */
export const clockDifference = 5 * 1_000_000;

const nonceLength = 16;
const bodyLength = nonceLength + 8;
const length = bodyLength + 32;

export class Challenges {
  readonly #key: Bytes;
  readonly #commit: Commit;
  /** A clock that is set back must not bring a forgotten one to life. */
  #latest: Instant = 0;

  /** @param key of 32 bytes, that nobody else knows */
  constructor(key: Bytes, commit: Commit) {
    this.#key = key;
    this.#commit = commit;
  }

  challenge(now: Instant): { challenge: string; expires: Instant } {
    const body = concat(randomBytes(nonceLength), uint64(now));
    return { challenge: base64url(concat(body, this.#mac(body))), expires: now + challengeLife };
  }

  /**
   * Uses it up; durable when it resolves. To be called after the signature over it is checked: who holds no device
   * must not fill the journal.
   * @throws session.challenge
   */
  async use(text: string, now: Instant): Promise<void> {
    this.#latest = Math.max(this.#latest, now);
    const { nonce, issued } = this.#open(text);
    if (issued > now + clockDifference || issued + challengeLife <= this.#latest) throw refusal();
    // By the clock that issued it, nobody takes it after its life; and that clock may be the one that is ahead.
    const until = Math.max(issued, this.#latest) + challengeLife;
    const { numInsertedOrUpdatedRows: used } = await this.#commit((db) =>
      db
        .insertInto('challenges')
        .values({ nonce, until })
        .onConflict((conflict) => conflict.column('nonce').doNothing())
        .executeTakeFirstOrThrow(),
    );
    if (used !== 1n) throw refusal();
  }

  /** Forgets those that nobody could use again, not even an instance whose clock is behind this one. */
  async purge(now: Instant): Promise<void> {
    const since = now - clockDifference;
    await this.#commit((db) => db.deleteFrom('challenges').where('until', '<=', since).execute());
  }

  #open(text: string): { nonce: Bytes; issued: Instant } {
    const bytes = text.length > 2 * length ? null : Buffer.from(text, 'base64url');
    if (bytes?.length !== length) throw refusal();
    const body = bytes.subarray(0, bodyLength);
    if (!timingSafeEqual(this.#mac(body), bytes.subarray(bodyLength))) throw refusal();
    return {
      nonce: new Uint8Array(body.subarray(0, nonceLength)),
      issued: Number(body.readBigUInt64BE(nonceLength)),
    };
  }

  #mac(body: Uint8Array): Bytes {
    return new Uint8Array(
      createHmac('sha256', this.#key).update('parley/challenge/v1\n').update(body).digest(),
    );
  }
}

function refusal(): Refusal {
  return new Refusal('session.challenge');
}
