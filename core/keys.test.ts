import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runVectors } from '../tools/vectors/read.ts';
import { base64, fromUtf8, utf8 } from './bytes.ts';
import {
  connectorConsent,
  enrolConsent,
  fingerprint,
  fingerprintPattern,
  invitationCode,
  invitationSeed,
  joinConsent,
  normalCode,
  publicKeyFrom,
  recoverySeed,
  spoken,
} from './keys.ts';
import { sha256 } from './sha256.ts';

runVectors<{ key: string; fingerprint: string; spoken: string }>('chain/keys.json', (vector) => {
  const id = fingerprint(publicKeyFrom(vector.key));
  assert.equal(id, vector.fingerprint);
  assert.match(id, fingerprintPattern);
  assert.equal(spoken(id), vector.spoken);
});

runVectors<{ spelled: string; seed: string }>('chain/recovery-codes.json', ({ spelled, seed }) => {
  assert.equal(base64(recoverySeed(spelled)), seed);
});

runVectors<{ spelled: string; seed: string }>('chain/codes.json', ({ spelled, seed }) => {
  assert.equal(base64(invitationSeed(spelled)), seed);
});

runVectors<{ centre: string; key?: string; party?: string; connector?: boolean; message: string }>(
  'chain/consents.json',
  (vector) => {
    const { centre, key, party = '', connector = false, message } = vector;
    const ofDevice = connector ? connectorConsent : enrolConsent;
    const made = key === undefined ? ofDevice(centre, party) : joinConsent(centre, publicKeyFrom(key));
    assert.equal(base64(made), message);
  },
);

test('a fingerprint is the hash of a name for keys and the key', () => {
  const key = new Uint8Array(32).fill(7);
  const expected = Buffer.from(sha256(utf8('parley/key/v1\n'), key)).toString('hex');
  assert.equal(fingerprint(key), expected);
});

test('a code is itself however it is typed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 25, maxLength: 25 }), (random) => {
      const code = invitationCode(random);
      assert.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
      const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
      assert.equal(normalCode(typed), normalCode(code));
      assert.deepEqual(invitationSeed(typed), invitationSeed(code));
    }),
  );
});

test('a consent is for one centre: no two names of centres give the same bytes', () => {
  const key = new Uint8Array(32);
  const texts = ['a.example', 'a.example/b', 'a.exampl'].map((centre) => base64(joinConsent(centre, key)));
  assert.equal(new Set(texts).size, texts.length);
  assert.equal(fromUtf8(enrolConsent('a.example', 'p')), 'parley/enrol/v1\na.example\np\n');
});
