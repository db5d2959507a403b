/** Several sequencers on one store: one order, one log, whoever takes what. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { createLogKeys } from './keys.ts';
import type { Head, Store } from './ports.ts';
import { randomBytes, sampleStatement } from './sample.ts';
import { checkAnswer, checkLog, refusal, start, storage, submitAll } from './sequencer-sample.ts';

const some = (count: number) => Array.from({ length: count }, () => sampleStatement());

/** SQLite’s lock blocks the thread, and both are in one here: they take turns. */
function turns(): (store: Store<unknown>) => Store<unknown> {
  let last: Promise<unknown> = Promise.resolve();
  return (store) => ({
    snapshot: (work) => store.snapshot(work),
    onMoved: (listener) => store.onMoved(listener),
    forget: () => store.forget(),
    close: () => store.close(),
    commit(work) {
      const mine = last.then(() => store.commit(work));
      last = mine.catch(() => {});
      return mine;
    },
  });
}

describe('several instances', () => {
  it('go on from each other’s head, and every answer proves its record', async (t) => {
    const open = await storage(t);
    const instances = await Promise.all([start(await open()), start(await open()), start(await open())]);
    let size = 0;
    for (let round = 0; round < 40; round++) {
      const { sequencer } = instances[round % 3] as (typeof instances)[number];
      const statements = some(1 + ((round * 7) % 23));
      const answers = await submitAll(sequencer, statements);
      for (const [i, answer] of answers.entries()) {
        assert.equal(answer.index, size + i);
        await checkAnswer(statements[i] as (typeof statements)[number], answer);
      }
      size += statements.length;
    }
    assert.ok(size > 256, 'more than a tile');
    await checkLog(await open(), size);
    for (const { doubts, sequencer } of instances) {
      assert.deepEqual(doubts, []);
      await sequencer.stop();
    }
  });

  it('take what comes at the same time one after another', async (t) => {
    const open = await storage(t);
    const inTurn = turns();
    const instances = await Promise.all([start(inTurn(await open())), start(inTurn(await open()))]);
    const all = await Promise.all(
      instances.flatMap(({ sequencer }) => some(100).map((statement) => sequencer.submit(statement))),
    );
    assert.deepEqual(
      all.map(({ index }) => index).sort((a, b) => a - b),
      all.map((_, i) => i),
    );
    await checkLog(await open(), 200);
    for (const { doubts } of instances) assert.deepEqual(doubts, []);
  });

  it('one whose store went back, or on under other keys, takes nothing more', async (t) => {
    const open = await storage(t);
    const [one, other] = [await start(await open()), await start(await open())];
    await submitAll(one.sequencer, some(3));
    await submitAll(other.sequencer, some(3));
    await (await open()).commit(({ log }) =>
      log.advance(6, { size: 4, root: randomBytes(32), instant: 1, checkpoint: '' }),
    );
    await assert.rejects(other.sequencer.submit(sampleStatement()), refusal('fault'));
    assert.equal((other.doubts[0] as Refusal).code, 'store.behind');

    const second = await storage(t);
    const mine = await start(await second());
    const strange = await start(await second(), { keys: createLogKeys() });
    await submitAll(strange.sequencer, some(2));
    await assert.rejects(mine.sequencer.submit(sampleStatement()), refusal('fault'));
    assert.ok(mine.doubts[0] instanceof Refusal);
  });

  it('one signs nothing that does not continue what it has seen of another', async (t) => {
    const open = await storage(t);
    const [one, other, third] = [
      await start(await open()),
      await start(await open()),
      await start(await open()),
    ];
    await submitAll(one.sequencer, some(3));
    const seen = one.sequencer.head() as Head;
    for (const { sequencer } of [other, third]) sequencer.saw(seen);
    assert.equal((await other.sequencer.submit(sampleStatement())).index, 3);
    other.sequencer.saw({ ...seen, size: 9 });
    await assert.rejects(other.sequencer.submit(sampleStatement()), refusal('fault'));
    assert.equal((other.doubts[0] as Refusal).code, 'store.behind', 'there was more');
    third.sequencer.saw({ ...seen, size: 4, root: randomBytes(32) });
    await assert.rejects(third.sequencer.submit(sampleStatement()), refusal('fault'));
    assert.equal((third.doubts[0] as Refusal).code, 'proof.consistency', 'there was something else');
    await checkLog(await open(), 4);
  });

  it('one that cannot reach the store, or doubts its clock, refuses that batch and goes on', async (t) => {
    const open = await storage(t);
    const store = await open();
    let away = true;
    const { sequencer, doubts } = await start({
      snapshot: (work) => store.snapshot(work),
      onMoved: (listener) => store.onMoved(listener),
      forget: () => store.forget(),
      close: () => store.close(),
      async commit(work) {
        if (away) throw new Refusal('store.away');
        return store.commit(work);
      },
    });
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('store.away'));
    away = false;
    assert.equal((await sequencer.submit(sampleStatement())).index, 0);
    assert.deepEqual(doubts, []);
  });
});
