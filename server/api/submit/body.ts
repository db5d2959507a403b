/**
 * A submission as it comes in: the envelope, then a line for each part. Read by bytes, so that a part is what was
 * sent; what is held never grows over the limit, whoever sends.
 */
import type { Readable } from 'node:stream';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { parseJson } from '@parley/core/json.ts';
import { maxPartBytes, maxParts, type Part, parsePart } from '@parley/core/parts.ts';
import { maxHeaderBytes, parseStatement, type Statement } from '@parley/core/statement.ts';
import type { Submission } from '../context.ts';
import { type Holding, Intake } from './intake.ts';

/** The header in base64, and the rest of the envelope with room to spare. */
const envelopeLimit = Math.ceil(maxHeaderBytes / 3) * 4 + 1024;
/** Salt and spelling of a part line, and its line feed, with room to spare. */
const partOverhead = 64;

export const bodyLimit = envelopeLimit + maxPartBytes + maxParts * partOverhead;

/**
 * How much more is read, and thrown away, after a refusal: whoever was only a little over the limit is still writing,
 * and would not see the answer if the connection just ended.
 */
const courtesy = 4 * 1024 * 1024;

/** @throws body.malformed, body.too-large, queue.full, parts.too-many, part.malformed, and what `parseStatement` throws */
export async function readSubmission(
  stream: Readable,
  holding: Holding = new Intake().hold(),
): Promise<Submission> {
  try {
    const submission = new Begun();
    await takeLines(chunksOf(stream), holding, (line) => submission.take(line));
    return submission.whole();
  } catch (error) {
    await discard(chunksOf(stream));
    throw error;
  }
}

/** The stream stays open when its reader has enough: closing it would close the connection, and the answer with it. */
export function chunksOf(stream: Readable): AsyncIterable<Buffer> {
  return stream.iterator({ destroyOnReturn: false });
}

/** What the lines so far say. */
class Begun {
  #statement: Statement | null = null;
  readonly #parts: Part[] = [];

  take(line: Bytes): void {
    const n = this.#parts.length;
    if (this.#statement === null) this.#statement = parseStatement(parseJson(line));
    else if (n === maxParts) throw new Refusal('parts.too-many', { params: { limit: maxParts } });
    else this.#parts.push(parsePart(line, `/parts/${n}`));
  }

  whole(): Submission {
    if (!this.#statement) throw new Refusal('body.malformed', { detail: 'the body is empty' });
    return { statement: this.#statement, parts: this.#parts };
  }
}

/** Lines without their line feeds; the last one may lack it. The first is short, all together are bounded. */
async function takeLines(
  chunks: AsyncIterable<Buffer>,
  holding: Holding,
  take: (line: Bytes) => void,
): Promise<void> {
  const begun = new Line();
  let size = 0;
  let first = true;
  for await (const chunk of bytesOf(chunks)) {
    size += chunk.length;
    if (size > bodyLimit) throw tooLarge(bodyLimit);
    holding.take(chunk.length);
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      if (first && begun.size + end > envelopeLimit) throw tooLarge(envelopeLimit);
      begun.add(chunk.subarray(from, end));
      take(begun.take());
      first = false;
      from = end + 1;
    }
    begun.add(chunk.subarray(from));
    if (first && begun.size > envelopeLimit) throw tooLarge(envelopeLimit);
  }
  if (begun.size > 0) take(begun.take());
}

/** A line as it comes in. Who sends may cut it into single bytes, so pieces are not kept as such. */
class Line {
  #bytes: Bytes = new Uint8Array(0);
  size = 0;

  add(piece: Uint8Array): void {
    const size = this.size + piece.length;
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.size));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.size);
    this.size = size;
  }

  /** The whole line, in bytes of its own. */
  take(): Bytes {
    const line = this.#bytes.slice(0, this.size);
    this.size = 0;
    return line;
  }
}

async function* bytesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of chunks) yield chunk;
  } catch (cause) {
    throw new Refusal('body.malformed', { detail: 'the body broke off', cause });
  }
}

export async function discard(chunks: AsyncIterable<Buffer>): Promise<void> {
  let left = courtesy;
  try {
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) return;
    }
  } catch {
    // Whoever sent it has gone.
  }
}

export function tooLarge(limit: number): Refusal {
  return new Refusal('body.too-large', { params: { limit } });
}
