import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openCentre } from '../app.ts';
import { checkCentre } from '../check-centre.ts';
import type { Tables } from '../folds.ts';
import { openLog, type Place, placeAt } from '../place.ts';
import { indicator } from '../testing/actor.ts';
import { lived } from '../testing/lived.ts';
import { placeOf } from '../testing/located.ts';
import { dropDatabase, makeDatabase, testServer } from '../testing/postgres.ts';
import { World } from '../testing/world.ts';
import { Vault } from '../vault/vault.ts';
import { PlaceCopy } from './place-copy.ts';

async function scene(t: TestContext, about: Parameters<typeof lived>[0] = {}) {
  const life = await lived(about);
  const dir = mkdtempSync(join(tmpdir(), 'parley-copying-'));
  const databases: string[] = [];
  t.after(async () => {
    await life.world.end();
    rmSync(dir, { recursive: true, force: true });
    for (const database of databases) await dropDatabase(database);
  });
  const vault = about.vault ?? null;
  let n = 0;
  return {
    ...life,
    source: placeOf(life.world.folder, vault),
    inFolder: (): Place => placeAt(join(dir, `${n++}`), { vault }),
    async inDatabase(): Promise<Place> {
      const database = await makeDatabase();
      databases.push(database);
      return placeAt(join(dir, `${n++}`), { vault, database });
    },
  };
}

async function copied(source: Place, target: Place, slice?: number) {
  await using copy = await PlaceCopy.open(source, target, slice === undefined ? {} : { slice });
  const { head } = await copy.catchUp();
  await copy.follow();
  await copy.complete();
  return head;
}

async function needSame(source: Place, target: Place): Promise<void> {
  await using copy = await PlaceCopy.open(source, target);
  await copy.needEqual();
  const { folder } = target.paths;
  const { digests, files, unnamed, erased } = await checkCentre({ ...target, folder });
  assert.ok(digests > 0 && files > 0 && unnamed > 0 && erased > 0);
}

// The others here are plain: that costs its time only where it goes through a database, too.
for (const [name, vault] of [
  ...(testServer ? ([['plain', null]] as const) : []),
  ['encrypted', Vault.make()],
] as const)
  test(`a centre from place to place, ${name}: nothing is different`, async (t) => {
    const { source, world, inFolder, inDatabase } = await scene(t, { vault });
    await world.centre.stop();
    let from = source;
    for (const to of [inFolder(), ...(testServer ? [await inDatabase(), inFolder()] : [])]) {
      await copied(from, to, 7);
      await needSame(source, to);
      from = to;
    }
    await world.restart();
  });

test('what happens meanwhile comes after, and what was taken back leaves the copy', async (t) => {
  const { source, world, more, inFolder, inDatabase } = await scene(t);
  for (const target of [inFolder(), ...(testServer ? [await inDatabase()] : [])]) {
    const first = await copied(source, target, 5);
    await more('later');
    const second = await copied(source, target, 5);
    assert.ok(second.size > first.size);
    await world.centre.stop();
    await copied(source, target);
    await needSame(source, target);
    await world.restart();
  }
});

test('a copy that broke off has no head, starts no centre, and goes on where it was', async (t) => {
  const { source, world, inFolder, inDatabase } = await scene(t);
  await world.centre.stop();
  for (const target of [inFolder(), ...(testServer ? [await inDatabase()] : [])]) {
    let slices = 0;
    const broken = async () => {
      await using copy = await PlaceCopy.open(source, target, {
        slice: 4,
        progress: () => {
          if (++slices === 3) throw new Error('the power has gone');
        },
      });
      await copy.catchUp();
    };
    await assert.rejects(broken, /the power has gone/);
    const store = await openLog<Tables>(target, { readOnly: true });
    assert.equal(await store.snapshot(({ log }) => log.head()), null);
    assert.equal((await store.snapshot(({ log }) => log.commitments(0, 100))).length, 12);
    await store.close();
    for (const key of ['logKeys', 'centreKey'] as const)
      if (!existsSync(target.paths[key])) copyFileSync(source.paths[key], target.paths[key]);
    const start = openCentre({
      ...{ centre: 'centre.example', folder: target.paths.folder, database: target.database },
      onDoubt: () => {},
    });
    await assert.rejects(start, { code: 'store.corrupt' });
    const seen: number[] = [];
    await using copy = await PlaceCopy.open(source, target, {
      slice: 4,
      progress: (done) => seen.push(done),
    });
    await copy.catchUp();
    assert.equal(seen[0], 16);
    await copy.follow();
    await copy.complete();
    await needSame(source, target);
  }
  await world.restart();
});

test('nothing is copied over another log, or from an older one', async (t) => {
  const { source, world, member, room, inFolder } = await scene(t, { digestEvery: 3_600_000_000 });
  const target = inFolder();
  await copied(source, target);
  const fork = await world.fork();
  t.after(() => fork.end());
  await member.share(room, [indicator('here')]);
  await copied(source, target);
  const older = placeOf(fork.folder);
  await assert.rejects(PlaceCopy.open(older, target), { code: 'store.behind' });
  const size = world.centre.head()?.size ?? 0;
  await member.in(fork).share(room, [indicator('there')]);
  await member.in(fork).share(room, [indicator('there, too')]);
  await assert.rejects(PlaceCopy.open(older, target), (error: Error) =>
    error.message.includes(`the records from ${size - 1} on`),
  );
  const other = await World.begin();
  t.after(() => other.end());
  await assert.rejects(PlaceCopy.open(target, placeOf(other.folder)), (error: Error) => {
    assert.match(error.message, /another centre that is called \S+, too, is in the place/);
    return 'code' in error && error.code === 'store.present';
  });
  await copied(source, target);
});
