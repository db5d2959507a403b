/** A sequencer on a real store, and what must hold after everything that happens to it: for tests. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { rootOf, verifyInclusion } from '@parley/core/merkle.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import { createLog, openLog, placeAt } from '../place.ts';
import { forgetDatabase, newLocated } from '../testing/located.ts';
import type { Checked } from './checked.ts';
import { createLogKeys } from './keys.ts';
import type { Store } from './ports.ts';
import type { Admitted } from './queue.ts';
import { sampleOrigin, trustIn } from './sample.ts';
import { type Committed, createSequencer, type Sequencer, type SequencerOptions } from './sequencer.ts';
import { Tree } from './tree.ts';

export type Options = Partial<SequencerOptions<unknown>>;

export const keys = createLogKeys();
export const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

/** A store that a test opens again as often as a process would start. */
export async function storage(t: TestContext): Promise<() => Promise<Store<unknown>>> {
  const { folder, database } = await newLocated();
  const place = placeAt(folder, { database });
  await createLog(place);
  const stores: Store<unknown>[] = [];
  t.after(async () => {
    for (const store of stores) await store.close();
    await forgetDatabase(folder);
    rmSync(folder, { recursive: true });
  });
  return async () => {
    const store = await openLog<unknown>(place);
    stores.push(store);
    return store;
  };
}

export async function start(store: Store<unknown>, options: Options = {}) {
  const commits: Committed[] = [];
  const doubts: unknown[] = [];
  const faults: unknown[] = [];
  const erased: (readonly [numbers: readonly number[], left: number])[] = [];
  const sequencer = await createSequencer<unknown>({
    store,
    keys,
    origin: sampleOrigin,
    admit: async () => ({ span: 1 }),
    fold: async () => {},
    onCommit: (committed) => commits.push(committed),
    onErased: (numbers, left) => erased.push([numbers, left]),
    onFault: (error) => faults.push(error),
    onDoubt: (cause) => doubts.push(cause),
    ...options,
  });
  return { sequencer, commits, faults, doubts, erased };
}

export async function checkAnswer(
  checked: Checked,
  { proof, checkpoint: note, ...record }: Admitted,
): Promise<void> {
  const { checkpoint } = await openCheckpoint(utf8(note), trustIn(keys));
  const leaf = recordLeaf(commitment(record, checked.statement.envelope));
  verifyInclusion(leaf, record.index, checkpoint.size, proof, checkpoint.root);
}

/** Everything in the store again: entries, tiles and head say the same, instants rise, and no index is missing. */
export async function checkLog(store: Store<unknown>, size: number): Promise<void> {
  await store.snapshot(async ({ log }) => {
    const records = await log.range(0, size + 1);
    const entries = await log.commitments(0, size + 1);
    assert.deepEqual(
      records.map(({ index }) => index),
      Array.from({ length: size }, (_, i) => i),
    );
    let free = 0;
    for (const [i, record] of records.entries()) {
      assert.deepEqual(commitment(record, record.envelope), entries[i]);
      assert.ok(record.instant >= free);
      free = record.instant + record.span;
    }
    const head = await log.head();
    assert.equal(head?.size ?? 0, size);
    assert.deepEqual((await Tree.load(log)).root, rootOf(entries.map(recordLeaf)));
    if (head) assert.equal(head.instant, free);
    if (head) await openCheckpoint(utf8(head.checkpoint), trustIn(keys));
  });
}

export const submitAll = (sequencer: Sequencer, all: readonly Checked[]) =>
  Promise.all(all.map((each) => sequencer.submit(each)));
