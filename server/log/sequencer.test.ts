import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { equal, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { rootOf, verifyInclusion } from '@parley/core/merkle.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import { createSqlite, openSqlite } from '../storage/sqlite.ts';
import type { Checked } from './checked.ts';
import { createLogKeys } from './keys.ts';
import type { Commit, Store } from './ports.ts';
import type { Admitted } from './queue.ts';
import { sampleOrigin, sampleParts, sampleStatement, trustIn } from './sample.ts';
import { type Committed, createSequencer, type Sequencer, type SequencerOptions } from './sequencer.ts';
import { Tree } from './tree.ts';

type Options = Partial<SequencerOptions<unknown>>;

const keys = createLogKeys();
const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

/** A store that a test opens again as often as a process would start. */
function storage(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  const path = join(folder, 'centre.db');
  createSqlite(path);
  const stores: Store<unknown>[] = [];
  t.after(async () => {
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true });
  });
  return () => {
    const store = openSqlite<unknown>(path);
    stores.push(store);
    return store;
  };
}

async function start(store: Store<unknown>, options: Options = {}) {
  const commits: Committed[] = [];
  const doubts: unknown[] = [];
  const erased: (readonly [numbers: readonly number[], left: number])[] = [];
  const sequencer = await createSequencer<unknown>({
    store,
    keys,
    origin: sampleOrigin,
    admit: async () => ({ span: 1 }),
    fold: async () => {},
    onCommit: (committed) => commits.push(committed),
    onErased: (numbers, left) => erased.push([numbers, left]),
    onDoubt: (cause) => doubts.push(cause),
    ...options,
  });
  return { sequencer, commits, doubts, erased };
}

async function checkAnswer(
  checked: Checked,
  { proof, checkpoint: note, ...record }: Admitted,
): Promise<void> {
  const { checkpoint } = await openCheckpoint(utf8(note), trustIn(keys));
  const leaf = recordLeaf(commitment(record, checked.statement.envelope));
  verifyInclusion(leaf, record.index, checkpoint.size, proof, checkpoint.root);
}

