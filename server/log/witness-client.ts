/** One witness over HTTP (C2SP tlog-witness): it is sent a checkpoint, and what it signed is verified. */
import { type Bytes, concat, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Hash } from '@parley/core/merkle.ts';
import { formatNote, isBy, type NoteSignature, parseNote, type Vkey } from '@parley/core/note.ts';
import type { PolicyWitness } from '@parley/core/policy.ts';
import { formatAddCheckpoint, readWitnessReply, type WitnessReply } from '@parley/core/witness.ts';

/** A witness that can be asked. */
export type AskedWitness = PolicyWitness & { readonly url: string };

export interface WitnessDoor {
  readonly fetch: typeof fetch;
  /** Milliseconds for one answer. */
  readonly timeout: number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** A hundred ML-DSA lines are less. The witness, or who stands between, chooses what it sends. */
const replyLimit = 512 * 1024;

/**
 * @param old the size that the witness is believed to know, with the consistency proof from there
 * @throws witness.conflict, note.malformed, body.too-large, text.not-utf8, and what `fetch` throws
 */
export async function addCheckpoint(
  witness: AskedWitness,
  request: { readonly old: number; readonly proof: readonly Hash[]; readonly note: Bytes },
  door: WitnessDoor,
): Promise<WitnessReply> {
  const response = await door.fetch(`${witness.url.replace(/\/$/, '')}/add-checkpoint`, {
    method: 'POST',
    body: formatAddCheckpoint(request),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    redirect: 'error',
    signal: AbortSignal.any([door.signal, AbortSignal.timeout(door.timeout)]),
  });
  return readWitnessReply({ status: response.status, body: await limitedText(response) }, request.old);
}

/** What it shows to anybody (C2SP tlog-witness, Monitoring). @param digest SHA-256 of the origin, in hexadecimal digits */
export async function latestCheckpoint(
  witness: AskedWitness,
  digest: string,
  door: WitnessDoor,
): Promise<string> {
  const response = await door.fetch(`${witness.url.replace(/\/$/, '')}/${digest}/checkpoint`, {
    redirect: 'error',
    signal: AbortSignal.any([door.signal, AbortSignal.timeout(door.timeout)]),
  });
  const text = await limitedText(response);
  if (!response.ok) throw new Refusal('absent', { at: witness.name });
  return text;
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > replyLimit) throw new Refusal('body.too-large', { params: { limit: replyLimit } });
    chunks.push(chunk);
  }
  return fromUtf8(concat(...chunks));
}

/** Of a witness's lines, the one that counts. @throws note.signature, note.unsigned, note.malformed */
export async function verifyCosignature(
  note: Bytes,
  lines: readonly NoteSignature[],
  witness: AskedWitness,
  log: { readonly origin: string; readonly keys: readonly Vkey[] },
): Promise<NoteSignature> {
  const own = lines.filter((line) => isBy(line, witness.vkey));
  const { text, signatures } = parseNote(note);
  const trust = { origin: log.origin, logs: log.keys, witnesses: [witness.vkey] };
  const { cosigned } = await openCheckpoint(formatNote(text, [...signatures, ...own]), trust);
  const [line] = own;
  if (!line || cosigned.length !== 1) throw new Refusal('note.unsigned', { at: witness.name });
  return line;
}

/** The note with the lines under those of the log. */
export function withLines(note: string, lines: Iterable<NoteSignature>): string {
  const { text, signatures } = parseNote(utf8(note));
  return fromUtf8(formatNote(text, [...signatures, ...lines]));
}
