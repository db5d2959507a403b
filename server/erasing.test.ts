/** What an end of the process between two steps of erasing leaves, and that the next start goes on from there. */

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { maxParts, partNumber, recordIndexOf } from '@parley/core/parts.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { sql } from 'kysely';
import { checkCentre } from './check-centre.ts';
import type { Tables } from './folds.ts';
import { openJournalStore, openLog } from './place.ts';
import { releaseRecalls } from './release/dues.ts';
import { type Actor, indicator } from './testing/actor.ts';
import { located, placeOf } from './testing/located.ts';
import { ofSqliteAlone } from './testing/postgres.ts';
import { World } from './testing/world.ts';
import { openWriter } from './writer.ts';

const mark = `mark-${crypto.randomUUID()}`;

/** A share that is taken back, beside one that stays. */
async function recalled(t: TestContext): Promise<{ world: World; anna: Actor; take: () => Promise<void> }> {
  const world = await World.begin();
  t.after(() => world.end());
  const anna = await world.party('Anna');
  const room = await world.room([anna]);
  const { ref } = await anna.share(room, [indicator(mark), indicator(mark)]);
  await anna.share(room, [indicator('stays')]);
  return { world, anna, take: async () => void (await anna.recall(room, ref)) };
}

async function erasedOf({ world, party, signer }: Actor): Promise<(number | null)[]> {
  const viewer = { party, device: signer.device, purpose: 'event-security', justification: null };
  const { value } = await world.centre.read((sources) =>
    releaseRecalls(viewer, sources, (index) => world.centre.journals.erasures.erasedAt(index)),
  );
  return value.recalls.map(({ erased }) => erased);
}

const filesWithMark = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.isFile())
    .map(({ name }) => join(folder, name))
    .filter((path) => existsSync(path) && readFileSync(path, 'latin1').includes(mark));

test('an erasure that was not noted is noted at the next start', async (t) => {
  const { world, anna, take } = await recalled(t);
  await take();
  await eventually('erased', async () => (await erasedOf(anna)).every((at) => at !== null));
  await world.centre.stop();
  const journals = await openJournalStore(placeOf(world.folder));
  await journals.transaction((db) => sql`delete from erasures`.execute(db));
  await journals.close();
  await world.restart();
  await eventually('noted', async () => (await erasedOf(anna)).every((at) => at !== null));
  assert.deepEqual(world.doubts, []);
});

test('an erasure that the journals could not take is noted once they can', async (t) => {
  const { world, anna, take } = await recalled(t);
  const { erasures } = world.centre.journals;
  let refused = 0;
  const away = t.mock.method(erasures, 'recordErased', async () => {
    refused++;
    if (refused === 2) away.mock.restore();
    throw new Error('the journals are away');
  });
  await take();
  await eventually('noted', async () => (await erasedOf(anna)).every((at) => at !== null));
  assert.equal(refused, 2, 'as it was erased, and when it was tried again');
  assert.deepEqual(world.doubts.map(String), Array(2).fill('Error: the journals are away'));
});

test('what is erased in many slices is noted with the last one', async (t) => {
  const { world, anna } = await recalled(t);
  const room = await world.room([anna]);
  const objects = Array.from({ length: maxParts }, (_, n) => indicator(`${mark} ${n}`));
  const { ref, index } = await anna.share(room, objects);
  await anna.recall(room, ref);
  await world.centre.stop();
  // However many slices were done by then: as if none had been.
  const store = await openLog(placeOf(world.folder));
  await store.commit(({ log }) => log.condemn(objects.map((_, n) => partNumber(index, n))));
  await store.close();
  const noted: (readonly number[])[] = [];
  const failed = (cause: unknown) => assert.fail(String(cause));
  const events = { committed: () => {}, trouble: failed, fault: failed, doubt: failed };
  const writer = await openWriter(
    { centre: 'centre.example', ...located(world.folder), key: null, clockConfirmed: true },
    { ...events, erased: (numbers) => noted.push(numbers) },
  );
  await eventually('noted', () => noted.length > 0);
  await writer.stop();
  assert.equal(noted.length, 1);
  assert.ok(noted[0]?.every((number) => recordIndexOf(number) === index));
  assert.equal((await checkCentre({ ...located(world.folder) })).condemned, 0);
});

test('what was erased leaves the write-ahead log at the next start', { skip: ofSqliteAlone }, async (t) => {
  const { world, take } = await recalled(t);
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // Who still reads an older moment keeps the centre from truncating: there the process ends.
  const reader = await openLog<Tables>(placeOf(world.folder), { readOnly: true, readers: 1 });
  await reader.snapshot(async ({ log }) => {
    await log.head();
    await take();
    await eventually('erased', () =>
      world.centre.read(async (_, moment) => (await moment.log.condemned()) === 0),
    );
    for (const { name } of readdirSync(world.folder, { withFileTypes: true }).filter((each) => each.isFile()))
      if (!/-shm$|\.new$/.test(name)) copyFileSync(join(world.folder, name), join(folder, name));
  });
  await reader.close();
  assert.notDeepEqual(filesWithMark(folder), [], 'the copy holds what the process left');
  const again = await World.on(folder);
  t.after(() => again.centre.stop());
  await eventually('gone', () => filesWithMark(folder).length === 0);
  await again.centre.stop();
  assert.equal((await checkCentre({ ...located(folder) })).condemned, 0);
});