/** Everything in the store again: entries, tiles and head say the same, instants rise, and no index is missing. */
async function checkLog(store: Store<unknown>, size: number): Promise<void> {
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

const submitAll = (sequencer: Sequencer, all: readonly Checked[]) =>
  Promise.all(all.map((each) => sequencer.submit(each)));

describe('the sequencer', () => {
  it('answers what is said at once with distinct instants and proofs that hold', async (t) => {
    const open = storage(t);
    const store = open();
    const { sequencer, commits } = await start(store, {
      admit: async ({ parts }) => ({ span: 1 + parts.length }),
    });
    const all = Array.from({ length: 700 }, (_, i) =>
      sampleStatement('share/1', sampleParts(...(i % 3 ? ['x'] : []))),
    );
    const answers = await submitAll(sequencer, all);
    assert.equal(new Set(answers.map(({ instant }) => instant)).size, 700);
    for (const [i, answer] of answers.entries()) await checkAnswer(all[i] as Checked, answer);
    assert.ok(commits.length >= 3 && commits.length < 10, `${commits.length} batches`);
    assert.ok(commits.every(({ records }) => records.length <= 256));
    assert.equal(commits.at(-1)?.head.size, 700);
    await sequencer.stop();
    await checkLog(store, 700);
  });

  it('goes on where it ended, over many starts and tile borders', async (t) => {
    const open = storage(t);
    let size = 0;
    for (const count of [1, 254, 1, 1, 255, 600, 900]) {
      const store = open();
      const { sequencer } = await start(store);
      const all = Array.from({ length: count }, () => sampleStatement('share/1', []));
      for (const [i, answer] of (await submitAll(sequencer, all)).entries())
        await checkAnswer(all[i] as Checked, answer);
      await sequencer.stop();
      size += count;
      await checkLog(store, size);
      await store.close();
    }
  });

  it('lets one refused statement leave nothing behind, and take nobody with it', async (t) => {
    const open = storage(t);
    const store = open();
    const { sequencer } = await start(store, {
      // Refused after it was appended: what a fold finds out undoes the record.
      fold: async ({ header }) => {
        if (header.kind === 'ask/1') throw new Refusal('room.unknown');
      },
    });
    const [bad, ...good] = [sampleStatement('ask/1'), sampleStatement(), sampleStatement()] as const;
    const [refused, ...taken] = await Promise.allSettled(
      [bad, ...good].map((each) => sequencer.submit(each)),
    );
    assert.ok(refused?.status === 'rejected' && refusal('room.unknown')(refused.reason));
    assert.deepEqual(
      taken.map((each) => each.status === 'fulfilled' && each.value.index),
      [0, 1],
    );
    await assert.rejects(sequencer.submit(bad), refusal('room.unknown'));
    await checkLog(store, 2);
    assert.equal(await store.snapshot(({ log }) => log.find(bad.statement.header)), null);
  });

  it('lets recalls and revocations overtake shares', async (t) => {
    const open = storage(t);
    const { sequencer } = await start(open());
    const shares = Array.from({ length: 300 }, () => sampleStatement('share/1', []));
    const recalls = (
      ['recall/1', 'device.revoke/1', 'room.remove/1', 'room.leave/1', 'notice/1'] as const
    ).map((kind) => sampleStatement(kind, []));
    const sharing = submitAll(sequencer, shares);
    const recalling = submitAll(sequencer, recalls);
    assert.deepEqual(
      (await recalling).map(({ index }) => index),
      [0, 1, 2, 3, 4],
    );
    assert.deepEqual(
      (await sharing).map(({ index }) => index),
      shares.map((_, i) => i + 5),
    );
  });

  it('takes no more parts into a batch than a warning can wait for, but any one statement', async (t) => {
    const open = storage(t);
    const { sequencer, commits } = await start(open());
    const wide = () => sampleStatement('share/1', sampleParts(...Array.from({ length: 256 }, () => 'x')));
    await submitAll(sequencer, [wide(), wide(), sampleStatement(), wide()]);
    assert.deepEqual(
      commits.map(({ records }) => records.length),
      [2, 2],
    );
  });

  it('bounds what waits, and takes again when it is less', async (t) => {
    const open = storage(t);
    const { sequencer } = await start(open(), { limits: { statements: 3, bytes: 10_000 } });
    const waiting = submitAll(sequencer, [sampleStatement(), sampleStatement(), sampleStatement()]);
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('queue.full'));
    await waiting;
    await assert.rejects(
      sequencer.submit(sampleStatement('share/1', sampleParts('x'.repeat(10_000)))),
      refusal('queue.full'),
    );
    assert.equal((await sequencer.submit(sampleStatement())).index, 3);
  });

  it('refuses while the clock is behind its own log', async (t) => {
    const open = storage(t);
    const time = { now: 1_780_000_000_000_000, elapsed: 0 };
    const clock = { now: () => time.now, elapsed: () => time.elapsed };
    const { sequencer, doubts } = await start(open(), { clock });
    const first = await sequencer.submit(sampleStatement());
    assert.equal(first.instant, time.now);
    time.now -= 1_000_000;
    assert.equal((await sequencer.submit(sampleStatement())).instant, first.instant + 1);
    time.now -= 9_000_000;
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('clock.centre'));
    time.now += 20_000_000;
    assert.equal((await sequencer.submit(sampleStatement())).instant, time.now);
    assert.deepEqual(doubts, []);
  });

  it('answers what waits when it stops, and then takes nothing', async (t) => {
    const open = storage(t);
    const { sequencer } = await start(open());
    const waiting = submitAll(
      sequencer,
      Array.from({ length: 300 }, () => sampleStatement()),
    );
    await sequencer.stop();
    assert.equal((await waiting).length, 300);
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('stopping'));
  });

  it('starts only with the keys that signed the log', async (t) => {
    const open = storage(t);
    const store = open();
    const { sequencer } = await start(store);
    await sequencer.submit(sampleStatement());
    await assert.rejects(start(store, { keys: createLogKeys() }), refusal('note.unsigned'));
    await assert.rejects(start(store, { origin: 'other.example' }), refusal('checkpoint.origin'));
  });
});

