import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openCentre } from './app.ts';
import { backUp } from './backup.ts';
import { checkCentre } from './check-centre.ts';
import { holdFolder } from './folder-lock.ts';
import { pathsIn } from './paths.ts';
import { rebuildProjections } from './rebuild.ts';
import { restore } from './restore.ts';
import { type Actor, indicator } from './testing/actor.ts';
import { editing } from './testing/editing.ts';
import { located, placeOf } from './testing/located.ts';
import { ofSqliteAlone } from './testing/postgres.ts';
import { World } from './testing/world.ts';

async function scene(t: TestContext) {
  const world = await World.begin();
  const dir = mkdtempSync(join(tmpdir(), 'parley-backup-'));
  t.after(async () => {
    await world.end();
    rmSync(dir, { recursive: true, force: true });
  });
  const member = await world.party('Member');
  const room = await world.room([member]);
  const { ref } = await member.share(room, [indicator('one'), indicator('two')]);
  await world.host.read(room);
  await member.recall(room, ref, [0]);
  return { world, dir, member, room, into: (name: string) => join(dir, name) };
}

function keepSaying(member: Actor, room: string) {
  let going = true;
  const done = (async () => {
    for (let n = 0; going; n++) await member.share(room, [indicator(`meanwhile ${n}`)]);
  })();
  return () => {
    going = false;
    return done;
  };
}

test('a backup beside a running centre, restored, is whole and goes on', {
  skip: ofSqliteAlone,
}, async (t) => {
  const { world, dir, member, room, into } = await scene(t);
  const stop = keepSaying(member, room);
  const manifest = await backUp(world.folder, into('backup'), { withKeys: true });
  await stop();
  assert.deepEqual(
    manifest.files.map(({ name }) => name),
    ['log.sqlite', 'journals.sqlite', 'log-keys.pem', 'centre-key.pem'],
  );
  for (const { name } of manifest.files)
    assert.equal(statSync(join(into('backup'), name)).mode & 0o077, 0, name);
  const { report, keys } = await restore(into('backup'), into('restored'));
  assert.deepEqual([report.size, report.root, keys], [manifest.head.size, manifest.head.root, true]);
  assert.deepEqual(readdirSync(dir).sort(), ['backup', 'restored']);
  const again = await openCentre({
    centre: 'centre.example',
    folder: into('restored'),
    clockConfirmed: true,
    onDoubt: () => assert.fail(),
  });
  assert.equal(again.head()?.size, manifest.head.size);
  await again.round();
  await again.stop();
  await checkCentre({ folder: into('restored') });
});

test('keys stay behind unless they are asked for', { skip: ofSqliteAlone }, async (t) => {
  const { world, into } = await scene(t);
  const { files } = await backUp(world.folder, into('backup'), { withKeys: false });
  assert.equal(files.length, 2);
  assert.equal(existsSync(pathsIn(into('backup')).logKeys), false);
  const { keys } = await restore(into('backup'), into('restored'));
  assert.equal(keys, false);
});

test('nothing is put over what is there, and nothing broken is put anywhere', {
  skip: ofSqliteAlone,
}, async (t) => {
  const { world, dir, into } = await scene(t);
  mkdirSync(into('full'));
  writeFileSync(join(into('full'), 'x'), 'x');
  await assert.rejects(backUp(world.folder, into('full'), { withKeys: false }), { code: 'store.present' });
  await assert.rejects(backUp(into('nowhere'), into('b'), { withKeys: false }), { code: 'store.absent' });
  await backUp(world.folder, into('backup'), { withKeys: false });
  await assert.rejects(restore(into('backup'), into('full')), { code: 'store.present' });
  await assert.rejects(restore(into('full'), into('r')), { code: 'file.unreadable' });

  const path = join(into('backup'), 'manifest.json');
  const whole = readFileSync(path, 'utf8');
  const log = readFileSync(pathsIn(into('backup')).log);
  const spoilt = Buffer.from(log);
  spoilt[log.length - 100] = (spoilt[log.length - 100] ?? 0) ^ 1;
  writeFileSync(pathsIn(into('backup')).log, spoilt);
  await assert.rejects(restore(into('backup'), into('r')), { code: 'store.corrupt' });
  // Whoever changes the log and the manifest with it is found by the log.
  writeFileSync(pathsIn(into('backup')).log, log);
  const db = new DatabaseSync(pathsIn(into('backup')).log);
  db.exec(`pragma journal_mode = delete; update parts set bytes = x'7b7d' where bytes is not null`);
  db.close();
  const { createHash } = await import('node:crypto');
  const changed = readFileSync(pathsIn(into('backup')).log);
  const manifest = JSON.parse(whole);
  manifest.files[0] = {
    name: 'log.sqlite',
    bytes: changed.length,
    sha256: createHash('sha256').update(changed).digest('hex'),
  };
  writeFileSync(path, JSON.stringify(manifest));
  await assert.rejects(restore(into('backup'), into('r')), { code: 'store.corrupt', at: /^parts\// });
  manifest.head.size--;
  writeFileSync(path, JSON.stringify({ ...manifest, files: [{ ...manifest.files[0], name: '../x' }] }));
  await assert.rejects(restore(into('backup'), into('r')), { code: 'file.unreadable' });
  assert.deepEqual(readdirSync(dir).sort(), ['backup', 'full']);
});

test('a restored backup that is older than what this machine signed does not start', {
  skip: ofSqliteAlone,
}, async (t) => {
  const { world, member, room, into } = await scene(t);
  await backUp(world.folder, into('backup'), { withKeys: true });
  await member.share(room, [indicator('later')]);
  await restore(into('backup'), into('restored'));
  await world.remembered();
  writeFileSync(pathsIn(into('restored')).checkpoint, readFileSync(pathsIn(world.folder).checkpoint));
  const start = openCentre({ centre: 'centre.example', folder: into('restored'), onDoubt: () => {} });
  await assert.rejects(start, { code: 'store.behind' });
});

test('rebuild gives what was there, and repairs what was not', async (t) => {
  const { world } = await scene(t);
  const held = holdFolder(world.folder);
  await assert.rejects(rebuildProjections(placeOf(world.folder)), { code: 'store.held' });
  held.release();
  await world.centre.stop();
  const steps: number[] = [];
  const same = await rebuildProjections(placeOf(world.folder), (done) => steps.push(done));
  assert.deepEqual([same.equal, same.different, steps.at(-1)], [true, [], same.size]);
  await editing(world.folder).run('delete from visible');
  const repaired = await rebuildProjections(placeOf(world.folder));
  assert.deepEqual([repaired.equal, repaired.different], [false, ['visible']]);
  await editing(world.folder).run('drop table standing');
  assert.equal((await rebuildProjections(placeOf(world.folder))).equal, null);
  await checkCentre({ ...located(world.folder) });
  await world.restart();
});
