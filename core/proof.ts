/** C2SP tlog-proof: an entry's place in the tree and the checkpoint it leads to, as one text to keep. */
import { type Bytes, base64, fromBase64, fromUtf8, utf8 } from './bytes.ts';
import { parseDecimal } from './checkpoint.ts';
import { Refusal } from './errors.ts';
import type { Hash } from './merkle.ts';

export type LogProof = {
  /** Of the entry in the log, from 0. */
  readonly index: number;
  /** Inclusion proof, the leaf's sibling first. */
  readonly path: readonly Hash[];
  /** The signed note, byte for byte. */
  readonly checkpoint: Bytes;
  /** Nobody has signed this: never believe it (tlog-proof, Format). */
  readonly extra?: Bytes;
};

const header = 'c2sp.org/tlog-proof@v1';
const pathLimit = 63;

/** @param proof its checkpoint is text in UTF-8, as `parseNote` takes it */
export function formatProof(proof: LogProof): string {
  return proofHead(proof) + fromUtf8(proof.checkpoint);
}

/** All that comes before the checkpoint. */
export function proofHead({ index, path, extra }: Omit<LogProof, 'checkpoint'>): string {
  const lines = [header];
  if (extra !== undefined) lines.push(`extra ${base64(extra)}`);
  lines.push(`index ${index}`, ...path.map(base64));
  return `${lines.join('\n')}\n\n`;
}

/**
 * Reads it, and checks nothing: `openCheckpoint`, `meets` and `verifyInclusion` do.
 * @throws proof.malformed
 */
export function parseProof(text: string): LogProof {
  const split = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(split, 0)).split('\n');
  if (split < 0 || lines.shift() !== header) throw malformed('line 1');
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift() ?? '') : undefined;
  const place = lines.shift() ?? '';
  if (!place.startsWith('index ')) throw malformed('index');
  if (lines.length > pathLimit) throw malformed('path');
  return {
    index: parseDecimal(place.slice('index '.length), 'proof.malformed', 'index'),
    path: lines.map(parseHash),
    checkpoint: utf8(text.slice(split + 2)),
    ...(extra === undefined ? {} : { extra }),
  };
}

function parseExtra(line: string): Bytes {
  const extra = fromBase64(line.slice('extra '.length));
  if (extra === null || extra.length === 0) throw malformed('extra');
  return extra;
}

function parseHash(line: string, i: number): Hash {
  const hash = fromBase64(line);
  if (hash?.length !== 32) throw malformed(`path ${i + 1}`);
  return hash;
}

function malformed(at: string): Refusal {
  return new Refusal('proof.malformed', { at });
}
