/** C2SP tlog-checkpoint and tlog-cosignature: what a log says its tree is, and who has checked that it only grew. */
import { type Bytes, base64, concat, equal, fromBase64, uint64, utf8 } from './bytes.ts';
import { type Checked, verifyEd25519, verifyMlDsa44 } from './ed25519.ts';
import { Refusal } from './errors.ts';
import { emptyRoot, type Hash } from './merkle.ts';
import { ed25519Type, isBy, mlDsa44Type, type NoteSignature, parseNote, type Vkey } from './note.ts';

export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Hash };

/** Whom a reader believes. Logs sign with types 0x01 and 0x06, witnesses with 0x04 and 0x06. */
export type Trust = {
  readonly origin: string;
  readonly logs: readonly Vkey[];
  readonly witnesses: readonly Vkey[];
};

export type OpenedCheckpoint = {
  readonly checkpoint: Checkpoint;
  /** What was signed, extension lines included. */
  readonly text: string;
  /** One for each known key of the log that signed; `time` in seconds since 1970, 0 where the signature has none. */
  readonly log: readonly { readonly key: Vkey; readonly result: Checked; readonly time: number }[];
  /** One for each known witness key whose cosignature is valid; `time` in seconds since 1970. */
  readonly cosigned: readonly { readonly name: string; readonly keyId: string; readonly time: number }[];
};

