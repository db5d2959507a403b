/** The keys of the log are changed while another instance goes on with the old ones. */

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { checkCentre } from './check-centre.ts';
import { pathsIn } from './paths.ts';
import { openNextLog, type Plan, planRotation } from './succession.ts';
import { indicator } from './testing/actor.ts';
import { located, placeOf } from './testing/located.ts';
import { withoutServer } from './testing/postgres.ts';
import { World } from './testing/world.ts';

const nobody = { policy: null };

/** Two instances on one database, of which the first stands still, and a room. */
async function two(t: TestContext) {
  const one = await World.begin();
  t.after(() => one.forget());
  const room = await one.room([]);
  const other = await one.beside();
  t.after(() => other.forget());
  await one.centre.stop();
  return { one, other, room };
}

const isEnd = (cause: unknown) =>
  cause instanceof Refusal &&
  cause.code === 'store.moved' &&
  /^centre\.example\/log\/1 has ended, .* give this instance the log-keys\.pem/.test(cause.detail ?? '');

async function doubted({ doubts }: World): Promise<void> {
  await eventually('a doubt', () => doubts.length);
  for (const cause of doubts) assert.ok(isEnd(cause), String(cause));
}

const rotated = (world: World, plan: Plan) => openNextLog(placeOf(world.folder), plan);

test('an instance with the old keys signs nothing more, and goes on with the new', {
  skip: withoutServer,
}, async (t) => {
  const { one, other, room } = await two(t);
  const idle = await one.beside();
  t.after(() => idle.forget());
  await other.host.share(room, [indicator('before')]);
  const opened = await rotated(one, await planRotation(placeOf(one.folder), nobody));

  // The one that is asked at once, and the one that is asked nothing.
  const refused = await other.host.share(room, [indicator('after')]).catch((error: unknown) => error);
  assert.ok(refused instanceof Refusal && refused.code === 'fault', String(refused));
  await doubted(other);
  await assert.rejects(other.host.share(room, [indicator('after')]), { code: 'fault' });
  await assert.rejects(other.centre.ready(), { code: 'fault' });
  await doubted(idle);
  await other.centre.stop();
  await idle.centre.stop();

  // Started again as it is, it does not come up; with the keys of the log that goes on, it does.
  const { database } = located(one.folder);
  await assert.rejects(World.on(other.folder, { database }), {
    code: 'file.unreadable',
    detail: 'not the keys of centre.example/log/2',
  });
  const first = await World.on(one.folder);
  assert.equal(first.centre.head()?.size, opened.index + 1, 'nothing was signed after the log that ended');
  copyFileSync(pathsIn(one.folder).logKeys, pathsIn(other.folder).logKeys);
  const second = await World.on(other.folder, { database });
  for (const [name, world] of [
    ['here', first],
    ['there', second],
    ['here again', first],
  ] as const)
    await one.host.in(world).share(room, [indicator(name)]);
  for (const { centre, doubts } of [first, second]) {
    assert.deepEqual([centre.origin, centre.vkeys, doubts], [opened.log, opened.keys, []]);
    await centre.stop();
  }
  const report = await checkCentre({ ...located(one.folder), centre: 'centre.example' });
  assert.ok(report.size >= opened.index + 4);
});

test('an instance that writes while they are changed stops the change', {
  skip: withoutServer,
}, async (t) => {
  const { one, other, room } = await two(t);
  const plan = await planRotation(placeOf(one.folder), nobody);
  await other.host.share(room, [indicator('meanwhile')]);
  await assert.rejects(rotated(one, plan), { code: 'store.moved', detail: /stop every instance/ });
  await other.host.share(room, [indicator('and on')]);
  await other.centre.stop();
  assert.deepEqual(other.doubts, []);
  // The keys that were made for it are gone with the next start, and the log goes on.
  const first = await World.on(one.folder);
  assert.equal(first.centre.origin, 'centre.example/log/1');
  await one.host.in(first).share(room, [indicator('here')]);
  await first.centre.stop();
});
