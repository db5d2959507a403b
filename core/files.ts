/**
 * Files of a share: raw bytes that stand apart from the log and are hashed into the statement as its other parts are.
 * They are the last of its parts; what they are called and show stands in the objects before them, never in the header.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { type Bytes, equal } from './bytes.ts';
import { Refusal } from './errors.ts';
import { base64Of, deviceId, hash, instantText, maxParts, partyId } from './fields.ts';
import type { Hash } from './merkle.ts';

/** Of one share. */
export const maxFiles = 32;
/** Bytes of one file that a centre takes, unless it is configured otherwise. */
export const fileLimit = 64 * 1024 * 1024;
/** No centre takes more. */
export const maxFileBytes = 4 * 1024 * 1024 * 1024;

/** RFC 6838, 4.2, in lower case and without parameters. Which are taken, `file-types.ts` says. */
const mediaType = z
  .string()
  .max(127)
  .regex(/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/, 'expected a media type in lower case, such as application/pdf');
const size = z.int().min(1).max(maxFileBytes);

const fileEntry = z.strictObject({
  /** The part. */
  n: z
    .int()
    .min(0)
    .max(maxParts - 1),
  /** Bytes. */
  size,
  type: mediaType,
});
export type FileEntry = z.infer<typeof fileEntry>;

export const filesSchema = z
  .array(fileEntry)
  .min(1)
  .max(maxFiles)
  .refine(
    (list) => list.every(({ n }, i) => i === 0 || n === (list[i - 1] as FileEntry).n + 1),
    'expected the numbers of the last parts, one after another',
  );

/** What a device signs to bring a file: a DSSE envelope of its own type, so that it never passes for a statement. */
export const uploadType = 'application/vnd.parley.upload+json';
/** The body of an upload: that envelope on one line, then the bytes. */
export const uploadBodyType = 'application/vnd.parley.upload';
/** Characters of that line. */
export const uploadLineLimit = 8 * 1024;

export const uploadSchema = z.strictObject({
  centre: z.string().max(1_024),
  party: partyId,
  device: deviceId,
  at: instantText,
  salt: base64Of(16),
  /** SHA-256(0x00 ‖ salt ‖ bytes). */
  leaf: hash,
  size,
  type: mediaType,
});
export type Upload = z.infer<typeof uploadSchema>;

/** The leaf of a file, piece by piece: SHA-256(0x00 ‖ salt ‖ bytes), as of any part. */
export class LeafHash {
  readonly #hash = sha256.create();
  #size = 0;

  constructor(salt: Uint8Array) {
    this.#hash.update(Uint8Array.of(0)).update(salt);
  }

  update(piece: Uint8Array): this {
    this.#hash.update(piece);
    this.#size += piece.length;
    return this;
  }

  /** Bytes so far, salt not counted. */
  get size(): number {
    return this.#size;
  }

  /** Once, at the end. */
  digest(): Hash {
    return this.#hash.digest() as Bytes;
  }
}

/**
 * Hands the pieces on as they come, and throws at the end where they are not what was said: whoever keeps them keeps
 * nothing before it ends well.
 * @throws parts.root; parts.too-large as soon as there is more than the header says
 */
export async function* verifiedFile(
  pieces: AsyncIterable<Uint8Array>,
  salt: Uint8Array,
  leaf: Uint8Array,
  { n, size }: Pick<FileEntry, 'n' | 'size'>,
): AsyncGenerator<Uint8Array, void> {
  const hashed = new LeafHash(salt);
  for await (const piece of pieces) {
    hashed.update(piece);
    if (hashed.size > size)
      throw new Refusal('parts.too-large', {
        at: `/parts/${n}`,
        detail: 'more bytes than the header says',
        params: { limit: size },
      });
    yield piece;
  }
  const whole = hashed.size === size;
  if (!whole || !equal(hashed.digest(), leaf))
    throw new Refusal('parts.root', {
      at: `/parts/${n}`,
      detail: whole ? 'not the file that was shared' : `${hashed.size} bytes of ${size}`,
    });
}
