import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { asked, testServer } from '../testing/postgres.ts';
import { databaseAt, folder, id, openAt, openHere } from './fixture.ts';

const [party, device] = [id('a'), id('b')];
const opening = {
  party,
  device,
  person: 'duty-3',
  purpose: 'event-security',
  justification: null,
  now: 1_000,
  ttl: 500,
};

test('a session is found until its end', async (t) => {
  const { sessions } = await openHere(t);
  const token = await sessions.open(opening);
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  const { now, ttl, ...session } = opening;
  assert.deepEqual(await sessions.find(token, 1_499), { ...session, opened: now, expires: now + ttl });
  assert.equal(await sessions.find(token, 1_500), null);
  assert.equal(await sessions.find(`${token}x`, 1_000), null);
  assert.equal(await sessions.find('', 1_000), null);
});

test('a session that is ended is gone at once', async (t) => {
  const { sessions } = await openHere(t);
  const [one, two] = await Promise.all([sessions.open(opening), sessions.open(opening)]);
  await sessions.end(one);
  assert.equal(await sessions.find(one, 1_000), null);
  assert.ok(await sessions.find(two, 1_000));
  await sessions.end(one);
});

test('all sessions of a device end together', async (t) => {
  const { sessions } = await openHere(t);
  const own = await Promise.all([sessions.open(opening), sessions.open(opening)]);
  const other = await sessions.open({ ...opening, device: id('c') });
  await sessions.endOfDevice(device);
  for (const token of own) assert.equal(await sessions.find(token, 1_000), null);
  assert.ok(await sessions.find(other, 1_000));
});

test('a step ends one session and opens another for the same device', async (t) => {
  const { sessions } = await openHere(t);
  const token = await sessions.open(opening);
  const intent = { purpose: 'threat-prevention', justification: 'case 7', now: 1_200, ttl: 500 };
  const next = await sessions.step(token, intent);
  assert.equal(await sessions.find(token, 1_200), null);
  assert.deepEqual(await sessions.find(next, 1_200), {
    party,
    device,
    person: 'duty-3',
    purpose: 'threat-prevention',
    justification: 'case 7',
    opened: 1_200,
    expires: 1_700,
  });
  await assert.rejects(sessions.step(token, intent), { code: 'session.unknown' });
  await assert.rejects(sessions.step(next, { ...intent, now: 1_700 }), { code: 'session.unknown' });
});

test('of two steps at once from one session, one is made', async (t) => {
  const { sessions } = await openHere(t);
  const token = await sessions.open(opening);
  const steps = await Promise.allSettled([sessions.step(token, opening), sessions.step(token, opening)]);
  assert.deepEqual(
    steps.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});

test('what has expired is purged, the rest stays', async (t) => {
  const { sessions } = await openHere(t);
  const old = await sessions.open(opening);
  const live = await sessions.open({ ...opening, ttl: 501 });
  await sessions.purge(1_500);
  assert.equal(await sessions.find(old, 1_000), null);
  assert.ok(await sessions.find(live, 1_500));
});

test('those of a device that was revoked end, those of others do not', async (t) => {
  const { sessions } = await openHere(t);
  const other = id('c');
  const left = [await sessions.open(opening), await sessions.open(opening)];
  const live = await sessions.open({ ...opening, device: other });
  await sessions.endRevoked(async (devices) => {
    assert.deepEqual([...devices].sort(), [device, other].sort());
    return [device];
  });
  for (const token of left) assert.equal(await sessions.find(token, 1_000), null);
  assert.ok(await sessions.find(live, 1_000));
});

test('sessions outlive a restart, and the store holds no token', async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  const before = await openAt(path);
  const token = await before.sessions.open(opening);
  assert.ok(!(await rowsIn(path)).includes(token));
  await before.close();
  const after = await openAt(path);
  t.after(after.close);
  assert.ok(await after.sessions.find(token, 1_000));
});

async function rowsIn(path: string): Promise<string> {
  if (!testServer) return [path, `${path}-wal`].map((file) => readFileSync(file, 'latin1')).join();
  const rows = await asked<{ row: string }>(
    databaseAt(path),
    `select s::text || convert_from(s.token, 'LATIN1') as row from parley_journals.sessions s`,
  );
  assert.equal(rows.length, 1);
  return rows.map(({ row }) => row).join();
}

test('of one device no more than a thousand live at once, and the oldest make room', async (t) => {
  const { sessions } = await openHere(t);
  const other = await sessions.open({ ...opening, device: id('c') });
  const instants = Array.from({ length: 1_003 }, (_, n) => 1_000 + n);
  const tokens = await Promise.all(instants.map((now) => sessions.open({ ...opening, now, ttl: 5_000 })));
  const found = await Promise.all(tokens.map((token) => sessions.find(token, 2_003)));
  assert.deepEqual(
    found.flatMap((session, i) => (session === null ? [i] : [])),
    [0, 1, 2],
  );
  assert.ok(await sessions.find(other, 1_499));
});
