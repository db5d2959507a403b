/** Input as people have it: plain, or gzipped. */
import { createGunzip } from 'node:zlib';
import { Refusal } from '@parley/core/errors.ts';

/** RFC 1952, 2.3.1: what begins so is gzipped, and no JSON begins so. */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>, file: string): AsyncIterable<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done) return;
  const all = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => source };
  })();
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* all;
    return;
  }
  yield* gunzipped(all, file);
}

/** Bytes that are unpacked at once. */
const piece = 256 * 1024;

async function* gunzipped(chunks: AsyncIterable<Uint8Array>, file: string): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: piece });
  const feeding = pump(chunks, gunzip);
  feeding.catch((error: Error) => gunzip.destroy(error));
  try {
    for await (const bytes of gunzip as AsyncIterable<Uint8Array>) yield bytes;
    await feeding;
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('file.unreadable', { at: file, detail: 'not a whole gzip file', cause });
  }
}

async function pump(chunks: AsyncIterable<Uint8Array>, into: NodeJS.WritableStream): Promise<void> {
  for await (const chunk of chunks)
    if (!into.write(chunk)) await new Promise((resolve) => into.once('drain', resolve));
  into.end();
}
