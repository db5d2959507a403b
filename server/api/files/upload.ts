/** An upload as it comes in: the signed line, which is short, then bytes that go on as they come. */
import type { Readable } from 'node:stream';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { uploadLineLimit } from '@parley/core/files.ts';
import type { ApiFiles, BroughtFile } from '../context.ts';

/** @throws body.malformed, body.too-large, and what `receive` throws */
export async function readUpload(
  stream: Readable,
  files: Pick<ApiFiles, 'limits' | 'receive'>,
  pace: Pace = leastPace,
): Promise<BroughtFile> {
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  try {
    const { line, rest } = await within(patience, stream, firstLine(chunks));
    return await files.receive(line, restOf(rest, chunks, pace));
  } catch (error) {
    // Whoever is refused is still writing, and would not see the answer if the connection just ended.
    await within(patience, stream, discard(stream, files.limits.file));
    throw error;
  }
}

/** Milliseconds for who has not shown yet that it may bring anything, or has shown that it may not. */
const patience = 60_000;

/** How fast the bytes of a file must come, from the first: few slow senders would hold all places for long. */
export interface Pace {
  /** Milliseconds that are given beyond it. */
  readonly grace: number;
  /** Bytes a second, over all of it. */
  readonly rate: number;
}

const leastPace: Pace = { grace: patience, rate: 32 * 1024 };

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

/** Counted is the time that the sender takes, and not what the centre does in between. @throws file.size */
async function* restOf(
  first: Buffer,
  chunks: AsyncIterator<Buffer>,
  { grace, rate }: Pace,
): AsyncGenerator<Uint8Array, void> {
  let received = first.length;
  let waited = 0;
  if (first.length > 0) yield first;
  for (;;) {
    const asked = performance.now();
    const next = await inTime(following(chunks), grace + (received / rate) * 1_000 - waited, rate);
    waited += performance.now() - asked;
    if (next === null) return;
    received += next.length;
    yield next;
  }
}

async function inTime<T>(work: Promise<T>, ms: number, rate: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(
        new Refusal('file.size', {
          detail: `the bytes come too slowly: at least ${rate} a second`,
          params: { rate },
        }),
      ),
    Math.max(0, ms),
  ).unref();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
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
