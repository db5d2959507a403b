import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hex, utf8 } from './bytes.ts';
import { sha256 } from './sha256.ts';

test('pieces have the hash of the whole, wherever it is cut', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, (list) => {
      const before = list.map((piece) => piece.slice());
      assert.equal(hex(sha256(...list)), createHash('sha256').update(Buffer.concat(list)).digest('hex'));
      assert.deepEqual(list, before);
    }),
  );
});

test('the example of FIPS 180-2, B.1', () => {
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert.equal(hex(sha256(utf8('a'), utf8('bc'))), expected);
});
