/** What is copied is read with suspicion: a store whose disk lies must not bring another one to say the same. */
import { createHash } from 'node:crypto';
import { base64, equal } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { type Part, partLeaf } from '@parley/core/parts.ts';
import { commitment } from '@parley/core/record.ts';
import { filesOf } from '@parley/core/statement.ts';
import type { StoredRecord } from '../log/ports.ts';

function corrupt(at: string, detail: string): Refusal {
  return new Refusal('store.corrupt', { at, detail });
}

/** That the record is what its commitment covers, and its parts are what it speaks of. @throws store.corrupt */
export function verifyRecord(
  record: StoredRecord,
  entry: Uint8Array | undefined,
  parts: readonly (Part | null)[],
): void {
  const { index, header, leaves } = record;
  const at = `records/${index}`;
  if (!entry || !equal(commitment(record, record.envelope), entry))
    throw corrupt(at, 'the commitment is another');
  const hashes = parts.map((_, n) => leaves.slice(32 * n, 32 * n + 32));
  if (leaves.length !== 32 * parts.length || (header.parts && base64(rootOf(hashes)) !== header.parts.root))
    throw corrupt(at, 'the leaves are not those of its parts');
  const files = new Set(filesOf(header).map(({ n }) => n));
  for (const [n, part] of parts.entries())
    if (part && !files.has(n) && !equal(partLeaf(part), hashes[n] as Uint8Array))
      throw corrupt(`parts/${index}/${n}`, 'not what was said');
}

/** The same pieces; where they are not the file that was shared, reading them fails at the end. */
export async function* verifiedFile(
  at: string,
  pieces: AsyncIterable<Uint8Array>,
  { salt, leaf }: { readonly salt: Uint8Array; readonly leaf: Uint8Array },
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256').update(Uint8Array.of(0)).update(salt);
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  if (!equal(hash.digest(), leaf)) throw corrupt(at, 'not the file that was shared');
}
