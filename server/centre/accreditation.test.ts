/** Law 4: what the configuration says, the centre says once, and again only when it differs from what stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Classification } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import { isA, refOf } from '@parley/core/statement.ts';
import { checkCentre } from '../check-centre.ts';
import { located } from '../testing/located.ts';
import { World } from '../testing/world.ts';
import { Accreditation } from './accreditation.ts';

async function said(world: World): Promise<Classification[]> {
  return world.centre.read(async (_, { log }) => {
    const records = await log.range(0, (await log.head())?.size ?? 0);
    return records.flatMap(({ header }) => (isA(header, 'centre.accredit/1') ? [header.body.highest] : []));
  });
}

test('it is said once, however often the centre looks or starts, and each time it changes', async () => {
  const world = await World.begin({ accredited: 'restricted' });
  await Promise.all([world.centre.round(), world.centre.round()]);
  assert.deepEqual(await said(world), ['restricted']);
  await world.restart();
  await world.centre.round();
  assert.deepEqual(await said(world), ['restricted']);
  await world.restart({ accredited: 'unclassified' });
  assert.deepEqual(await said(world), ['restricted', 'unclassified'], 'before anybody can ask');
  await world.restart({ accredited: 'restricted' });
  await world.restart({ accredited: 'restricted' });
  assert.deepEqual(await said(world), ['restricted', 'unclassified', 'restricted']);
  assert.deepEqual(world.doubts, []);
  await checkCentre({ ...located(world.folder), centre: world.centre.name, now: world.centre.now() });
  await world.end();
});

test('a store from before starts, counts as unclassified, and says nothing of it', async () => {
  const world = await World.begin();
  await world.restart({ accredited: 'unclassified' });
  await world.centre.round();
  assert.deepEqual(await said(world), []);
  await world.restart({});
  assert.deepEqual(await said(world), []);
  await world.end();
});

test('two instances of two configurations say one thing each, and somebody is told', async () => {
  const words: string[] = [];
  const trouble = (what: string) => (cause: Refusal) => words.push(`${what}: ${cause.code} at ${cause.at}`);
  const world = await World.begin({ accredited: 'secret' });
  const { voice } = world.centre;
  const sources = {
    accreditation: () =>
      world.centre.read(async ({ parties }, { log }) => {
        const { highest, index } = await parties.accreditation();
        const [record] = index === null ? [] : await log.records([index]);
        return { highest, statement: record ? refOf(record.header) : null };
      }),
  };
  const [one, other] = (['secret', 'restricted'] as const).map(
    (wanted) => new Accreditation(sources, voice, wanted, trouble(wanted)),
  ) as [Accreditation, Accreditation];
  await one.sayAtStart(assert.fail);
  await other.sayAtStart(assert.fail);
  for (let round = 0; round < 3; round++) for (const each of [one, other]) await each.say();
  await world.centre.round();
  assert.deepEqual(await said(world), ['secret', 'restricted'], 'what was said last stands');
  assert.deepEqual(words, ['secret: config.value at accredited']);
  assert.ok(world.doubts.some((cause) => cause instanceof Refusal && cause.at === 'accredited'));
  await world.end();
});

test('two instances of one configuration say it once', async () => {
  const world = await World.begin();
  const other = await world.fork({ accredited: 'secret' });
  await world.restart({ accredited: 'secret' });
  const ids = await Promise.all(
    [world, other].map(({ centre }) =>
      centre.read(async (_, { log }) => {
        const records = await log.range(0, (await log.head())?.size ?? 0);
        return records
          .filter(({ header }) => header.kind === 'centre.accredit/1')
          .map(({ header }) => header.id);
      }),
    ),
  );
  assert.equal(ids[0]?.length, 1);
  assert.deepEqual(ids[0], ids[1], 'the same cause, the same statement');
  await world.end();
  await other.end();
});
