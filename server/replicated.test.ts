/** What whoever runs a centre does to it while a replica follows: the replica goes along, or ends and says why. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Refusal } from '@parley/core/errors.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { checkCentre } from './check-centre.ts';
import { moveCentre } from './move.ts';
import { type Place, placeAt } from './place.ts';
import { replicate, type Standing } from './replicate.ts';
import { openNextLog, planLoss, planRotation } from './succession.ts';
import { indicator } from './testing/actor.ts';
import { placeOf } from './testing/located.ts';
import { dropDatabase, makeDatabase, ofSqliteAlone, testServer } from './testing/postgres.ts';
import { World } from './testing/world.ts';

const nobody = { policy: null };

async function scene(t: TestContext) {
  const world = await World.begin();
  const room = await world.room([]);
  const dir = mkdtempSync(join(tmpdir(), 'parley-replicated-'));
  const databases: string[] = [];
  t.after(async () => {
    await world.centre.stop().catch(() => {});
    await world.forget();
    rmSync(dir, { recursive: true, force: true });
    for (const database of databases) await dropDatabase(database);
  });
  const made = async () => {
    if (testServer) databases.push(await makeDatabase());
    return databases.at(-1) ?? null;
  };
  const source = placeOf(world.folder);
  const target = placeAt(join(dir, 'second'), { database: await made() });
  return { world, room, dir, made, source, target };
}

/** In this process, until it is stopped or ends by itself. */
function following(t: TestContext, source: Place, target: Place) {
  const ending = new AbortController();
  const done = replicate(source, target, {
    ...{ name: 'second', withKeys: true, once: false, signal: ending.signal, told: () => {} },
  });
  done.catch(() => {});
  t.after(async () => {
    ending.abort();
    await done.catch(() => {});
  });
  return {
    done,
    async stop(): Promise<Standing> {
      ending.abort();
      return done;
    },
  };
}

const sizeAt = (place: Place) =>
  checkCentre({ ...place, folder: place.paths.folder }).then(
    ({ size }) => size,
    () => 0,
  );

const keysAt = ({ paths }: Place) =>
  ['log-keys.pem', 'centre-key.pem'].map((name) => readFileSync(join(paths.folder, name), 'utf8'));

test('the keys of the log are changed: the replica has the new ones, and can take over', async (t) => {
  const { world, room, source, target } = await scene(t);
  const replica = following(t, source, target);
  await eventually('copied', async () => (await sizeAt(target)) > 0);
  const old = keysAt(target);
  await world.centre.stop();
  const opened = await openNextLog(source, await planRotation(source, nobody));
  await eventually('copied', async () => (await sizeAt(target)) > opened.index);
  await world.restart();
  const { index } = await world.host.share(room, [indicator('under new keys')]);
  await eventually('copied', async () => (await sizeAt(target)) > index);
  await replica.stop();
  await world.centre.stop();
  assert.deepEqual(keysAt(target), keysAt(source));
  assert.notDeepEqual(keysAt(target), old);

  const { folder } = target.paths;
  const second = await World.on(folder, { database: target.database });
  assert.equal(second.centre.origin, 'centre.example/log/2');
  await world.host.in(second).share(room, [indicator('taken over')]);
  await second.centre.stop();
  assert.deepEqual(second.doubts, []);
  await checkCentre({ ...target, folder });
});

test('an older store in the place of the centre, and the log that follows it: nothing of it is taken', {
  skip: ofSqliteAlone,
}, async (t) => {
  const { world, room, dir, source, target } = await scene(t);
  const backup = await world.copy();
  t.after(() => rmSync(backup, { recursive: true, force: true }));
  await world.host.share(room, [indicator('only in the replica')]);
  await world.host.share(room, [indicator('and this')]);
  const size = world.centre.head()?.size ?? 0;
  const required = { replicas: { required: 1, seconds: 1 } };
  await world.restart(required);
  const replica = following(t, source, target);
  await eventually('copied', async () => (await sizeAt(target)) >= size);
  await world.centre.stop();
  const keys = keysAt(target);

  // The whole folder of a machine that was lost: whoever has its files open goes on reading them.
  renameSync(source.paths.folder, join(dir, 'lost'));
  cpSync(backup, source.paths.folder, { recursive: true });
  const plan = await planLoss(source, { ...nobody, files: [join(dir, 'lost', 'last-checkpoint')] });
  assert.equal(plan.before.size, size);
  await openNextLog(source, plan);
  await assert.rejects(replica.done, { code: 'store.behind' });
  // It holds more than the log that follows, and never says that it holds that one.
  await world.restart(required);
  await pause(300);
  await assert.rejects(world.centre.ready(), { code: 'replica.behind' });
  await world.centre.stop();
  await world.restart();
  for (let n = 0; (world.centre.head()?.size ?? 0) <= size; n++)
    await world.host.share(room, [indicator(`longer ${n}`)]);
  await assert.rejects(following(t, source, target).done, (error: Refusal) => {
    assert.match(
      error.detail ?? '',
      /records of \S+\/log\/1, and \S+\/log\/2 goes on from record \d+: look first/,
    );
    return error.code === 'store.behind';
  });
  assert.deepEqual(keysAt(target), keys, 'what it could take over with');
  assert.equal(await sizeAt(target), size);

  // One that holds no more than what was kept goes along.
  const another = placeAt(join(dir, 'another'));
  cpSync(backup, another.paths.folder, { recursive: true });
  const going = following(t, source, another);
  await eventually('copied', async () => (await sizeAt(another)) > size);
  await going.stop();
  assert.deepEqual(keysAt(another), keysAt(source));
});

test('the replica of another centre keeps its keys', async (t) => {
  const { world, source, target } = await scene(t);
  await following(t, source, target).stop();
  const keys = keysAt(target);
  const other = await World.begin();
  t.after(() => other.end());
  for (let n = 0; n < 3; n++) await other.room([]);
  await assert.rejects(following(t, placeOf(other.folder), target).done, (error: Refusal) => {
    assert.match(error.detail ?? '', /^another centre that is called \S+, too, is in the place/);
    return error.code === 'store.present';
  });
  assert.deepEqual(keysAt(target), keys);
  assert.deepEqual(keys, keysAt(placeOf(world.folder)));
});

test('the centre is moved: the replica ends and says so, and follows the new place when it is begun again', async (t) => {
  const { world, room, dir, made, source, target } = await scene(t);
  const replica = following(t, source, target);
  await eventually('copied', async () => (await sizeAt(target)) > 0);
  await world.centre.stop();
  const to =
    source.database === null
      ? placeAt(join(dir, 'moved'), { database: await made() })
      : placeAt(world.folder, { database: null });
  if (source.database === null) cpSync(world.folder, to.paths.folder, { recursive: true, filter: ofKeys });
  await moveCentre(source, to);
  const moved = (error: Refusal) =>
    error.code === 'store.absent' && /the centre has moved from here/.test(error.detail ?? '');
  await assert.rejects(replica.done, moved);
  await assert.rejects(following(t, source, target).done, moved);
  assert.equal(existsSync(join(world.folder, 'log.sqlite')), source.database !== null);

  const now = await World.on(to.paths.folder, { database: to.database });
  const { index } = await world.host.in(now).share(room, [indicator('at the new place')]);
  const again = following(t, to, target);
  await eventually('copied', async () => (await sizeAt(target)) > index);
  await again.stop();
  await now.centre.stop();
  assert.deepEqual(readdirSync(join(target.paths.folder)).includes('log-keys.pem'), true);
});

const ofKeys = (path: string) => !/sqlite|files|lock|replicas/.test(path.slice(path.lastIndexOf('/')));
