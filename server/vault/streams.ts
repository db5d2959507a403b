/**
 * Files, sealed as they stream: the STREAM construction, as in age (age-encryption.org/v1, 2.5). Each file has a key of
 * its own, derived from a random salt and its name. Chunks are AES-256-GCM under a counter and a mark on the last one:
 * none can be cut off, moved, doubled or put into another file.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { type Bytes, concat, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Vault } from './vault.ts';
import { tagLength } from './xaes.ts';

const first = utf8('parley-sealed-file/1\n');
const saltLength = 32;
export const chunkLength = 64 * 1024;

export async function* sealStream(
  vault: Vault,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Bytes, void> {
  const salt = new Uint8Array(randomBytes(saltLength));
  const key = keyOf(vault, salt, name);
  yield concat(first, salt);
  let number = 0;
  for await (const { chunk, last } of chunked(pieces, chunkLength)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++, last));
    yield concat(cipher.update(chunk), cipher.final(), cipher.getAuthTag());
  }
}

/** Every byte that it gives was authenticated, and stands where it stood. @throws store.corrupt */
export async function* openStream(
  vault: Vault,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Bytes, void> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    const { head, left } = await begun(iterator, name);
    if (!first.every((byte, i) => head[i] === byte)) throw corrupt(name, 'not a sealed file');
    const key = keyOf(vault, head.slice(first.length), name);
    let number = 0;
    for await (const { chunk, last } of chunked(rest(left, iterator), chunkLength + tagLength))
      yield opened(key, number++, last, chunk, name);
  } finally {
    await iterator.return?.();
  }
}

function opened(key: KeyObject, number: number, last: boolean, chunk: Bytes, name: string): Bytes {
  const end = chunk.length - tagLength;
  if (end < 0) throw corrupt(name, 'cut off');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, last));
    decipher.setAuthTag(chunk.subarray(end));
    return concat(decipher.update(chunk.subarray(0, end)), decipher.final());
  } catch (cause) {
    throw corrupt(name, 'changed, cut off, or another file', cause);
  }
}

/** Eleven bytes of counter, and 1 on the last chunk. */
function nonceOf(number: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(number));
  nonce[11] = Number(last);
  return nonce;
}

function keyOf(vault: Vault, salt: Uint8Array, name: string): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', vault.derived('files'), salt, utf8(name), 32)));
}

/** Pieces of any length as chunks of one; the last is shorter or as long, and empty only where there is nothing. */
async function* chunked(
  pieces: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<{ readonly chunk: Bytes; readonly last: boolean }, void> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size <= length) continue;
    const all = concat(...held);
    let from = 0;
    for (; all.length - from > length; from += length)
      yield { chunk: all.slice(from, from + length), last: false };
    held = [all.subarray(from)];
    size = all.length - from;
  }
  yield { chunk: concat(...held), last: true };
}

async function begun(iterator: AsyncIterator<Uint8Array>, name: string) {
  const length = first.length + saltLength;
  let all: Bytes = new Uint8Array(0);
  while (all.length < length) {
    const next = await iterator.next();
    if (next.done) throw corrupt(name, 'cut off');
    all = concat(all, next.value);
  }
  return { head: all.slice(0, length), left: all.subarray(length) };
}

async function* rest(
  left: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield left;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

function corrupt(name: string, detail: string, cause?: unknown): Refusal {
  return new Refusal('store.corrupt', { at: `files/${name}`, detail, cause });
}
