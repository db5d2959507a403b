/** One batch, inside the store's transaction: admit, place, append and fold each statement, then grow the tree. */
import { setImmediate as turn } from 'node:timers/promises';
import { type Bytes, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { Part } from '@parley/core/parts.ts';
import { commitment, nonceLength, recordLeaf } from '@parley/core/record.ts';
import type { StixObject } from '@parley/core/stix.ts';
import type { Checked } from './checked.ts';
import { blamesStore } from './faults.ts';
import { type LogKeys, signCheckpoint } from './keys.ts';
import type { Commit, Head, StoredRecord } from './ports.ts';
import type { Waiting } from './queue.ts';
import type { Growth, Tree } from './tree.ts';

/** The log as it is committed. In memory it changes only after the commit. */
export interface State {
  readonly tree: Tree;
  /** Null while the log has no record. */
  readonly head: Head | null;
}

export interface Rules<DB> {
  /**
   * Whether this may be said, on the state folded up to the record before. Gives the number of instants that the
   * record reserves. What it throws refuses the statement, and that alone; an error of the store itself stops the log.
   * @param instant that the record is going to have
   */
  readonly admit: (
    checked: Checked,
    commit: Commit<DB>,
    instant: Instant,
  ) => Promise<{ readonly span: number }>;
  /** Writes what follows from the record. Throws as `admit` does. @param objects what was parsed of a share */
  readonly fold: (
    record: StoredRecord,
    parts: readonly Part[],
    commit: Commit<DB>,
    objects: readonly StixObject[],
  ) => Promise<void>;
}

export interface Sequencing<DB> extends Rules<DB> {
  readonly keys: LogKeys;
  readonly origin: string;
  readonly random: (length: number) => Bytes;
  /** A statement was refused for a bug, or for what the store holds: somebody should look. */
  readonly onFault: (error: unknown) => void;
}

/** A verdict on each statement, in order, that counts only once the commit has succeeded. */
export interface Batch {
  readonly verdicts: readonly { readonly waiting: Waiting; readonly record: StoredRecord | Refusal }[];
  /** Null when none was admitted: nothing was written. */
  readonly next: { readonly state: State & { readonly head: Head }; readonly growth: Growth } | null;
  readonly condemned: number;
}

/** @param wall the clock, not before the first free instant */
export async function sequence<DB>(
  batch: readonly Waiting[],
  state: State,
  wall: Instant,
  commit: Commit<DB>,
  about: Sequencing<DB>,
): Promise<Batch> {
  const verdicts: { waiting: Waiting; record: StoredRecord | Refusal }[] = [];
  const entries: Bytes[] = [];
  let free = wall;
  for (const waiting of batch) {
    const index = state.tree.size + entries.length;
    const taken = await refusedOr(index, commit, about.onFault, () =>
      takeOne(waiting.checked, index, free, commit, about),
    );
    verdicts.push({ waiting, record: taken instanceof Refusal ? taken : taken.record });
    if (taken instanceof Refusal) continue;
    entries.push(taken.entry);
    free += taken.record.span;
  }
  const next = entries.length === 0 ? null : await advance(entries, state, { free, wall }, commit, about);
  return { verdicts, next, condemned: await commit.log.condemned() };
}

/** What `admit` or `fold` threw (the cause): nothing that the store throws around them is taken for theirs. */
class Thrown extends Error {}

/**
 * What `admit` and `fold` throw refuses one statement, a bug in them too: else whoever finds a statement that trips
 * a fold stops the centre for all, as often as they like. Going on is safe because
 * - nothing in memory has moved: index and instant do so only for what is taken, caches hold committed records only;
 * - the savepoint was undone: where that fails, the error is the store's and no `Thrown`, and stops the log;
 * - what the fold forgot to await has written before it was undone: see `theirs`;
 * - the transaction is still open, and has nothing at the index: read back, since SQLite may end it by itself;
 * - the error is not the store's: see `blamesStore`.
 * Whatever else fails, in the store, the tree or the signing, stops the log.
 */
async function refusedOr<T, DB>(
  index: number,
  commit: Commit<DB>,
  onFault: (error: unknown) => void,
  work: () => Promise<T>,
): Promise<T | Refusal> {
  try {
    return await commit.savepoint(work);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    const { cause } = error;
    if (cause instanceof Refusal && cause.class !== 'fault') return cause;
    if (blamesStore(cause)) throw cause;
    if ((await commit.log.commitments(index, index + 1)).length > 0)
      throw new Refusal('store.corrupt', { detail: 'a refused record is still there', cause });
    onFault(cause);
    return new Refusal('fault', { detail: 'this was not taken', cause });
  }
}

/** The store's calls take no turn of the event loop: after one, what still ran beside the failed work has ended. */
async function theirs<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    await turn();
    throw new Thrown('', { cause });
  }
}

async function takeOne<DB>(
  checked: Checked,
  index: number,
  instant: Instant,
  commit: Commit<DB>,
  { admit, fold, random }: Sequencing<DB>,
): Promise<{ record: StoredRecord; entry: Bytes }> {
  const { statement, parts, leaves, objects } = checked;
  const span = await theirs(async () => checkedSpan(await admit(checked, commit, instant)));
  const record = {
    index,
    instant,
    span,
    nonce: random(nonceLength),
    ...statement,
    leaves: concat(...leaves),
  };
  const entry = commitment(record, statement.envelope);
  await commit.log.append(record, entry, parts);
  await theirs(() => fold(record, parts, commit, objects));
  return { record, entry };
}

function checkedSpan({ span }: { readonly span: number }): number {
  if (!Number.isSafeInteger(span) || span < 1) throw new Refusal('fault', { detail: `a span of ${span}` });
  return span;
}

/** Signs before the commit, so that no record is ever in the store without its checkpoint. */
async function advance<DB>(
  entries: readonly Bytes[],
  state: State,
  { free, wall }: { free: Instant; wall: Instant },
  commit: Commit<DB>,
  { keys, origin }: Sequencing<DB>,
): Promise<Batch['next']> {
  const growth = state.tree.grow(entries.map(recordLeaf));
  const { size, root } = growth.tree;
  for (const { level, index, data } of growth.tiles) await commit.log.putTile(level, index, data);
  const checkpoint = await signCheckpoint(keys, { origin, size, root }, Math.floor(wall / 1_000_000));
  const head = { size, root, instant: free, checkpoint };
  await commit.log.advance(state.tree.size, head);
  return { state: { tree: growth.tree, head }, growth };
}
