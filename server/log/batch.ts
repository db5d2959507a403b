/** One batch, inside the store's transaction: admit, place, append and fold each statement, then grow the tree. */
import { type Bytes, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { Part } from '@parley/core/parts.ts';
import { commitment, nonceLength, recordLeaf } from '@parley/core/record.ts';
import type { StixObject } from '@parley/core/stix.ts';
import type { Checked } from './checked.ts';
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
   * record reserves. What it throws refuses the statement; a refusal of class `fault`, or another error, stops the log.
   * @param instant that the record is going to have
   */
  readonly admit: (
    checked: Checked,
    commit: Commit<DB>,
    instant: Instant,
  ) => Promise<{ readonly span: number }>;
  /** Writes what follows from the record. @param objects what was parsed of a share */
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
    const taken = await refusedOr(() => takeOne(waiting.checked, index, free, commit, about));
    verdicts.push({ waiting, record: taken instanceof Refusal ? taken : taken.record });
    if (taken instanceof Refusal) continue;
    entries.push(taken.entry);
    free += taken.record.span;
  }
  const next = entries.length === 0 ? null : await advance(entries, state, { free, wall }, commit, about);
  return { verdicts, next, condemned: await commit.log.condemned() };
}

/** A refusal is the answer to one statement; anything else stops the log. */
async function refusedOr<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && error.class !== 'fault') return error;
    throw error;
  }
}

function takeOne<DB>(
  checked: Checked,
  index: number,
  instant: Instant,
  commit: Commit<DB>,
  { admit, fold, random }: Sequencing<DB>,
): Promise<{ record: StoredRecord; entry: Bytes }> {
  const { statement, parts, leaves, objects } = checked;
  return commit.savepoint(async () => {
    const { span } = await admit(checked, commit, instant);
    if (!Number.isSafeInteger(span) || span < 1) throw new Refusal('fault', { detail: `a span of ${span}` });
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
    await fold(record, parts, commit, objects);
    return { record, entry };
  });
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
