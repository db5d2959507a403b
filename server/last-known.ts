/**
 * The last that is known of a log, whose store may hold less: from this machine's memory, from witnesses, and from
 * what members bring, a checkpoint or a receipt.
 */
import { readFileSync } from 'node:fs';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint, parseCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { logNumber } from '@parley/core/log-names.ts';
import { formatNote, parseNote } from '@parley/core/note.ts';
import type { Policy } from '@parley/core/policy.ts';
import { parseProof } from '@parley/core/proof.ts';
import { parseReceipt } from '@parley/core/receipt.ts';
import { rememberedNote, standingOf } from './behind.ts';
import { loadLogKeys, logVkeys } from './log/keys.ts';
import type { KeptLog } from './log/logs.ts';
import type { Head, LogReader } from './log/ports.ts';
import { witnessedOf } from './log/witness-known.ts';
import type { Place } from './place.ts';

export interface LastKnown {
  /** Of the log: the one that the store ends with, or one that was opened after what the store holds. */
  readonly log: string;
  readonly size: number;
  /** The signed note; null where somebody told the size alone. */
  readonly checkpoint: string | null;
  /** Who knew. */
  readonly from: string;
}

export interface Asked {
  readonly place: Place;
  readonly log: LogReader;
  readonly logs: readonly KeptLog[];
  readonly head: Head;
  readonly policy: Policy | null;
  /** Paths of checkpoints or receipts. */
  readonly files: readonly string[];
}

export interface Known {
  /** More than the store holds, and the most that anybody knew; null: nobody knew more. */
  readonly last: LastKnown | null;
  /** Witnesses that did not answer. */
  readonly silent: readonly string[];
}

/** @throws store.behind where one knows another history, witness.conflict, note.*, checkpoint.*, file.unreadable */
export async function lastKnown(asked: Asked): Promise<Known> {
  const { place, logs, head, policy, files } = asked;
  const current = logs.at(-1) as KeptLog;
  const found: LastKnown[] = [];
  const remembered = rememberedNote(place.paths.checkpoint);
  if (remembered !== null) found.push(...(await moreIn(remembered, 'this machine', asked)));
  for (const path of files) found.push(...(await moreInFile(path, asked)));
  const witnessed = policy ? await witnessedOf(policy, current, head) : { known: [], silent: [] };
  for (const { witness, size, note } of witnessed.known) {
    const from = `the witness ${witness}`;
    if (note !== null) found.push(...(await moreIn(note, from, asked)));
    else if (size > head.size) found.push({ log: current.origin, size, checkpoint: null, from });
  }
  return {
    last: found.sort(byReach(current.origin)).at(-1) ?? null,
    silent: witnessed.silent.map(({ witness }) => witness),
  };
}

/** Of several files, a refusal names which one it is. */
async function moreInFile(path: string, asked: Asked): Promise<LastKnown[]> {
  try {
    return await moreIn(noteIn(path), path, asked);
  } catch (error) {
    if (!(error instanceof Refusal) || error.at === path || error.code === 'store.behind') throw error;
    const { code, params, detail } = error;
    const what = `neither a checkpoint nor a receipt of this centre${detail ? `: ${detail}` : ''}`;
    throw new Refusal(code, { at: path, detail: what, params, cause: error });
  }
}

/** A later log counts more than any size, and of one size the signed note. */
function byReach(origin: string): (a: LastKnown, b: LastKnown) => number {
  const centre = origin.slice(0, origin.lastIndexOf('/log/'));
  const rank = ({ log, size, checkpoint }: LastKnown) => [
    logNumber(centre, log) ?? 0,
    size,
    checkpoint === null ? 0 : 1,
  ];
  return (a, b) => {
    const [x, y] = [rank(a), rank(b)];
    const i = x.findIndex((value, n) => value !== y[n]);
    return i < 0 ? 0 : (x[i] as number) - (y[i] as number);
  };
}

async function moreIn(note: string, from: string, { place, log, logs }: Asked): Promise<LastKnown[]> {
  const { kind, checkpoint } = await standingOf(note, log, logs);
  const { origin, size } = checkpoint;
  if (kind === 'held') return [];
  if (kind === 'other')
    throw new Refusal('store.behind', {
      detail: `${from} knows another history of the first ${size} records: this is not the store of ${origin}`,
      params: { signed: size },
    });
  if (kind === 'later') await checkLater(note, from, place);
  return [{ log: origin, size, checkpoint: logLines(note), from }];
}

/** Of a log whose opening is lost, too, only its own key tells that the centre signed it. @throws note.unsigned */
async function checkLater(note: string, from: string, { paths, vault }: Place): Promise<void> {
  const { origin } = parseCheckpoint(parseNote(utf8(note)).text);
  const keys = logVkeys(loadLogKeys(paths.logKeys, vault), origin);
  try {
    await openCheckpoint(utf8(note), { origin, logs: keys, witnesses: [] });
  } catch (cause) {
    throw new Refusal('note.unsigned', {
      at: from,
      detail: `a checkpoint of ${origin}, of which the store knows nothing, and the keys here are not its keys`,
      cause,
    });
  }
}

/** Without the lines of others, whom nobody here needs to believe. */
function logLines(note: string): string {
  const { text, signatures } = parseNote(utf8(note));
  const { origin } = parseCheckpoint(text);
  return fromUtf8(
    formatNote(
      text,
      signatures.filter(({ name }) => name === origin),
    ),
  );
}

/** @throws file.unreadable */
function noteIn(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const detail = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : '';
    throw new Refusal('file.unreadable', { at: path, cause, ...(detail ? { detail } : {}) });
  }
  // A receipt that a member kept ends in a checkpoint.
  if (!text.startsWith('{')) return text;
  const [first = ''] = text.split('\n', 1);
  return fromUtf8(parseProof(parseReceipt(utf8(first)).proof).checkpoint);
}
