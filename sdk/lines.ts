/** Lines of bytes: an answer is read as it comes, and no line can fill the memory. */
import { type Bytes, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';

/** A part holds 1 MiB at most, a header 64 KiB; the chain of a party with thousands of devices is the longest. */
const lineLimit = 8 * 1024 * 1024;

/**
 * Without their line feeds; a last line may lack its own.
 * @throws read.unproven for a line over the limit
 */
export async function* linesOf(chunks: AsyncIterable<Bytes>, limit = lineLimit): AsyncGenerator<Bytes, void> {
  let pieces: Bytes[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      const last = chunk.subarray(from, end);
      from = end + 1;
      if (held + last.length > limit) throw tooLong(limit);
      const line = pieces.length === 0 ? last : concat(...pieces, last);
      pieces = [];
      held = 0;
      yield line;
    }
    held += chunk.length - from;
    if (held > limit) throw tooLong(limit);
    if (from < chunk.length) pieces.push(chunk.subarray(from));
  }
  if (held > 0) yield concat(...pieces);
}

function tooLong(limit: number): Refusal {
  return new Refusal('read.unproven', { detail: 'a line is too long', params: { limit } });
}
