/** Sharing many objects: as many statements as they need, a few on their way at a time. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { knownParts, maxPartBytes, maxParts, type Part, partOf } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { ahead } from './ahead.ts';
import { withCases } from './cases.ts';
import { random } from './signer.ts';

export interface ShareProgress {
  /** Objects, their bytes, and statements that the centre has taken so far. */
  readonly objects: number;
  readonly bytes: number;
  readonly statements: number;
  /** Objects that were left out, because the party had said them in this room before. */
  readonly known: number;
  /** Of the statement just taken; null where all of its objects were known. */
  readonly receipt: Receipt | null;
}

export interface ShareOptions {
  readonly onProgress?: (progress: ShareProgress) => void;
  /** References of cases: a STIX note beside the objects files them. */
  readonly cases?: readonly string[];
}

interface Batch {
  /** Number of the first object among all, from 0. */
  readonly first: number;
  readonly parts: readonly Part[];
}

const inFlight = 4;

/**
 * Receipts come in the order of the objects; the statements, a few of them on their way at once, may stand otherwise in
 * the log. Each statement stands or falls alone: when one is refused, no further one is sent,
 * and those taken before are known by `onProgress`. What the party has said in this room before, with the same bytes,
 * is left out: so what was broken off can be sent again.
 * @param say says one statement with these parts
 * @throws what the centre refuses a statement with, at the number of the object among all
 */
export async function shareObjects(
  say: (parts: readonly Part[]) => Promise<Receipt>,
  objects: AsyncIterable<Bytes> | Iterable<Bytes>,
  { onProgress, cases = [] }: ShareOptions = {},
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  let [shared, bytes, known] = [0, 0, 0];
  const filed = cases.length === 0 ? objects : withCases(objects, cases);
  const send = (batch: Batch) => sayNew(say, batch);
  for await (const { receipt, parts, left } of ahead(batches(filed), inFlight, send)) {
    if (receipt) receipts.push(receipt);
    shared += parts.length;
    known += left;
    bytes += parts.reduce((sum, part) => sum + part.bytes.length, 0);
    onProgress?.({ objects: shared, bytes, statements: receipts.length, known, receipt });
  }
  return receipts;
}

interface Sent {
  readonly receipt: Receipt | null;
  readonly parts: readonly Part[];
  /** How many were left out. */
  readonly left: number;
}

/** Says the batch; where the centre names those that are known, what is new in it. */
async function sayNew(
  say: (parts: readonly Part[]) => Promise<Receipt>,
  { first, parts }: Batch,
): Promise<Sent> {
  let numbered = parts.map((part, n) => ({ part, n: first + n }));
  while (numbered.length > 0)
    try {
      const receipt = await say(numbered.map(({ part }) => part));
      return { receipt, parts: numbered.map(({ part }) => part), left: parts.length - numbered.length };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const known = knownParts(error);
      if (known.size === 0) throw placed(error, (n) => numbered[n]?.n ?? first);
      numbered = numbered.filter((_, n) => !known.has(n));
    }
  return { receipt: null, parts: [], left: parts.length };
}

/** The place among all objects instead of that in one statement. */
function placed(refusal: Refusal, numberOf: (n: number) => number): Refusal {
  const [, n, rest = ''] = /^\/parts\/(\d+)(.*)$/.exec(refusal.at ?? '') ?? [];
  if (n === undefined) return refusal;
  const { code, detail, params } = refusal;
  const at = `/objects/${numberOf(Number(n))}${rest}`;
  return new Refusal(code, { at, params, cause: refusal, ...(detail === undefined ? {} : { detail }) });
}

async function* batches(objects: AsyncIterable<Bytes> | Iterable<Bytes>): AsyncGenerator<Batch> {
  let parts: Part[] = [];
  let bytes = 0;
  let first = 0;
  for await (const object of objects) {
    const part = partOf(object, random);
    const size = part.bytes.length;
    if (size > maxPartBytes)
      throw new Refusal('parts.too-large', {
        at: `/objects/${first + parts.length}`,
        params: { limit: maxPartBytes, size },
      });
    if (parts.length === maxParts || bytes + size > maxPartBytes) {
      yield { first, parts };
      first += parts.length;
      parts = [];
      bytes = 0;
    }
    parts.push(part);
    bytes += size;
  }
  if (parts.length > 0) yield { first, parts };
}
