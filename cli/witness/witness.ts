/** What a witness answers to a log (C2SP tlog-witness), without HTTP. */
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import {
  formatCheckpoint,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  type Trust,
} from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import {
  ed25519Type,
  formatNote,
  formatSignatures,
  isBy,
  mlDsa44Type,
  parseNote,
  type Vkey,
} from '@parley/core/note.ts';
import {
  type AddCheckpoint,
  type Admission,
  admitCheckpoint,
  parseAddCheckpoint,
  refusedCheckpoint,
  sizeType,
} from '@parley/core/witness.ts';
import type { WitnessKey } from './key.ts';
import type { Cosigned, WitnessStore } from './store.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Witness {
  readonly key: WitnessKey;
  readonly store: WitnessStore;
  /** Those whose checkpoints it cosigns, by origin. */
  readonly logs: ReadonlyMap<string, Trust>;
}

/**
 * The keys of logs, gathered by their name, which is the log's origin.
 * @throws vkey.malformed for a key that logs do not sign with, and for a log without Ed25519, which every reader can check
 */
export function trustedLogs(keys: readonly Vkey[]): ReadonlyMap<string, Trust> {
  const logs = new Map<string, Trust>();
  for (const key of keys) {
    if (key.type !== ed25519Type && key.type !== mlDsa44Type)
      throw new Refusal('vkey.malformed', { at: key.name, detail: 'a log signs with type 1 or 6' });
    const before = logs.get(key.name)?.logs ?? [];
    logs.set(key.name, { origin: key.name, logs: [...before, key], witnesses: [] });
  }
  for (const [origin, { logs: all }] of logs)
    if (!all.some(({ type }) => type === ed25519Type))
      throw new Refusal('vkey.malformed', { at: origin, detail: 'name the Ed25519 key of the log, too' });
  return logs;
}

/** `POST add-checkpoint`. Verified first, then decided and stored in one transaction, answered after it. */
export async function addCheckpoint(witness: Witness, body: Bytes, now: number): Promise<Answer> {
  let request: AddCheckpoint;
  let opened: OpenedCheckpoint;
  try {
    request = parseAddCheckpoint(body);
    opened = await openTrusted(witness, request.note);
  } catch (error) {
    if (error instanceof Refusal && error.class !== 'fault') return answerOf(refusedCheckpoint(error));
    throw error;
  }
  return cosign(witness, request, opened, now);
}

async function openTrusted({ key, logs }: Witness, note: Bytes): Promise<OpenedCheckpoint> {
  const { text } = parseNote(note);
  const checkpoint = parseCheckpoint(text);
  const trust = logs.get(checkpoint.origin);
  if (!trust) throw new Refusal('checkpoint.origin', { at: 'origin' });
  // Type 0x06 does not cover extension lines (tlog-cosignature): nobody should read there what we did not sign.
  if (key.vkey.type === mlDsa44Type && text !== formatCheckpoint(checkpoint))
    throw new Refusal('checkpoint.malformed', { at: 'extension lines' });
  return openCheckpoint(note, trust);
}

function cosign(
  { key, store }: Witness,
  { old, proof, note }: AddCheckpoint,
  opened: OpenedCheckpoint,
  now: number,
): Answer {
  const { checkpoint, text } = opened;
  return store.decide(checkpoint.origin, (known, keep) => {
    const admission = admitCheckpoint({ old, proof, checkpoint }, known, now);
    if (admission.status !== 200) return answerOf(admission);
    const ours = key.cosign(text, checkpoint, admission.time);
    keep({
      origin: checkpoint.origin,
      ...admission.keep,
      note: formatNote(text, [...linesOf(opened, note), ours]),
    });
    return { status: 200, type: 'text/plain; charset=utf-8', body: formatSignatures([ours]) };
  });
}

/** Only the lines that were verified: what strangers wrote under the note is not passed on in our name. */
function linesOf({ log }: OpenedCheckpoint, note: Bytes) {
  return parseNote(note).signatures.filter((line) => log.some(({ key }) => isBy(line, key)));
}

function answerOf(admission: Admission): Answer {
  if (admission.status === 409) return { status: 409, type: sizeType, body: admission.body };
  if (admission.status === 200) throw new Refusal('fault', { detail: 'a cosignature comes from the store' });
  return { status: admission.status, type: 'text/plain; charset=utf-8', body: `${admission.cause.code}\n` };
}

/** `GET <sha256 of the origin>/checkpoint`. @returns null when none was ever cosigned */
export function latestOf(
  { store }: Witness,
  digest: string,
  digestOf: (bytes: Bytes) => string,
): Cosigned | null {
  return store.all().find(({ origin }) => digestOf(utf8(origin)) === digest) ?? null;
}
