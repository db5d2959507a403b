/**
 * A file while it comes in: on the disk, so that memory stays bounded, and under a key that lives as long as it does,
 * so that nothing of what is refused can be read from the disk afterwards.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { base64, equal, fromBase64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Upload } from '@parley/core/files.ts';

const block = 16;
const pieceSize = 256 * 1024;

export class Spool implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #key = randomBytes(32);
  readonly #cipher = createCipheriv('aes-256-ctr', this.#key, Buffer.alloc(block));
  #size = 0;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  static async open(path: string): Promise<Spool> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return new Spool(await open(path, 'wx+', 0o600), path);
  }

  get size(): number {
    return this.#size;
  }

  async write(piece: Uint8Array): Promise<void> {
    const hidden = this.#cipher.update(piece);
    try {
      await this.#file.write(hidden, 0, hidden.length, this.#size);
    } catch (cause) {
      const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
      throw full ? new Refusal('queue.full', { params: { after: 600 }, cause }) : cause;
    }
    this.#size += piece.length;
  }

  /** Bytes `from` (inclusive) to `to` (exclusive), by pieces. */
  async *read(from = 0, to = this.#size): AsyncGenerator<Buffer, void> {
    // CTR counts blocks, so that reading can begin at any of them.
    const first = Math.floor(from / block);
    const start = Buffer.alloc(block);
    start.writeBigUInt64BE(BigInt(first), block - 8);
    const cipher = createDecipheriv('aes-256-ctr', this.#key, start);
    let skip = from - first * block;
    for (let at = first * block; at < to; ) {
      const buffer = Buffer.allocUnsafe(Math.min(pieceSize, to - at));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      const piece = cipher.update(buffer.subarray(0, bytesRead)).subarray(skip);
      skip = 0;
      if (piece.length > 0) yield piece;
    }
  }

  async head(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.read(0, Math.min(length, this.#size))) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

/** What comes in, up to what was said of it. @throws file.size, file.hash */
export async function spooled(
  { salt, leaf, size }: Upload,
  pieces: AsyncIterable<Uint8Array>,
  spool: Spool,
): Promise<void> {
  const hash = createHash('sha256').update(Uint8Array.of(0)).update(bytesFrom(salt));
  for await (const piece of pieces) {
    if (spool.size + piece.length > size)
      throw new Refusal('file.size', { at: '/payload/size', params: { size } });
    hash.update(piece);
    await spool.write(piece);
  }
  if (spool.size !== size)
    throw new Refusal('file.size', { at: '/payload/size', params: { size, received: spool.size } });
  const found = new Uint8Array(hash.digest());
  if (!equal(found, bytesFrom(leaf)))
    throw new Refusal('file.hash', { at: '/payload/leaf', detail: `the bytes hash to ${base64(found)}` });
}

/** Checked by the schema of an upload. */
export function bytesFrom(text: string): Uint8Array {
  return fromBase64(text) ?? new Uint8Array(0);
}
