/**
 * Challenges that a device signs to open a session. Nothing is stored for one that was only asked for: it proves
 * itself by a MAC under a key that lives as long as the process, so a restart ends them all, used or not.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Bytes, base64url, concat, hex, uint64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';

/** Microseconds. */
export const challengeLife = 2 * 60 * 1_000_000;

const nonceLength = 16;
const bodyLength = nonceLength + 8;
const length = bodyLength + 32;
/** Used ones remembered at once; each is forgotten with its life. */
const maxUsed = 100_000;

export class Challenges {
  readonly #key = randomBytes(32);
  /** Nonce of each used challenge, and when it may be forgotten; oldest use first. */
  readonly #used = new Map<string, Instant>();
  /** A clock that is set back must not bring a forgotten one to life. */
  #latest: Instant = 0;

  challenge(now: Instant): { challenge: string; expires: Instant } {
    const body = concat(randomBytes(nonceLength), uint64(now));
    return { challenge: base64url(concat(body, this.#mac(body))), expires: now + challengeLife };
  }

  /**
   * Uses it up. To be called after the signature over it is checked: who holds no device must not fill the memory
   * of used ones.
   * @throws session.challenge, rate.limited
   */
  checkChallenge(text: string, now: Instant): void {
    this.#latest = Math.max(this.#latest, now);
    this.#forget();
    const { nonce, issued } = this.#open(text);
    if (issued > now || issued + challengeLife <= this.#latest || this.#used.has(nonce)) throw refusal();
    if (this.#used.size >= maxUsed)
      throw new Refusal('rate.limited', { params: { after: challengeLife / 1_000_000 } });
    this.#used.set(nonce, this.#latest + challengeLife);
  }

  #open(text: string): { nonce: string; issued: Instant } {
    const bytes = text.length > 2 * length ? null : Buffer.from(text, 'base64url');
    if (bytes?.length !== length) throw refusal();
    const body = bytes.subarray(0, bodyLength);
    if (!timingSafeEqual(this.#mac(body), bytes.subarray(bodyLength))) throw refusal();
    return { nonce: hex(body.subarray(0, nonceLength)), issued: Number(body.readBigUInt64BE(nonceLength)) };
  }

  #forget(): void {
    for (const [nonce, until] of this.#used) {
      if (until > this.#latest) return;
      this.#used.delete(nonce);
    }
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
