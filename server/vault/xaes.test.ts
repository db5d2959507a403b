import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hex, utf8 } from '@parley/core/bytes.ts';
import { Xaes } from './xaes.ts';

const nonce = utf8('ABCDEFGHIJKLMNOPQRSTUVWX');
const plain = utf8('XAES-256-GCM');

it('gives the ciphertexts of the specification, with and without the high bit in CMAC', () => {
  const cases: readonly [number, string, string][] = [
    [1, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [3, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
  ];
  for (const [byte, aad, sealed] of cases) {
    const cipher = new Xaes(new Uint8Array(32).fill(byte));
    assert.equal(hex(cipher.seal(nonce, plain, utf8(aad))), sealed);
    assert.deepEqual(cipher.open(nonce, cipher.seal(nonce, plain, utf8(aad)), utf8(aad)), plain);
  }
});

it('opens nothing that was changed anywhere', () => {
  const cipher = new Xaes(new Uint8Array(32).fill(1));
  const [aad, sealed] = [utf8('here'), cipher.seal(nonce, plain, utf8('here'))];
  for (let i = 0; i < sealed.length; i++) {
    const changed = Uint8Array.from(sealed, (byte, at) => (at === i ? byte ^ 1 : byte));
    assert.throws(() => cipher.open(nonce, changed, aad));
  }
  for (let i = 0; i < nonce.length; i++)
    assert.throws(() =>
      cipher.open(
        Uint8Array.from(nonce, (byte, at) => (at === i ? byte ^ 1 : byte)),
        sealed,
        aad,
      ),
    );
  assert.throws(() => cipher.open(nonce, sealed, utf8('there')));
  assert.throws(() => cipher.open(nonce, sealed.subarray(0, 10), aad));
  assert.throws(() => cipher.open(nonce.subarray(1), sealed, aad));
});
