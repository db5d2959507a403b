import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { sql } from 'kysely';
import type { Commit, Store } from './ports.ts';
import { sampleStatement } from './sample.ts';
import { checkAnswer, checkLog, refusal, start, storage, submitAll } from './sequencer-sample.ts';

/** A store whose commits fail once they are told to: before anything persisted, or after all of it did. */
function failing(store: Store<unknown>, when: 'lost' | 'persisted'): Store<unknown> & { fail: boolean } {
  return {
    fail: false,
    snapshot: (work) => store.snapshot(work),
    onMoved: (listener) => store.onMoved(listener),
    forget: () => store.forget(),
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
      const open = await storage(t);
      const store = failing(await open(), when);
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

      const again = await open();
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

  const failed = (about: object) => Object.assign(new Error('failed'), about);
  for (const [name, cause] of [
    ['an I/O error', failed({ code: 'ERR_SQLITE_ERROR', errcode: 10 | (3 << 8) })],
    ['a full disk', failed({ code: 'ERR_SQLITE_ERROR', errcode: 13 })],
    ['a corrupt file', new Refusal('fault', { cause: failed({ code: 'ERR_SQLITE_ERROR', errcode: 11 }) })],
    ['an error of the system', failed({ code: 'ENOSPC', errno: -28, syscall: 'write' })],
  ] as const)
    it(`comes from ${name} in a fold, and nothing is written`, async (t) => {
      const open = await storage(t);
      const store = await open();
      const { sequencer, faults, doubts } = await start(store, {
        fold: async () => {
          throw cause;
        },
      });
      await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
      assert.deepEqual([faults, doubts], [[], [cause]]);
      await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
      await checkLog(store, 0);
    });

  it('comes from a transaction that has ended under a fold', async (t) => {
    const open = await storage(t);
    const store = await open();
    const { sequencer, doubts } = await start(store, {
      fold: async (_record, _parts, { db }) => {
        await sql`rollback`.execute(db);
        throw new TypeError('oops');
      },
    });
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
    assert.equal(doubts.length, 1);
    await checkLog(store, 0);
  });

  it('comes from a savepoint that cannot be undone', async (t) => {
    const open = await storage(t);
    const store = await open();
    const { sequencer, doubts } = await start(store, {
      fold: async (_record, _parts, { db }) => {
        await sql`release s0`.execute(db);
        throw new TypeError('oops');
      },
    });
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
    assert.equal(doubts.length, 1);
    await checkLog(store, 0);
  });

  it('comes from a head that moved though the transaction held it', async (t) => {
    const store = await (await storage(t))();
    const { sequencer, doubts } = await start({
      ...failing(store, 'lost'),
      commit: (work) =>
        store.commit(async ({ log, ...transaction }) => {
          await log.advance(0, { size: 1, root: new Uint8Array(32), instant: 1, checkpoint: '' });
          const held = Object.assign(Object.create(log), { head: async () => null });
          return work({ ...transaction, log: held });
        }),
    });
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
    assert.ok(refusal('store.moved')(doubts[0]));
    await checkLog(store, 0);
  });
});
