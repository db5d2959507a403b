/** An upload as it comes in: the signed line, which is short, then bytes that go on as they come. */
import type { Readable } from 'node:stream';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { uploadLineLimit } from '@parley/core/files.ts';
import type { ApiFiles, BroughtFile } from '../context.ts';

/** @throws body.malformed, body.too-large, and what `receive` throws */
export async function readUpload(stream: Readable, files: ApiFiles): Promise<BroughtFile> {
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  try {
    const { line, rest } = await within(patience, stream, firstLine(chunks));
    return await files.receive(line, restOf(rest, chunks));
  } catch (error) {
    // Whoever is refused is still writing, and would not see the answer if the connection just ended.
    await within(patience, stream, discard(stream, files.limits.file));
    throw error;
  }
}

/** Milliseconds for who has not shown yet that it may bring anything, or has shown that it may not. */
const patience = 60_000;

async function within<T>(ms: number, stream: Readable, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => stream.destroy(), ms).unref();
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

async function firstLine(chunks: AsyncIterator<Buffer>): Promise<{ line: Bytes; rest: Buffer }> {
  let read: Buffer = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf(0x0a);
    if (end > uploadLineLimit || (end < 0 && read.length > uploadLineLimit))
      throw new Refusal('body.too-large', { params: { limit: uploadLineLimit } });
    if (end >= 0) return { line: new Uint8Array(read.subarray(0, end)), rest: read.subarray(end + 1) };
    const next = await following(chunks);
    if (next === null)
      throw new Refusal('body.malformed', { detail: 'expected what the device signed on one line' });
    read = Buffer.concat([read, next]);
  }
}

async function* restOf(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array, void> {
  if (first.length > 0) yield first;
  for (let next = await following(chunks); next !== null; next = await following(chunks)) yield next;
}

async function following(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
  try {
    const { done, value } = await chunks.next();
    return done ? null : value;
  } catch (cause) {
    throw new Refusal('body.malformed', { detail: 'the body broke off', cause });
  }
}

async function discard(stream: Readable, most: number): Promise<void> {
  let left = most;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      left -= (chunk as Buffer).length;
      if (left < 0) return;
    }
  } catch {
    // Whoever sent it has gone.
  }
}
