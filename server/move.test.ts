import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openCentre } from './app.ts';
import { backUp } from './backup.ts';
import { checkCentre } from './check-centre.ts';
import { type MoveProgress, moveCentre, setDatabase } from './move.ts';
import { type Place, placeAt } from './place.ts';
import { restore } from './restore.ts';
import { lived } from './testing/lived.ts';
import { placeOf } from './testing/located.ts';
import { asked, dropDatabase, makeDatabase, testServer, withoutServer } from './testing/postgres.ts';

async function scene(t: TestContext) {
  const life = await lived();
  const { world } = life;
  const dir = mkdtempSync(join(tmpdir(), 'parley-move-'));
  const databases: string[] = [];
  let first = true;
  t.after(async () => {
    await world.centre.stop().catch(() => {});
    world.forget();
    rmSync(dir, { recursive: true, force: true });
    for (const database of databases) await dropDatabase(database);
  });
  const from = placeOf(world.folder);
  const size = world.centre.head()?.size ?? 0;
  return {
    ...{ ...life, from, size },
    /** Another place of the same centre; beside a database that is its folder, and without one another folder. */
    async elsewhere(): Promise<Place> {
      if (!testServer) return placeAt(mkdtempSync(join(dir, 'place-')));
      if (from.database !== null && first) {
        first = false;
        return placeAt(world.folder);
      }
      databases.push(await makeDatabase());
      return placeAt(world.folder, { database: databases.at(-1) ?? '' });
    },
  };
}

const opened = ({ paths: { folder }, database }: Place, keys: Place) => {
  for (const key of ['log-keys.pem', 'centre-key.pem'])
    if (!existsSync(join(folder, key)))
      writeFileSync(join(folder, key), readFileSync(join(keys.paths.folder, key)), { mode: 0o600 });
  return openCentre({
    centre: 'centre.example',
    folder,
    database,
    clockConfirmed: true,
    onDoubt: () => assert.fail(),
  });
};

test('a centre is moved as a whole, the old place opens no more, and the new one goes on', async (t) => {
  const { world, from, token, elsewhere } = await scene(t);
  await assert.rejects(
    (async () => {
      const held = await import('./folder-lock.ts').then(({ holdFolder }) => holdFolder(from.paths.folder));
      try {
        await moveCentre(from, await elsewhere());
      } finally {
        held.release();
      }
    })(),
    { code: 'store.held' },
  );
  await world.centre.stop();
  const before = await checkCentre({ ...from, folder: from.paths.folder });
  const to = await elsewhere();
  const { report, journals, left } = await moveCentre(from, to);
  assert.deepEqual([report?.size, report?.root], [before.size, before.root]);
  assert.ok((journals?.accesses ?? 0) > 0 && (journals?.digests ?? 0) > 0 && (journals?.connectors ?? 0) > 0);
  assert.ok(left.length > 0);
  await assert.rejects(
    openCentre({
      centre: 'centre.example',
      folder: from.paths.folder,
      database: from.database,
      onDoubt: () => {},
    }),
    { code: 'store.absent' },
  );
  const centre = await opened(to, from);
  assert.equal(centre.head()?.size, before.size);
  assert.ok(await centre.journals.connectors.find(token), 'the token of a connector goes on');
  await centre.round();
  await centre.stop();
  await checkCentre({ ...to, folder: to.paths.folder });
});

test('broken off anywhere, the same again goes on', async (t) => {
  const { world, from, size, elsewhere } = await scene(t);
  await world.centre.stop();
  const to = await elsewhere();
  const power = (step: MoveProgress['step'], when: (progress: MoveProgress) => boolean) =>
    assert.rejects(
      moveCentre(from, to, (progress) => {
        if (progress.step === step && when(progress)) throw new Error('the power has gone');
      }),
      /the power has gone/,
    );
  await power('copying', () => true);
  await power('log', () => true);
  await power('viewers', ({ done, of }) => done === of);
  // Until here nothing of the old place has changed.
  assert.equal((await checkCentre({ ...from, folder: from.paths.folder })).size >= size, true);
  if (from.database === null) {
    // It had begun to leave: the log is gone, the journals are not.
    await moveCentre(from, to);
    const { journals, files } = from.paths;
    renameSync(`${journals}.moved`, journals);
    renameSync(`${files}.moved`, files);
  } else await moveCentre(from, to);
  const { report, left } = await moveCentre(from, to);
  assert.equal(report, null);
  assert.ok(left.length >= 2);
  assert.ok(!existsSync(from.paths.journals) || to.database === null);
  const centre = await opened(to, from);
  assert.ok((centre.head()?.size ?? 0) >= size);
  await centre.stop();
  // What was left names no other place than the one that was verified.
  const other = testServer
    ? placeAt(from.paths.folder, { database: (await elsewhere()).database })
    : await elsewhere();
  await assert.rejects(moveCentre(from, other), { code: 'store.absent' });
});