describe('erasing', () => {
  it('goes slice by slice between the batches, and on after a stop', async (t) => {
    const open = storage(t);
    const store = open();
    const inIndex: number[] = [];
    const options: Options = {
      fold: async ({ header }, _parts, { log }) => {
        if (header.kind === 'recall/1') await log.condemn(Array.from({ length: 200 }, (_, n) => n));
      },
      erasing: async (numbers) => {
        inIndex.push(...numbers);
      },
    };
    const first = await start(store, options);
    await first.sequencer.submit(
      sampleStatement('share/1', sampleParts(...Array.from({ length: 200 }, () => 'x'))),
    );
    await first.sequencer.submit(sampleStatement('recall/1', []));
    assert.equal((await store.snapshot(({ log }) => log.parts([0, 199]))).size, 0);
    const next = await first.sequencer.submit(sampleStatement());
    assert.equal(next.index, 2, 'a statement does not wait for all slices');
    await first.sequencer.stop();
    const before = first.erased.length;
    assert.ok(before >= 1 && before < 4);
    const second = await start(store, options);
    while (second.erased.at(-1)?.[1] !== 0) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(
      [...first.erased, ...second.erased].map(([, left]) => left),
      [136, 72, 8, 0],
    );
    assert.deepEqual(
      inIndex,
      Array.from({ length: 200 }, (_, n) => n),
    );
    await second.sequencer.stop();
    await checkLog(store, 3);
  });
});

/** A store whose commits fail once they are told to: before anything persisted, or after all of it did. */
function failing(store: Store<unknown>, when: 'lost' | 'persisted'): Store<unknown> & { fail: boolean } {
  return {
    fail: false,
    snapshot: (work) => store.snapshot(work),
    close: () => store.close(),
    async commit<T>(work: (transaction: Commit<unknown>) => Promise<T>): Promise<T> {
      const result = await store.commit(async (transaction) => {
        const done = await work(transaction);
        if (this.fail && when === 'lost') throw new Error('the disk is full');
        return done;
      });
      if (this.fail) throw new Error('the disk went away');
      return result;
    },
  };
}

describe('doubt', () => {
  for (const when of ['lost', 'persisted'] as const)
    it(`stops for good when a commit is ${when}, and the next start knows better`, async (t) => {
      const open = storage(t);
      const store = failing(open(), when);
      const { sequencer, commits, doubts } = await start(store);
      await submitAll(sequencer, [sampleStatement(), sampleStatement()]);
      store.fail = true;
      const doubted = Array.from({ length: 400 }, () => sampleStatement());
      const fates = await Promise.allSettled(doubted.map((each) => sequencer.submit(each)));
      assert.ok(fates.every((fate) => fate.status === 'rejected' && refusal('fault')(fate.reason)));
      assert.equal(doubts.length, 1);
      assert.equal(sequencer.head()?.size, 2, 'memory is never ahead of what is known to be committed');
      assert.deepEqual(
        commits.map(({ head }) => head.size),
        [2],
      );
      store.fail = false;
      await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
      await sequencer.stop();

      const again = open();
      const persisted = when === 'persisted' ? 258 : 2;
      await checkLog(again, persisted);
      const next = await start(again);
      const checked = sampleStatement();
      const answer = await next.sequencer.submit(checked);
      assert.equal(answer.index, persisted);
      await checkAnswer(checked, answer);
      await checkLog(again, persisted + 1);
      await next.sequencer.stop();
    });

  for (const [name, options] of [
    [
      'a fold that throws',
      {
        fold: async () => {
          throw new TypeError('oops');
        },
      },
    ],
    [
      'a fault refused',
      {
        admit: async () => {
          throw new Refusal('store.corrupt');
        },
      },
    ],
    ['a span that is none', { admit: async () => ({ span: 0 }) }],
  ] as [string, Options][])
    it(`comes from ${name}, and nothing is written`, async (t) => {
      const open = storage(t);
      const store = open();
      const { sequencer, doubts } = await start(store, options);
      await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
      assert.equal(doubts.length, 1);
      await checkLog(store, 0);
    });

  it('comes from a second writer', async (t) => {
    const open = storage(t);
    const [one, other] = [await start(open()), await start(open())];
    await one.sequencer.submit(sampleStatement());
    await assert.rejects(other.sequencer.submit(sampleStatement()), refusal('fault'));
    assert.equal(other.doubts.length, 1);
    const store = open();
    await checkLog(store, 1);
    assert.ok(
      equal(
        (await store.snapshot(({ log }) => log.head()))?.root ?? new Uint8Array(0),
        one.sequencer.head()?.root ?? utf8('-'),
      ),
    );
  });
});
