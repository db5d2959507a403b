import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { sql } from 'kysely';
import type { Checked } from './checked.ts';
import { createLogKeys } from './keys.ts';
import { partNumber } from './ports.ts';
import { sampleParts, sampleStatement } from './sample.ts';
import {
  checkAnswer,
  checkLog,
  type Options,
  refusal,
  start,
  storage,
  submitAll,
} from './sequencer-sample.ts';

describe('the sequencer', () => {
  it('answers what is said at once with distinct instants and proofs that hold', async (t) => {
    const open = await storage(t);
    const store = await open();
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
    const open = await storage(t);
    let size = 0;
    for (const count of [1, 254, 1, 1, 255, 600, 900]) {
      const store = await open();
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
    const open = await storage(t);
    const store = await open();
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

  it('refuses the one statement that a fold fails on, and goes on', async (t) => {
    const open = await storage(t);
    const store = await open();
    const oops = new TypeError('oops');
    const { sequencer, commits, faults, doubts } = await start(store, {
      fold: async ({ header }, _parts, { log }) => {
        if (header.kind !== 'ask/1') return;
        await log.condemn([0]);
        // What it forgot to await must not write after it was undone.
        void (async () => {
          for (let i = 0; i < 50; i++) await null;
          await log.condemn([0]);
        })();
        throw oops;
      },
    });
    const bad = sampleStatement('ask/1');
    const [first, refused, last] = await Promise.allSettled(
      [sampleStatement(), bad, sampleStatement()].map((each) => sequencer.submit(each)),
    );
    assert.ok(refused?.status === 'rejected' && refusal('fault')(refused.reason));
    assert.deepEqual(
      [first, last].map((each) => each?.status === 'fulfilled' && each.value.index),
      [0, 1],
    );
    assert.deepEqual([commits.length, faults, doubts], [1, [oops], []]);
    await store.snapshot(async ({ log }) => {
      assert.equal(await log.find(bad.statement.header), null);
      assert.equal((await log.parts([partNumber(0, 0), partNumber(1, 0)])).size, 2);
      assert.equal(await log.condemned(), 0);
    });
    sequencer.ready();
    assert.equal((await sequencer.submit(sampleStatement())).index, 2);
    await assert.rejects(sequencer.submit(bad), refusal('fault'));
    await sequencer.stop();
    await checkLog(store, 3);
  });

  for (const [name, options] of [
    [
      'a fault refused',
      {
        admit: async () => {
          throw new Refusal('store.corrupt');
        },
      },
    ],
    ['a span that is none', { admit: async () => ({ span: 0 }) }],
    [
      'SQL that is wrong',
      {
        fold: async (_record, _parts, { db }) => {
          await sql`insert into nowhere values (1)`.execute(db);
        },
      },
    ],
    [
      'a constraint',
      {
        fold: async (_record, _parts, { db }) => {
          await sql`insert into tiles (level, "index", data) values (0, 0, ''), (0, 0, '')`.execute(db);
        },
      },
    ],
  ] as [string, Options][])
    it(`outlives ${name}`, async (t) => {
      const open = await storage(t);
      const store = await open();
      const { sequencer, faults, doubts } = await start(store, options);
      for (let i = 0; i < 2; i++) await assert.rejects(sequencer.submit(sampleStatement()), refusal('fault'));
      assert.deepEqual([faults.length, doubts], [2, []]);
      sequencer.ready();
      await checkLog(store, 0);
    });

  it('lets recalls and revocations overtake shares', async (t) => {
    const open = await storage(t);
    const { sequencer } = await start(await open());
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
    const open = await storage(t);
    const { sequencer, commits } = await start(await open());
    const wide = () => sampleStatement('share/1', sampleParts(...Array.from({ length: 256 }, () => 'x')));
    const [, , short] = await submitAll(sequencer, [wide(), wide(), sampleStatement(), wide()]);
    assert.deepEqual(
      commits.map(({ records }) => records.length),
      [1, 1, 1, 1],
    );
    assert.equal(short?.index, 0);
  });

  it('lets a large share through, however many short ones come', async (t) => {
    const open = await storage(t);
    const { sequencer } = await start(await open());
    const wide = sampleStatement('share/1', sampleParts(...Array.from({ length: 200 }, () => 'x')));
    const short = Array.from({ length: 600 }, () => sampleStatement('share/1', []));
    const sharing = submitAll(sequencer, short);
    assert.equal((await sequencer.submit(wide)).index, 256);
    await sharing;
  });

  it('bounds what waits, and takes again when it is less', async (t) => {
    const open = await storage(t);
    const { sequencer } = await start(await open(), { limits: { statements: 3, bytes: 10_000 } });
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
    const open = await storage(t);
    const time = { now: 1_780_000_000_000_000, elapsed: 0 };
    const clock = { now: () => time.now, elapsed: () => time.elapsed };
    const { sequencer, doubts } = await start(await open(), { clock });
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
    const open = await storage(t);
    const { sequencer } = await start(await open());
    const waiting = submitAll(
      sequencer,
      Array.from({ length: 300 }, () => sampleStatement()),
    );
    await sequencer.stop();
    assert.equal((await waiting).length, 300);
    await assert.rejects(sequencer.submit(sampleStatement()), refusal('stopping'));
  });

  it('starts only with the keys that signed the log', async (t) => {
    const open = await storage(t);
    const store = await open();
    const { sequencer } = await start(store);
    await sequencer.submit(sampleStatement());
    await assert.rejects(start(store, { keys: createLogKeys() }), refusal('note.unsigned'));
    await assert.rejects(start(store, { origin: 'other.example' }), refusal('checkpoint.origin'));
  });
});

describe('erasing', () => {
  it('goes slice by slice between the batches, and on after a stop', async (t) => {
    const open = await storage(t);
    const store = await open();
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
