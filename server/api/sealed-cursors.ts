/**
 * Cursors of journals. Their rows are numbered across all parties, so a number would tell how much others read in
 * between: it is sealed under a key that all instances of a centre have, for the one party that gets it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';

const ivLength = 12;
const tagLength = 16;
const length = ivLength + 8 + tagLength;

export class SealedCursors {
  readonly #key: Bytes;
  readonly #use: string;

  /**
   * @param key of 32 bytes
   * @param use what they page through: a cursor of something else is none here
   */
  constructor(key: Bytes, use: string) {
    this.#key = key;
    this.#use = use;
  }

  /** @param place a whole number, at least 0 */
  seal(party: string, place: number): string {
    const iv = randomBytes(ivLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(`${this.#use} ${party}`));
    const plain = Buffer.alloc(8);
    plain.writeBigUInt64BE(BigInt(place));
    return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @throws cursor.malformed */
  open(party: string, cursor: string): number {
    const bytes = Buffer.from(cursor, 'base64url');
    if (bytes.length !== length) throw malformed();
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, ivLength));
    decipher.setAAD(Buffer.from(`${this.#use} ${party}`)).setAuthTag(bytes.subarray(-tagLength));
    try {
      const plain = decipher.update(bytes.subarray(ivLength, -tagLength));
      return Number(Buffer.concat([plain, decipher.final()]).readBigUInt64BE());
    } catch {
      throw malformed();
    }
  }
}

function malformed(): Refusal {
  return new Refusal('cursor.malformed', { at: 'after' });
}
