/** From one place to the next in one go: backed up beside the running centre, restored, moved, checked, and gone on from. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { indicator } from '../server/testing/actor.ts';
import { dropDatabase, makeDatabase, testServer } from '../server/testing/postgres.ts';
import { Operator } from './testing/operating.ts';

const room = ['--room', 'Summit'];

test('backed up, restored, moved into a database and back, and whole at each place', async (t) => {
  const host = await Operator.begin(t);
  await host.start();
  const anna = await host.member('Anna');
  await host.run('room', 'open', '--title', 'Summit', '--purposes', 'event-security');
  const { party } = await anna.json<{ party: string }>('whoami');
  await host.run('room', 'invite', 'Summit', party);
  await anna.run('room', 'accept', 'Summit');
  const plan = anna.file('plan.txt', 'Gates and posts');
  const shared = await anna.json<{ statements: { party: string; id: string }[]; files: { n: number }[] }>(
    ...(['share', '--file', plan, ...room] as [string, ...string[]]),
  );
  const [statement, file] = [shared.statements[0] ?? assert.fail(), shared.files[0] ?? assert.fail()];
  const wrong = await anna.json<{ statements: { party: string; id: string }[] }>(
    ...(['share', anna.file('wrong.json', indicator('taken back')), ...room] as [string, ...string[]]),
  );
  const [taken = assert.fail()] = wrong.statements;
  await anna.run('recall', `${taken.party}/${taken.id}`, '--reason', 'wrong');
  await host.run('open', '--purpose', 'event-security');
  await host.run('read', ...room);

  const backup = join(host.dir, 'backup');
  await host.run('backup', backup, '--with-keys', ...host.config);
  await anna.run('verify');
  const config = await host.lose();
  await host.run('restore', backup, '--to', host.folder);
  writeFileSync(join(host.folder, 'parley.json'), config);

  const roots: string[] = [];
  const whole = async () => {
    const found = await host.json<{ root: string; files: number; erased: number; condemned: number }>(
      ...(['fsck', ...host.config] as [string, ...string[]]),
    );
    assert.deepEqual([found.files, found.condemned, found.erased > 0], [1, 0, true]);
    roots.push(found.root);
  };
  await whole();
  if (testServer) {
    const database = await makeDatabase();
    t.after(() => dropDatabase(database));
    await host.run('move', '--to', database, ...host.config);
    await whole();
    assert.equal(JSON.parse(readFileSync(host.config[1] ?? '', 'utf8')).database, database);
    // Back once more, over what the first move has left.
    assert.equal((await host.refused('move', '--to', 'folder', ...host.config)).code, 'store.present');
    host.discardLeft();
    await host.run('move', '--to', 'folder', ...host.config);
    await whole();
    await host.run('move', '--to', await another(), ...host.config);
    await whole();
  }
  assert.equal(new Set(roots).size, 1);

  async function another(): Promise<string> {
    host.discardLeft();
    const database = await makeDatabase();
    t.after(() => dropDatabase(database));
    return database;
  }

  await host.start();
  await anna.run('open', '--purpose', 'event-security');
  const out = join(anna.home, 'plan.out');
  await anna.run('file', 'get', `${statement.party}/${statement.id}`, String(file.n), '--out', out);
  assert.equal(readFileSync(out, 'utf8'), 'Gates and posts');
  assert.doesNotMatch((await anna.run('read', ...room)).out, /taken back/);
  await anna.run('share', anna.file('on.json', indicator('and on')), ...room);
  await anna.run('verify');
  await whole();
  assert.deepEqual(host.doubts, []);
});
