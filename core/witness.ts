/**
 * C2SP tlog-witness, both sides of `add-checkpoint`, without network and store. Who runs a witness must read
 * what it knows, decide and store in one transaction, and answer after it: otherwise two requests at once can
 * roll its record back (tlog-witness, add-checkpoint).
 */
import { type Bytes, base64, fromBase64, fromUtf8, utf8 } from './bytes.ts';
import { type Checkpoint, parseDecimal } from './checkpoint.ts';
import { Refusal } from './errors.ts';
import { emptyRoot, type Hash, verifyConsistency } from './merkle.ts';
import { type NoteSignature, parseSignatures } from './note.ts';

/** What a log sends: the size it believes the witness to know, the proof from there, the signed note. */
export type AddCheckpoint = { readonly old: number; readonly proof: readonly Hash[]; readonly note: Bytes };

const proofLimit = 63;
const bodyLimit = 2 * 1024 * 1024;

/** The content type of the body of a 409. */
export const sizeType = 'text/x.tlog.size';

export function formatAddCheckpoint({ old, proof, note }: AddCheckpoint): Bytes {
  const lines = [`old ${old}`, ...proof.map(base64)];
  return utf8(`${lines.join('\n')}\n\n${fromUtf8(note)}`);
}

/** The note is not read yet. @throws body.malformed, body.too-large, text.not-utf8 */
export function parseAddCheckpoint(body: Bytes): AddCheckpoint {
  if (body.length > bodyLimit) throw new Refusal('body.too-large', { params: { limit: bodyLimit } });
  const text = fromUtf8(body);
  const split = text.indexOf('\n\n');
  const [first, ...proof] = text.slice(0, Math.max(split, 0)).split('\n');
  if (first?.startsWith('old ') !== true) throw new Refusal('body.malformed', { at: 'old' });
  if (proof.length > proofLimit) throw new Refusal('body.malformed', { at: 'proof', detail: '63 lines' });
  return {
    old: parseDecimal(first.slice('old '.length), 'body.malformed', 'old'),
    proof: proof.map(parseHash),
    note: utf8(text.slice(split + 2)),
  };
}

function parseHash(line: string, i: number): Hash {
  const hash = fromBase64(line);
  if (hash?.length !== 32) throw new Refusal('body.malformed', { at: `proof line ${i + 1}` });
  return hash;
}

/** The newest tree of a log that a witness has cosigned. */
export type Known = { readonly size: number; readonly root: Hash };

/**
 * What the witness answers. With 200 it stores `keep`, then cosigns as of `time` (seconds since 1970) and
 * sends the lines. `body` of a 409 goes out with `sizeType`.
 */
export type Admission =
  | { readonly status: 200; readonly keep: Known; readonly time: number }
  | { readonly status: 409; readonly size: number; readonly body: string }
  | { readonly status: 400 | 403 | 404 | 422; readonly cause: Refusal };

/**
 * Whether a witness cosigns.
 * @param request its checkpoint already verified by `openCheckpoint`; when that threw, see `refusedCheckpoint`
 * @param known what it cosigned last for this origin, or `null`
 * @param now milliseconds since 1970
 */
export function admitCheckpoint(
  request: { readonly old: number; readonly proof: readonly Hash[]; readonly checkpoint: Checkpoint },
  known: Known | null,
  now: number,
): Admission {
  const { old, proof, checkpoint } = request;
  const { size, root } = checkpoint;
  if (old > size) return { status: 400, cause: new Refusal('body.malformed', { at: 'old' }) };
  const latest = known ?? { size: 0, root: emptyRoot };
  if (old !== latest.size) return { status: 409, size: latest.size, body: `${latest.size}\n` };
  try {
    // Also refuses the same size with another root: 422 since July 2026, 409 in v1.0.0.
    verifyConsistency(latest.size, latest.root, size, root, proof);
  } catch (error) {
    if (error instanceof Refusal) return { status: 422, cause: error };
    throw error;
  }
  return { status: 200, keep: { size, root }, time: secondsOf(now) };
}

/** A cosignature's time is never zero: that would say "not the newest that I have seen". */
function secondsOf(now: number): number {
  const time = Math.floor(now / 1000);
  if (!Number.isSafeInteger(time) || time < 1) throw new Refusal('fault', { detail: 'no time' });
  return time;
}

/** The answer when the request could not be read or its checkpoint not be opened. */
export function refusedCheckpoint(cause: Refusal): Admission {
  if (cause.code === 'checkpoint.origin') return { status: 404, cause };
  if (cause.code === 'note.unsigned' || cause.code === 'note.signature') return { status: 403, cause };
  return { status: 400, cause };
}

/** What a log makes of a witness's answer. */
export type WitnessReply =
  /** Not verified yet: put them under the note and open it again. */
  | { readonly kind: 'cosigned'; readonly signatures: readonly NoteSignature[] }
  /** Send again with a proof from `size`. When that is more than the log has, the log's store is too old. */
  | { readonly kind: 'knows'; readonly size: number }
  /** It does not know this log or its key, or did not take the request. */
  | { readonly kind: 'refused'; readonly status: number };

/**
 * @param old the size that was sent
 * @throws witness.conflict when the witness has seen another history: never try again, someone must look
 * @throws note.malformed when a 200 holds no signature lines
 */
export function readWitnessReply(reply: { status: number; body: string }, old: number): WitnessReply {
  const { status, body } = reply;
  if (status === 200) return { kind: 'cosigned', signatures: parseSignatures(body) };
  if (status === 422) throw new Refusal('witness.conflict', { params: { status, old } });
  if (status !== 409) return { kind: 'refused', status };
  // In v1.0.0 a 409 is also the answer to "same size, other root".
  const size = /^(?:0|[1-9]\d{0,14})\n$/.test(body) ? Number(body) : old;
  if (size === old) throw new Refusal('witness.conflict', { params: { status, old } });
  return { kind: 'knows', size };
}
