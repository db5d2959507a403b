import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { homeAt, homeDir, type Profile } from './home.ts';
import { temporary } from './testing/terminal.ts';

const profile: Profile = {
  format: 'parley-home/1',
  url: 'https://centre.example',
  centre: 'centre.example',
  origin: 'centre.example/log/1',
  party: 'a'.repeat(64),
  name: 'City',
  device: 'a'.repeat(64),
  deviceName: 'Desk',
  pkcs8: 'AAAA',
};
const mode = (path: string) => statSync(path).mode & 0o777;
const posix = { skip: process.platform === 'win32' };

test('the home and every file in it are for their owner only', posix, async (t) => {
  const home = homeAt(join(temporary(t), 'deep', 'home'));
  home.create(profile);
  home.setPurpose({ purpose: 'event-security', justification: null });
  await home.setSeen('centre.example/log/1', { size: 1 });
  assert.equal(mode(home.dir), 0o700);
  assert.equal(mode(join(home.dir, 'seen')), 0o700);
  for (const name of ['device.json', 'session.json']) assert.equal(mode(join(home.dir, name)), 0o600);
  for (const name of readdirSync(join(home.dir, 'seen')))
    assert.equal(mode(join(home.dir, 'seen', name)), 0o600);
  assert.equal(
    readdirSync(home.dir).filter((name) => name.includes('json.')).length,
    0,
    'no temporary file stays',
  );
});

test('a key that others can read is not used', posix, (t) => {
  const home = homeAt(temporary(t));
  home.create(profile);
  chmodSync(join(home.dir, 'device.json'), 0o640);
  assert.throws(() => home.profile(), { code: 'file.unreadable', detail: /0640.*chmod 600/ });
});

test('what was written comes back, and a key is never written over', async (t) => {
  const home = homeAt(temporary(t));
  assert.throws(() => home.profile(), { code: 'key.absent' });
  assert.deepEqual([home.purpose(), home.seen('x')], [null, null]);
  home.needEmpty();
  home.create(profile);
  assert.throws(() => home.needEmpty(), { code: 'home.present' });
  assert.deepEqual(home.profile(), profile);
  assert.throws(() => home.create({ ...profile, pkcs8: 'BBBB' }), { code: 'home.present' });
  assert.equal(home.profile().pkcs8, 'AAAA');
  await home.setSeen('a/log/1', { n: 1 });
  await home.setSeen('b/log/1', { n: 2 });
  assert.deepEqual(home.seen('a/log/1'), { n: 1 });
});

test('receipts are kept by log, and come back in its order', async (t) => {
  const home = homeAt(temporary(t));
  assert.deepEqual([...home.receipts('centre.example/log/1')], []);
  for (const index of [10, 9, 2]) await home.keepReceipt('centre.example/log/1', index, { index });
  await home.keepReceipt('centre.example/log/2', 3, { index: 3 });
  const kept = [...home.receipts('centre.example/log/1')];
  assert.deepEqual(
    kept.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()).index),
    [2, 9, 10],
  );
  for (const { path } of kept) assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a broken file is named, and none of it is quoted', (t) => {
  const home = homeAt(temporary(t));
  const path = join(home.dir, 'device.json');
  for (const content of ['{"pkcs8":"SECRET"', '{"pkcs8":"SECRET"}', '[]', 'null']) {
    writeFileSync(path, content, { mode: 0o600 });
    assert.throws(
      () => home.profile(),
      (error: Error & { code: string }) => error.code !== '' && !error.message.includes('SECRET'),
    );
  }
});

test('the directory: the option, then the environment, then ~/.parley', () => {
  assert.equal(homeDir('/x', { PARLEY_HOME: '/y' }), '/x');
  assert.equal(homeDir(undefined, { PARLEY_HOME: '/y' }), '/y');
  assert.match(homeDir(undefined, {}), /\.parley$/);
});
