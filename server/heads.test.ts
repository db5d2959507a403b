/** What was seen of the log must be in every later moment; what began before it was known need not hold it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Refusal } from '@parley/core/errors.ts';
import { Heads } from './heads.ts';
import type { Head } from './log/ports.ts';
import { sampleStatement } from './log/sample.ts';
import { refusal, start, storage, submitAll } from './log/sequencer-sample.ts';
import { located, putBack } from './testing/located.ts';
import { withoutServer } from './testing/postgres.ts';
import { World } from './testing/world.ts';

const some = (count: number) => Array.from({ length: count }, () => sampleStatement());

function watched(shared = true) {
  const doubts: Refusal[] = [];
  return { doubts, heads: new Heads({ shared, onDoubt: (cause) => doubts.push(cause) }) };
}

it('a moment that continues what is known is believed, one that ends before it is doubt', async (t) => {
  const store = await (await storage(t))();
  const { sequencer } = await start(store);
  const { heads, doubts } = watched();
  const look = () => {
    const expected = heads.expect();
    return store.snapshot(({ log }) => expected(log));
  };
  await submitAll(sequencer, some(3));
  await look();
  await submitAll(sequencer, some(300));
  assert.equal((await look())?.size, 303);
  const early = heads.expect();
  await submitAll(sequencer, some(2));
  const newest = sequencer.head() as Head;
  heads.moved({ ...newest, size: 306 });
  assert.equal((await store.snapshot(({ log }) => early(log)))?.size, 305, 'it began before more was known');
  assert.equal(heads.head?.size, 306);
  heads.ready();
  await assert.rejects(look(), refusal('store.behind'));
  await assert.rejects(look(), refusal('store.behind'), 'for good');
  assert.equal(doubts.length, 1);
  assert.throws(() => heads.ready(), refusal('store.behind'));
});

it('a longer log that is another one is doubt', async (t) => {
  const [one, other] = [await (await storage(t))(), await (await storage(t))()];
  const [{ sequencer }, { sequencer: forked }] = [await start(one), await start(other)];
  await submitAll(sequencer, some(3));
  await submitAll(forked, some(5));
  const { heads, doubts } = watched();
  heads.moved(sequencer.head());
  const expected = heads.expect();
  await assert.rejects(
    other.snapshot(({ log }) => expected(log)),
    refusal('store.behind'),
  );
  assert.equal(doubts.length, 1);
});

it('an instance that only reads notices a database that went back, and signs nothing on it, now or later', {
  skip: withoutServer,
}, async () => {
  const world = await World.begin();
  const anna = await world.party('Anna');
  const older = located(await world.copy());
  const reader = await world.beside();
  for (let i = 0; i < 3; i++) await world.party(`Party ${i}`);
  const expected = reader.centre.expect();
  const seen = await reader.centre.read(async (_, { log }) => (await expected(log))?.size);
  await world.centre.stop();
  await putBack(older, located(world.folder));

  await assert.rejects(anna.in(reader).openRoom());
  await assert.rejects(reader.centre.ready());
  assert.ok(reader.doubts.some((cause) => refusal('store.behind')(cause)));
  await reader.centre.stop();
  const left = await World.on(reader.folder, { database: located(world.folder).database }).catch(
    (cause: Refusal) => cause,
  );
  assert.ok(refusal('store.behind')(left), 'its own disk remembers what it only read');
  assert.deepEqual((left as Refusal).params.signed, seen);
  await reader.forget();
  await world.forget();
});
