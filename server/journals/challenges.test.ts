import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Challenges, challengeLife } from './challenges.ts';

const now = 1_790_000_000_000_000;
const refused = { code: 'session.challenge' };

test('a challenge is good once, for two minutes', () => {
  const challenges = new Challenges();
  const { challenge, expires } = challenges.challenge(now);
  assert.equal(expires - now, 120_000_000);
  challenges.checkChallenge(challenge, expires - 1);
  assert.throws(() => challenges.checkChallenge(challenge, expires - 1), refused);
  const late = challenges.challenge(now).challenge;
  assert.throws(() => challenges.checkChallenge(late, expires), refused);
});

test('a used one stays used, also when the clock is set back after it was forgotten', () => {
  const challenges = new Challenges();
  const { challenge } = challenges.challenge(now);
  challenges.checkChallenge(challenge, now);
  const next = challenges.challenge(now + challengeLife);
  challenges.checkChallenge(next.challenge, now + challengeLife);
  assert.throws(() => challenges.checkChallenge(challenge, now), refused);
});

test('another spelling of a used one is still used', () => {
  const challenges = new Challenges();
  const { challenge } = challenges.challenge(now);
  challenges.checkChallenge(challenge, now);
  for (const text of [`${challenge}=`, ` ${challenge}`, challenge.replaceAll('-', '+').replaceAll('_', '/')])
    assert.throws(() => challenges.checkChallenge(text, now), refused);
});

test('one from the future, of another process, or made up is refused', () => {
  const challenges = new Challenges();
  assert.throws(() => challenges.checkChallenge(challenges.challenge(now + 1).challenge, now), refused);
  assert.throws(() => challenges.checkChallenge(new Challenges().challenge(now).challenge, now), refused);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      assert.throws(() => challenges.checkChallenge(text, now), refused);
    }),
  );
});

test('a challenge with one bit changed is refused', () => {
  const challenges = new Challenges();
  const bytes = Buffer.from(challenges.challenge(now).challenge, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    assert.throws(() => challenges.checkChallenge(changed.toString('base64url'), now), refused);
  }
});
