/** An old backup must never speak for the log: what else knows of it is asked at start, before anything is said. */
import { readFileSync } from 'node:fs';
import { utf8 } from '@parley/core/bytes.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { verifyConsistency } from '@parley/core/merkle.ts';
import { parseNote } from '@parley/core/note.ts';
import { type KeptLog, trustOf } from './log/logs.ts';
import type { Head, LogReader } from './log/ports.ts';
import { consistencyProofAt } from './log/proofs.ts';
import type { Witnessing } from './log/witnessing.ts';

const wayOn = 'find the newest store; only where what came after is truly lost: parley restore --succeed';

/**
 * @param path this machine's memory of the last that was signed
 * @throws store.behind where the store holds less, or another history
 */
export async function refuseOlder(path: string, log: LogReader, logs: readonly KeptLog[]): Promise<void> {
  const note = rememberedNote(path);
  // Nothing was known here yet, or the memory went with the machine: then the witnesses are asked.
  if (note !== null) await refuseOlderThan(note, log, logs);
}

/** @param note what is known, read before the moment of the store began @throws as `refuseOlder` */
export async function refuseOlderThan(note: string, log: LogReader, logs: readonly KeptLog[]): Promise<void> {
  const standing = await standingOf(note, log, logs);
  if (standing.kind === 'held') return;
  const { size } = standing.checkpoint;
  const held = (await log.head())?.size ?? 0;
  const detail =
    standing.kind === 'later'
      ? `this machine knows a checkpoint of ${standing.checkpoint.origin}, the store knows of no such log; ${wayOn}`
      : standing.kind === 'more'
        ? `this machine knows a checkpoint of ${size} records, the store holds ${held}; ${wayOn}`
        : `this machine knows another history of the first ${size} records: this is not its store`;
  throw new Refusal('store.behind', { detail, params: { signed: size, held } });
}

/** @throws file.unreadable */
export function rememberedNote(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Refusal('file.unreadable', { at: path, cause });
  }
}

export interface Standing {
  /**
   * `held`: the store continues it, or has said that it is lost. `more`: there was more than the store holds.
   * `other`: another history. `later`: of a log that the store knows nothing of.
   */
  readonly kind: 'held' | 'more' | 'other' | 'later';
  readonly checkpoint: Checkpoint;
}

/** What a checkpoint of the centre says of this store. @throws note.*, checkpoint.* where none of its logs signed it */
export async function standingOf(note: string, log: LogReader, logs: readonly KeptLog[]): Promise<Standing> {
  const { origin } = parseCheckpoint(parseNote(utf8(note)).text);
  const i = logs.findIndex((kept) => kept.origin === origin);
  const [kept, next] = [logs[i], logs[i + 1]];
  // Before the first record, and of a log that was opened after what the store holds, nobody here knows the keys.
  if (!kept) return { kind: 'later', checkpoint: parseCheckpoint(parseNote(utf8(note)).text) };
  const { checkpoint } = await openCheckpoint(utf8(note), trustOf(kept));
  const head = (await log.head()) as Head;
  if (checkpoint.size <= (next?.from ?? head.size))
    return { kind: (await continues(log, checkpoint, head)) ? 'held' : 'other', checkpoint };
  return { kind: next ? 'held' : 'more', checkpoint };
}

async function continues(log: LogReader, old: Checkpoint, head: Head): Promise<boolean> {
  try {
    const proof = await consistencyProofAt(log, old.size, head.size);
    verifyConsistency(old.size, old.root, head.size, head.root, proof);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'proof.consistency') return false;
    throw error;
  }
}

/**
 * @param restored nothing but a witness can tell that the store is old: then one of them must have been asked
 * @throws store.behind where a witness has cosigned more than the store holds, witness.conflict where it has cosigned
 * something else, policy.unmet where none was to be asked that had to be
 */
export async function refuseOutrun(witnessing: Witnessing, size: number, restored: boolean): Promise<void> {
  const sizes = await witnessing.knownSizes();
  if (restored && sizes.length > 0 && sizes.every(({ failure }) => failure !== undefined))
    throw new Refusal('policy.unmet', {
      detail:
        'this store comes from a backup, and no witness can be asked whether there was more: start it when one of them answers',
    });
  for (const known of sizes)
    if (known.size !== null && known.size > size)
      throw new Refusal('store.behind', {
        detail: `the witness ${known.witness} has cosigned ${known.size} records, the store holds ${size}; ${wayOn}`,
        params: { signed: known.size, held: size },
      });
}
