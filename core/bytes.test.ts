import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  base64,
  base64url,
  concat,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  hex,
  uint64,
  utf8,
} from './bytes.ts';
import { Refusal } from './errors.ts';

test('base64 is that of Node, and comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.equal(base64(bytes), Buffer.from(bytes).toString('base64'));
      assert.deepEqual(fromBase64(base64(bytes)), bytes);
      assert.equal(base64url(bytes), Buffer.from(bytes).toString('base64url'));
    }),
  );
});

test('base64 of more than one chunk', () => {
  const bytes = new Uint8Array(100_000).map((_, i) => i * 31);
  assert.equal(base64(bytes), Buffer.from(bytes).toString('base64'));
});

test('one spelling of base64 for each bytes', () => {
  const alphabet = 'ABCDwxyz0189+/=-_ \n';
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 }), (text) => {
      const bytes = fromBase64(text);
      if (bytes !== null) assert.equal(base64(bytes), text);
    }),
    { numRuns: 2_000 },
  );
  for (const text of ['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA=A', 'AA==AA==', '-_==', ' AA==', 'AA==\n'])
    assert.equal(fromBase64(text), null, text);
});

test('hexadecimal comes back, in lower case', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(hex(bytes), Buffer.from(bytes).toString('hex'));
      assert.deepEqual(fromHex(hex(bytes)), bytes);
    }),
  );
});

test('concat and equal', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 5 }), (pieces) => {
      assert.ok(equal(concat(...pieces), new Uint8Array(Buffer.concat(pieces))));
    }),
  );
  assert.equal(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
  assert.equal(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0)), false);
});

test('64 bit, big-endian, up to the largest safe integer', () => {
  assert.equal(hex(uint64(0)), '0000000000000000');
  assert.equal(hex(uint64(258)), '0000000000000102');
  assert.equal(hex(uint64(Number.MAX_SAFE_INTEGER)), '001fffffffffffff');
});

test('UTF-8 comes back, a byte order mark stays, and nothing is replaced', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(fromUtf8(utf8(text)), text)));
  assert.equal(fromUtf8(fromHex('efbbbf')), '\ufeff');
  assert.throws(
    () => fromUtf8(fromHex('ff'), '/here'),
    (error) => error instanceof Refusal && error.code === 'text.not-utf8' && error.at === '/here',
  );
});
