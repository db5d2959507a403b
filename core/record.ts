/** A record: an admitted statement with its place and time. Its commitment is what the log holds. */
import { type Bytes, base64, fromBase64, uint64, utf8 } from './bytes.ts';
import type { Envelope } from './dsse.ts';
import { Refusal } from './errors.ts';
import type { Instant } from './fields.ts';
import { type Hash, hashLeaf } from './merkle.ts';
import { sha256 } from './sha256.ts';

export const nonceLength = 32;
const domain = utf8('parley/record/v1\n');

/** Microseconds that the clock of a speaker may be off from that of the centre, either way (`clock.skew`). */
export const maxSkew = 5 * 60 * 1_000_000;

export interface RecordFields {
  /** Zero-based place in the log. */
  readonly index: number;
  /** When the centre took it, in microseconds; unique and rising. */
  readonly instant: Instant;
  /** How many instants it reserves: one for each row that it makes visible, at least one. */
  readonly span: number;
  /** 32 random bytes, so that a commitment tells nothing about a guessable statement. */
  readonly nonce: Bytes;
}

/** SHA-256(`parley/record/v1\n` ‖ nonce ‖ instant ‖ span ‖ payload ‖ signature): C2SP's entry, 32 bytes. */
export function commitment(record: RecordFields, envelope: Envelope): Hash {
  const { nonce, instant, span } = record;
  return sha256(domain, nonce, uint64(instant), uint64(span), envelope.payload, envelope.signature);
}

/** The leaf of the log's tree for a commitment. */
export function recordLeaf(entry: Hash): Hash {
  return hashLeaf(entry);
}

export interface RecordJson {
  index: number;
  instant: Instant;
  span: number;
  nonce: string;
}

export function recordJson(record: RecordFields): RecordJson {
  const { index, instant, span, nonce } = record;
  return { index, instant, span, nonce: base64(nonce) };
}

/** @throws receipt.malformed */
export function parseRecord(value: RecordJson, at = '/record'): RecordFields {
  const nonce = fromBase64(value.nonce);
  const whole = [value.index, value.instant, value.span].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (nonce?.length !== nonceLength || !whole || value.span < 1)
    throw new Refusal('receipt.malformed', { at });
  return { index: value.index, instant: value.instant, span: value.span, nonce };
}
