/**
 * Records and parts of an encrypted log, each sealed as one value bound to its place. Plain stay party and id of a
 * statement, by which it is found, and the hashes that the tree is made of; salted, they tell nothing of what was said.
 */
import { type Bytes, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Part, type PartNumber, saltLength } from '@parley/core/parts.ts';
import type { Sealer, Vault } from '../vault/vault.ts';
import { PartCache } from './part-cache.ts';

export interface RecordBytes {
  readonly nonce: Bytes;
  readonly payload: Bytes;
  readonly signature: Bytes;
}

export interface RecordSeal {
  sealRecord(index: number, bytes: RecordBytes): RecordBytes;
  /** @throws store.corrupt */
  openRecord(index: number, bytes: RecordBytes): RecordBytes;
  sealPart(number: PartNumber, part: Part): Part;
  /** @throws store.corrupt */
  openPart(number: PartNumber, part: Part): Part;
}

const none: Bytes = new Uint8Array(0);
const [nonceLength, signatureLength] = [32, 64];

/** Nothing is sealed: everything stands in the column of its own. */
const plainly: RecordSeal = {
  sealRecord: (_, bytes) => bytes,
  openRecord: (_, bytes) => bytes,
  sealPart: (_, part) => part,
  openPart: (_, part) => part,
};

export function recordSeal(vault: Vault | null): RecordSeal {
  return vault ? sealedBy(vault.sealer('log')) : plainly;
}

function sealedBy(sealer: Sealer): RecordSeal {
  const cache = new PartCache();
  return {
    sealRecord(index, { nonce, payload, signature }) {
      const sealed = sealer.seal(`records/${index}`, concat(nonce, signature, payload));
      return { nonce: none, payload: sealed, signature: none };
    },
    openRecord(index, { nonce, payload: sealed, signature }) {
      const at = `records/${index}`;
      const opened = sealer.open(at, sealed);
      checkEmpty(at, nonce, signature);
      const end = nonceLength + signatureLength;
      return {
        nonce: opened.slice(0, nonceLength),
        signature: opened.slice(nonceLength, end),
        payload: opened.slice(end),
      };
    },
    sealPart(number, { salt, bytes }) {
      return { salt: none, bytes: sealer.seal(`parts/${number}`, concat(salt, bytes)) };
    },
    openPart(number, { salt, bytes: sealed }) {
      const known = cache.get(number, sealed);
      if (known) return known;
      const at = `parts/${number}`;
      const opened = sealer.open(at, sealed);
      checkEmpty(at, salt);
      const part = { salt: opened.slice(0, saltLength), bytes: opened.slice(saltLength) };
      cache.put(number, sealed, part);
      return part;
    },
  };
}

/** What is sealed stands in one column: nothing beside it is ours. */
function checkEmpty(at: string, ...columns: readonly Bytes[]): void {
  if (columns.some(({ length }) => length > 0))
    throw new Refusal('store.corrupt', { at, detail: 'plain bytes beside sealed ones' });
}
