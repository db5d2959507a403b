/** A device that knows a log, and is shown another: what it believes, and what a lie looks like. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { type CentreOptions, memoryInRam, openCentre } from './centre.ts';
import { generateKey } from './signer.ts';
import type { SuccessionNews } from './succession.ts';
import { address, origin, SmallCentre } from './testing/small-centre.ts';

const rotation = { missing: null, why: 'rotation' } as const;

/** A centre with so many records, and a device that has seen all of them. */
async function visited(records = 6) {
  const small = await SmallCentre.open();
  while (small.kept.length < records) await small.speak('centre.accredit/1', { highest: 'secret' });
  const memory = memoryInRam();
  const told: SuccessionNews[] = [];
  const visit = async (more: Partial<CentreOptions> = {}) => {
    const options = {
      memory,
      fetch: small.fetch,
      origin,
      onSuccession: (news: SuccessionNews) => void told.push(news),
    };
    const centre = await openCentre(address, { ...options, ...more });
    await centre.checkpoint();
    return centre;
  };
  await visit();
  return { small, memory, told, visit };
}

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

test('the next log continues all that was seen: told once, and believed from then on', async () => {
  const { small, told, visit, memory } = await visited();
  await small.succeed(rotation);
  await assert.rejects(
    openCentre(address, { memory, fetch: small.fetch, origin }),
    refused('succession.unseen'),
  );
  assert.deepEqual(
    (await memory.load(origin))?.succeeded,
    undefined,
    'nothing is kept before somebody was told',
  );
  const centre = await visit();
  assert.deepEqual(
    told.map(({ before, log, seen, from, verdict }) => [before, log, seen, from, verdict]),
    [[origin, 'centre.example/log/2', 6, 6, 'continued']],
  );
  await visit();
  assert.equal(told.length, 1);
  const past = await centre.past('centre.example/log/9');
  assert.equal(past, null);
  await small.speak('centre.accredit/1', { highest: 'restricted' });
  await small.succeed(rotation);
  await visit();
  assert.equal(told[1]?.before, 'centre.example/log/2');
});

test('who was away for two of them is told of both at once', async () => {
  const { small, told, visit } = await visited();
  await small.succeed(rotation);
  await small.succeed({ why: 'loss', missing: { from: 7, to: 9 } });
  await visit();
  assert.deepEqual(
    told.map(({ before, log, verdict }) => [before, log, verdict]),
    [[origin, 'centre.example/log/3', 'continued']],
  );
});

for (const [what, missing, verdict] of [
  ['as the centre says', { from: 4, to: 6 }, 'missing'],
  ['and the centre says more than that', { from: 4, to: 9 }, 'missing'],
  ['and the centre does not know how much', { from: 4, to: null }, 'missing'],
  ['and the centre says less', { from: 4, to: 5 }, 'denied'],
  ['and the centre says that nothing is', null, 'denied'],
] as const)
  test(`some of what was seen is missing, ${what}`, async () => {
    const { small, told, visit } = await visited();
    await small.succeed({ missing, why: missing ? 'loss' : 'rotation' }, { keep: 4 });
    await visit();
    assert.deepEqual(
      told.map((news) => [news.verdict, news.seen, news.from]),
      [[verdict, 6, 4]],
    );
  });

test('whoever is told can refuse, and is asked again', async () => {
  const { small, told, visit } = await visited();
  await small.succeed(rotation);
  const onSuccession = () => {
    throw new Refusal('succession.denied');
  };
  await assert.rejects(visit({ onSuccession }), refused('succession.denied'));
  await visit();
  assert.equal(told.length, 1);
});

test('what was seen is not what the next log begins with', async () => {
  const { small, told, visit } = await visited();
  const [entry = new Uint8Array(32)] = small.entries;
  await small.succeed(rotation);
  small.entries[2] = entry;
  await assert.rejects(visit(), refused('proof.consistency'));
  assert.deepEqual(told, []);
});

test('the keys are not those that the centre’s party has signed', async () => {
  const { small, visit } = await visited();
  await small.succeed(rotation, { alter: { keys: ['centre.example/log/2+00000000+AQ=='] } });
  await assert.rejects(visit(), refused('read.unproven'));
});

test('somebody else signed it', async () => {
  const { small, visit } = await visited();
  await small.succeed(rotation, { signer: (await generateKey()).signer });
  await assert.rejects(visit(), refused('chain.broken'));
});

test('nothing has opened it', async () => {
  const { small, visit } = await visited();
  await small.succeed(rotation);
  small.history.length = 0;
  await assert.rejects(visit(), refused('read.unproven'));
});

test('a centre that goes back, or opens a log of the same name again, is refused', async () => {
  const { small, visit } = await visited();
  const before = { kept: [...small.kept], entries: [...small.entries] };
  await small.succeed(rotation);
  await visit();
  small.kept.splice(0, Infinity, ...before.kept);
  small.entries.splice(0, Infinity, ...before.entries);
  small.history.length = 0;
  Object.assign(small, { origin });
  await assert.rejects(visit(), refused('checkpoint.origin'));
  await small.succeed(rotation);
  await assert.rejects(visit(), refused('read.unproven'));
});

test('another party under the same name is refused', async () => {
  const [{ memory }, other] = [await visited(), await SmallCentre.open()];
  await other.succeed(rotation);
  await assert.rejects(
    openCentre(address, { memory, fetch: other.fetch, origin, onSuccession: () => {} }),
    refused('read.unproven'),
  );
});
