/**
 * Which columns of projections and journals stand plain in an encrypted store, by name; every other text and every
 * other byte is sealed, so that a new column is sealed until somebody lists it here. Plain is what SQL must order,
 * aggregate or compare with a literal: ids, states, closed lists. Numbers and instants are never sealed.
 *
 * Projections seal alike, so that they can still be looked up, joined and compared by what is in them. Nothing looks
 * into the journals: there no two values look equal. A value is bound to database and column, not to its row: who can
 * write the file could also change the plain columns beside it. `fsck` folds the log again and finds either.
 */
import { Buffer } from 'node:buffer';
import { type Bytes, concat, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Sealer, Vault } from '../vault/vault.ts';

export interface ColumnSeals {
  /** Whether sealed values of a column can be compared for equality. */
  readonly comparable: boolean;
  isSealed(column: string): boolean;
  seal(column: string, value: unknown): unknown;
  /** What is not sealed comes back as it is. @throws store.corrupt */
  open(value: unknown): unknown;
}

/** Fingerprints and ids, which are random; names of rules and kinds; what is public of keys. */
const plainInProjections = new Set(
  `id key party room owner originator asker author about supervisor audience by state role rights cause kind type level rule access
   purposes purpose parts basis answer until terms_hash accepted_hash hash verdict request`.split(/\s+/),
);
/** Hashes, fingerprints, what is on a closed list, and what is sealed already (`token-seal.ts`). */
const plainInJournals = new Set(
  'party device purpose route token seal root hash code rule concerned speaker what file nonce'.split(' '),
);

export function projectionSeals(vault: Vault | null): ColumnSeals | null {
  return vault && sealsBy(vault.alike('projections'), plainInProjections, true);
}

export function journalSeals(vault: Vault | null): ColumnSeals | null {
  return vault && sealsBy(vault.sealer('journals'), plainInJournals, false);
}

/** Of text: `~column~` and Base64. Of bytes: this mark, the length of the column's name, the name. */
const mark = utf8('~sealed~');
const sealedText = /^~([a-z_0-9]+)~([A-Za-z0-9+/=]+)$/;

function sealsBy(sealer: Sealer, plain: ReadonlySet<string>, comparable: boolean): ColumnSeals {
  return {
    comparable,
    isSealed: (column) => !plain.has(column),
    seal(column, value) {
      if (plain.has(column)) return value;
      if (typeof value === 'string')
        return `~${column}~${Buffer.from(sealer.seal(column, utf8(value))).toString('base64')}`;
      if (!(value instanceof Uint8Array)) return value;
      const name = utf8(column);
      return concat(mark, Uint8Array.of(name.length), name, sealer.seal(column, value));
    },
    open(value) {
      if (typeof value === 'string') return value.startsWith('~') ? openedText(sealer, value) : value;
      return value instanceof Uint8Array && isMarked(value) ? openedBytes(sealer, value) : value;
    },
  };
}

function openedText(sealer: Sealer, text: string): string {
  const [, column, sealed] = sealedText.exec(text) ?? [];
  if (column === undefined || sealed === undefined)
    throw new Refusal('store.corrupt', { detail: 'a sealed value that is none' });
  return fromUtf8(sealer.open(column, Buffer.from(sealed, 'base64')));
}

function isMarked(bytes: Uint8Array): boolean {
  return bytes.length > mark.length && mark.every((byte, i) => bytes[i] === byte);
}

function openedBytes(sealer: Sealer, bytes: Uint8Array): Bytes {
  const from = mark.length + 1;
  const to = from + (bytes[mark.length] ?? 0);
  return sealer.open(Buffer.from(bytes.subarray(from, to)).toString('latin1'), bytes.subarray(to));
}
