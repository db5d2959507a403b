/** Sharing many objects: as many statements as they need, a few on their way at a time. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { maxPartBytes, maxParts, type Part, partOf } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { ahead } from './ahead.ts';
import { random } from './signer.ts';

export interface ShareProgress {
  /** Objects, their bytes, and statements that the centre has taken so far. */
  readonly objects: number;
  readonly bytes: number;
  readonly statements: number;
  /** Of the statement just taken. */
  readonly receipt: Receipt;
}

export interface ShareOptions {
  readonly onProgress?: (progress: ShareProgress) => void;
}

interface Batch {
  /** Number of the first object among all, from 0. */
  readonly first: number;
  readonly parts: readonly Part[];
  readonly bytes: number;
}

const inFlight = 4;

/**
 * In the order of the objects. Each statement stands or falls alone: when one is refused, no further one is sent,
 * and those taken before are known by `onProgress`.
 * @param say says one statement with these parts
 * @throws what the centre refuses a statement with, at the number of the object among all
 */
export async function shareObjects(
  say: (parts: readonly Part[]) => Promise<Receipt>,
  objects: AsyncIterable<Bytes> | Iterable<Bytes>,
  { onProgress }: ShareOptions = {},
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  let shared = 0;
  let bytes = 0;
  const send = async (batch: Batch) => ({ batch, receipt: await sayBatch(say, batch) });
  for await (const { batch, receipt } of ahead(batches(objects), inFlight, send)) {
    receipts.push(receipt);
    shared += batch.parts.length;
    bytes += batch.bytes;
    onProgress?.({ objects: shared, bytes, statements: receipts.length, receipt });
  }
  return receipts;
}

async function sayBatch(
  say: (parts: readonly Part[]) => Promise<Receipt>,
  { first, parts }: Batch,
): Promise<Receipt> {
  try {
    return await say(parts);
  } catch (error) {
    throw error instanceof Refusal ? placed(error, first) : error;
  }
}

/** The place among all objects instead of that in one statement. */
function placed(refusal: Refusal, first: number): Refusal {
  const [, n, rest = ''] = /^\/parts\/(\d+)(.*)$/.exec(refusal.at ?? '') ?? [];
  if (n === undefined) return refusal;
  const { code, detail, params } = refusal;
  const at = `/objects/${first + Number(n)}${rest}`;
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
      yield { first, parts, bytes };
      first += parts.length;
      parts = [];
      bytes = 0;
    }
    parts.push(part);
    bytes += size;
  }
  if (parts.length > 0) yield { first, parts, bytes };
}
