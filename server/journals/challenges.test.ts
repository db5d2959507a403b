import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { challengeLife, clockDifference } from './challenges.ts';
import { folder, openAt, openHere } from './fixture.ts';

const now = 1_790_000_000_000_000;
const refused = { code: 'session.challenge' };

test('a challenge is good once, for two minutes', async (t) => {
  const { challenges } = await openHere(t);
  const { challenge, expires } = challenges.challenge(now);
  assert.equal(expires - now, 120_000_000);
  await challenges.use(challenge, expires - 1);
  await assert.rejects(challenges.use(challenge, expires - 1), refused);
  const late = challenges.challenge(now).challenge;
  await assert.rejects(challenges.use(late, expires), refused);
});

test('used twice at once, it is good for one', async (t) => {
  const { challenges } = await openHere(t);
  const { challenge } = challenges.challenge(now);
  const uses = await Promise.allSettled([1, 2, 3].map(() => challenges.use(challenge, now)));
  assert.deepEqual(uses.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
});

test('one instance gives it, another takes it, and both know that it was used', async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  const key = new Uint8Array(32).fill(7);
  const [one, other] = [await openAt(path, key), await openAt(path, key)];
  t.after(() => Promise.all([one.close(), other.close()]));
  const { challenge } = one.challenges.challenge(now);
  await other.challenges.use(challenge, now);
  await assert.rejects(one.challenges.use(challenge, now), refused);
});

test('instances whose clocks differ by seconds take each other’s, once on all of them', async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  const key = new Uint8Array(32).fill(7);
  const [ahead, behind] = [await openAt(path, key), await openAt(path, key)];
  t.after(() => Promise.all([ahead.close(), behind.close()]));
  const { challenge: early } = behind.challenges.challenge(now);
  await behind.challenges.use(early, now);
  await ahead.challenges.purge(now + challengeLife + clockDifference - 1);
  await assert.rejects(behind.challenges.use(early, now + challengeLife - 1), refused, 'just before its end');
  const late = now + challengeLife + clockDifference;
  const { challenge } = ahead.challenges.challenge(late);
  await behind.challenges.use(challenge, late - clockDifference);
  await ahead.challenges.purge(late + challengeLife);
  await assert.rejects(behind.challenges.use(challenge, late + challengeLife - 1), refused);
});

test('a used one stays used after it was forgotten, also when the clock is set back', async (t) => {
  const { challenges } = await openHere(t);
  const { challenge } = challenges.challenge(now);
  await challenges.use(challenge, now);
  await challenges.purge(now + challengeLife - 1);
  await assert.rejects(challenges.use(challenge, now + 1), refused);
  const next = challenges.challenge(now + challengeLife);
  await challenges.use(next.challenge, now + challengeLife);
  await challenges.purge(now + challengeLife);
  await assert.rejects(challenges.use(challenge, now), refused);
});

test('another spelling of a used one is still used', async (t) => {
  const { challenges } = await openHere(t);
  const { challenge } = challenges.challenge(now);
  await challenges.use(challenge, now);
  for (const text of [`${challenge}=`, ` ${challenge}`, challenge.replaceAll('-', '+').replaceAll('_', '/')])
    await assert.rejects(challenges.use(text, now), refused);
});

test('one from the future, of another centre, or made up is refused', async (t) => {
  const [{ challenges }, other] = [await openHere(t), await openHere(t)];
  const future = challenges.challenge(now + clockDifference + 1).challenge;
  await assert.rejects(challenges.use(future, now), refused);
  await assert.rejects(challenges.use(other.challenges.challenge(now).challenge, now), refused);
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 200 }), (text) =>
      assert.rejects(challenges.use(text, now), refused),
    ),
  );
});

test('a challenge with one bit changed is refused', async (t) => {
  const { challenges } = await openHere(t);
  const bytes = Buffer.from(challenges.challenge(now).challenge, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    await assert.rejects(challenges.use(changed.toString('base64url'), now), refused);
  }
});