/** The text to sign, without extension lines. @throws checkpoint.malformed */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${base64(root)}\n`;
  parseCheckpoint(text);
  return text;
}

/** Extension lines are allowed and left out of the result. @throws checkpoint.malformed */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin, size, root] = lines;
  if (lines.pop() !== '' || lines.length < 3 || lines.includes('')) {
    throw new Refusal('checkpoint.malformed', { detail: 'three lines that are not empty' });
  }
  const hash = fromBase64(root ?? '');
  if (origin === undefined || hash?.length !== 32) {
    throw new Refusal('checkpoint.malformed', { at: 'root' });
  }
  return { origin, size: parseDecimal(size ?? '', 'checkpoint.malformed', 'size'), root: hash };
}

/** A number without leading zeroes, as all these formats write it. */
export function parseDecimal(
  text: string,
  code: 'checkpoint.malformed' | 'proof.malformed' | 'body.malformed',
  at: string,
): number {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new Refusal(code, { at });
  return value;
}

/**
 * A checkpoint that the log has signed, and which witnesses have cosigned it; `policy.ts` says whether they
 * are enough. Lines of unknown keys are passed over, a wrong one of a known key spoils the whole note.
 * At least one Ed25519 key of the log must have signed, since every reader can check that.
 * @throws note.malformed, text.not-utf8, checkpoint.malformed, checkpoint.origin, note.signature, note.unsigned
 */
export async function openCheckpoint(note: Bytes, trusted: Trust): Promise<OpenedCheckpoint> {
  const { text, signatures } = parseNote(note);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== trusted.origin) throw new Refusal('checkpoint.origin', { at: 'origin' });
  const log = await checkLog(text, checkpoint, signatures, trusted.logs);
  const cosigned = await checkWitnesses(text, checkpoint, signatures, trusted.witnesses);
  return { checkpoint, text, log, cosigned };
}

async function checkLog(
  text: string,
  checkpoint: Checkpoint,
  signatures: readonly NoteSignature[],
  keys: readonly Vkey[],
): Promise<OpenedCheckpoint['log']> {
  const log: { key: Vkey; result: Checked; time: number }[] = [];
  for (const [key, signature] of known(signatures, keys)) {
    const { result, time } = await check(text, checkpoint, key, signature);
    if (!log.some((one) => one.key === key)) log.push({ key, result, time });
  }
  if (!log.some(({ key }) => key.type === ed25519Type)) throw new Refusal('note.unsigned');
  return log;
}

async function checkWitnesses(
  text: string,
  checkpoint: Checkpoint,
  signatures: readonly NoteSignature[],
  keys: readonly Vkey[],
): Promise<OpenedCheckpoint['cosigned']> {
  const cosigned: { name: string; keyId: string; time: number }[] = [];
  for (const [key, signature] of known(signatures, keys)) {
    if (key.type === ed25519Type)
      throw new Refusal('vkey.malformed', { detail: 'a witness has 0x04 or 0x06' });
    const { result, time } = await check(text, checkpoint, key, signature);
    // A time of zero says only that the tree is consistent, not that it is the newest seen (tlog-witness).
    if (result === 'not checked' || time === 0 || cosigned.some((one) => isBy(one, key))) continue;
    cosigned.push({ name: key.name, keyId: key.keyId, time });
  }
  return cosigned;
}

/** Every line of a known key, since each must be right; unknown keys are passed over. */
function known(signatures: readonly NoteSignature[], keys: readonly Vkey[]): [Vkey, NoteSignature][] {
  return keys.flatMap((key) =>
    signatures
      .filter((signature) => isBy(signature, key))
      .map((signature): [Vkey, NoteSignature] => [key, signature]),
  );
}

async function check(
  text: string,
  checkpoint: Checkpoint,
  key: Vkey,
  { signature }: NoteSignature,
): Promise<{ result: Checked; time: number }> {
  try {
    if (key.type === ed25519Type) {
      await verifyEd25519(key.publicKey, utf8(text), signature);
      return { result: 'valid', time: 0 };
    }
    const { time, signature: inner } = parseTimestamped(signature);
    if (key.type === mlDsa44Type) {
      const message = subtreeMessage({ ...whole(text, checkpoint), cosigner: key.name, time });
      return { result: await verifyMlDsa44(key.publicKey, message, inner), time };
    }
    await verifyEd25519(key.publicKey, cosignatureMessage(text, time), inner);
    return { result: 'valid', time };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal('note.signature', { at: key.name, cause: error });
  }
}

/**
 * The subtree that a checkpoint stands for. This kind of signature does not cover extension lines, so a text
 * that has some counts as not signed: nobody should read there what nobody signed.
 */
function whole(text: string, { origin, size, root }: Checkpoint) {
  if (text !== formatCheckpoint({ origin, size, root })) throw new Refusal('signature.invalid');
  return { origin, start: 0, end: size, root };
}

/** What a witness signs with type 0x04. @param time seconds since 1970 */
export function cosignatureMessage(text: string, time: number): Bytes {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/**
 * What a log or witness signs with type 0x06 (tlog-cosignature, `cosigned_message`). For a checkpoint, `start`
 * is 0 and `end` its size.
 * @throws signature.invalid when no such message may be signed
 */
export function subtreeMessage(about: {
  cosigner: string;
  time: number;
  origin: string;
  start: number;
  end: number;
  root: Hash;
}): Bytes {
  const { cosigner, time, origin, start, end, root } = about;
  const empty = start === end && !equal(root, emptyRoot);
  if (empty || start > end || (start !== 0 && time !== 0) || root.length !== 32) {
    throw new Refusal('signature.invalid', { detail: 'not a subtree that can be signed' });
  }
  return concat(
    utf8('subtree/v1\n\0'),
    shortText(cosigner),
    uint64(time),
    shortText(origin),
    uint64(start),
    uint64(end),
    root,
  );
}

function shortText(text: string): Bytes {
  const bytes = utf8(text);
  if (bytes.length < 1 || bytes.length > 255) {
    throw new Refusal('signature.invalid', { detail: 'names hold 1 to 255 bytes' });
  }
  return concat(Uint8Array.of(bytes.length), bytes);
}

/** `timestamped_signature` of types 0x04 and 0x06. @param time seconds since 1970 */
export function formatTimestamped(time: number, signature: Uint8Array): Bytes {
  return concat(uint64(time), signature);
}

/** @throws signature.invalid */
export function parseTimestamped(blob: Bytes): { time: number; signature: Bytes } {
  if (blob.length < 8) throw new Refusal('signature.invalid', { detail: 'no time' });
  const time = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  if (time > Number.MAX_SAFE_INTEGER) throw new Refusal('signature.invalid', { detail: 'the time' });
  return { time: Number(time), signature: blob.slice(8) };
}