test('from a folder into a database and back', { skip: withoutServer }, async (t) => {
  const { world, from } = await scene(t);
  await world.centre.stop();
  const folder = placeAt(from.paths.folder);
  const first = await moveCentre(from, folder);
  const database = await makeDatabase();
  t.after(() => dropDatabase(database));
  const to = placeAt(from.paths.folder, { database });
  const second = await moveCentre(folder, to);
  await assert.rejects(moveCentre(to, folder), { code: 'store.present' });
  for (const path of second.left) rmSync(path, { recursive: true, force: true });
  const third = await moveCentre(to, folder);
  assert.deepEqual([second.report?.root, third.report?.root], [first.report?.root, first.report?.root]);
  assert.deepEqual([second.journals, third.journals], [first.journals, first.journals]);
});

test('an instance that still runs says nothing more where the centre has left', {
  skip: withoutServer,
}, async (t) => {
  const { world, from, member, room, size } = await scene(t);
  const other = mkdtempSync(join(tmpdir(), 'parley-move-other-'));
  t.after(() => rmSync(other, { recursive: true, force: true }));
  // Another machine: it has a folder of its own with the same keys.
  await world.centre.stop();
  for (const key of ['log-keys.pem', 'centre-key.pem'])
    writeFileSync(join(other, key), readFileSync(join(from.paths.folder, key)), { mode: 0o600 });
  const doubts: unknown[] = [];
  world.centre = await openCentre({
    ...{ centre: 'centre.example', folder: other, database: from.database },
    onDoubt: (cause) => doubts.push(cause),
  });
  const { indicator } = await import('./testing/actor.ts');
  await member.share(room, [indicator('beside it')]);
  await moveCentre(from, placeAt(from.paths.folder));
  await assert.rejects(member.share(room, [indicator('too late')]));
  assert.equal(doubts.length > 0, true);
  const [row] = await asked<{ n: string }>(
    from.database ?? '',
    'select count(*) as n from parley_moved.records',
  );
  const { size: moved } = await checkCentre({ folder: from.paths.folder });
  assert.equal(Number(row?.n), moved);
  assert.ok(moved > size);
});

test('a backup of a centre in a database is one like any other', { skip: withoutServer }, async (t) => {
  const { world, from } = await scene(t);
  const dir = mkdtempSync(join(tmpdir(), 'parley-move-backup-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const { folder } = from.paths;
  const manifest = await backUp(folder, join(dir, 'b'), { withKeys: true, database: from.database });
  assert.deepEqual(
    manifest.files.map(({ name }) => name),
    ['log.sqlite', 'journals.sqlite', 'log-keys.pem', 'centre-key.pem'],
  );
  const { report } = await restore(join(dir, 'b'), join(dir, 'restored'));
  assert.equal(report.root, manifest.head.root);
  assert.ok(report.files > 0 && report.digests > 0);
  const outer = new Uint8Array(32).fill(7);
  await backUp(folder, join(dir, 'sealed'), { withKeys: false, database: from.database, outer });
  assert.ok(readdirSync(join(dir, 'sealed')).includes('vault.json'));
  await world.centre.stop();
});

test('the configuration names the new place, and nothing else of it changes', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-move-config-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'parley.json');
  const content = { centre: 'centre.example', folder: '.', listen: { port: 1 } };
  const read = () => JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify(content), { mode: 0o640 });
  setDatabase(path, 'postgres://db.example/parley?sslmode=verify-full', '/etc/parley/password');
  assert.deepEqual(read(), {
    ...content,
    database: 'postgres://db.example/parley?sslmode=verify-full',
    databasePasswordFile: '/etc/parley/password',
  });
  setDatabase(path, null);
  assert.deepEqual(read(), content);
});
