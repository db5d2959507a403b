/**
 * A submission as it comes in: the envelope, then a line for each part. Read by bytes, so that a part is what was
 * sent; what is held never grows over the limit, whoever sends.
 */
import type { Readable } from 'node:stream';
import { type Bytes, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { parseJson } from '@parley/core/json.ts';
import { maxPartBytes, maxParts, type Part, parsePart } from '@parley/core/parts.ts';
import { maxHeaderBytes, parseStatement, type Statement } from '@parley/core/statement.ts';
import type { Submission } from '../context.ts';

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

/** @throws body.malformed, body.too-large, parts.too-many, part.malformed, and what `parseStatement` throws */
export async function readSubmission(stream: Readable): Promise<Submission> {
  try {
    return await parsed(linesIn(chunksOf(stream)));
  } catch (error) {
    await discard(chunksOf(stream));
    throw error;
  }
}

/** The stream stays open when its reader has enough: closing it would close the connection, and the answer with it. */
function chunksOf(stream: Readable): AsyncIterable<Buffer> {
  return stream.iterator({ destroyOnReturn: false });
}

async function parsed(lines: AsyncIterable<Bytes>): Promise<Submission> {
  let statement: Statement | null = null;
  const parts: Part[] = [];
  for await (const line of lines) {
    if (statement === null) statement = parseStatement(parseJson(line));
    else if (parts.length === maxParts) throw new Refusal('parts.too-many', { params: { limit: maxParts } });
    else parts.push(parsePart(line, `/parts/${parts.length}`));
  }
  if (!statement) throw new Refusal('body.malformed', { detail: 'the body is empty' });
  return { statement, parts };
}

/** Lines without their line feeds; the last one may lack it. The first is short, all together are bounded. */
async function* linesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Bytes, void> {
  let held: Uint8Array[] = [];
  let heldSize = 0;
  let size = 0;
  let first = true;
  const line = (last: Uint8Array): Bytes => {
    const whole = concat(...held, last);
    held = [];
    heldSize = 0;
    first = false;
    return whole;
  };
  for await (const chunk of bytesOf(chunks)) {
    size += chunk.length;
    if (size > bodyLimit) throw tooLarge(bodyLimit);
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      if (first && heldSize + end > envelopeLimit) throw tooLarge(envelopeLimit);
      yield line(chunk.subarray(from, end));
      from = end + 1;
    }
    held.push(chunk.subarray(from));
    heldSize += chunk.length - from;
    if (first && heldSize > envelopeLimit) throw tooLarge(envelopeLimit);
  }
  if (heldSize > 0) yield line(new Uint8Array(0));
}

async function* bytesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of chunks) yield chunk;
  } catch (cause) {
    throw new Refusal('body.malformed', { detail: 'the body broke off', cause });
  }
}

async function discard(chunks: AsyncIterable<Buffer>): Promise<void> {
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

function tooLarge(limit: number): Refusal {
  return new Refusal('body.too-large', { params: { limit } });
}
