import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import fc from 'fast-check';
import { normal, pack, partsOf, type RecordParts, unpack } from './packing.ts';

const index = fc.oneof(fc.nat(300), fc.maxSafeNat());
const parts = fc.oneof(
  fc.uniqueArray(fc.nat(255), { maxLength: 256 }),
  fc
    .tuple(fc.nat(255), fc.nat(255))
    .map(([a, b]) => Array.from({ length: Math.abs(a - b) + 1 }, (_, i) => Math.min(a, b) + i)),
);
const list: fc.Arbitrary<RecordParts[]> = fc.uniqueArray(fc.record({ index, parts }), {
  selector: (record) => record.index,
  maxLength: 20,
});

test('a list comes back as it was, sorted', () => {
  fc.assert(
    fc.property(list, (list) => {
      const sorted = normal(list);
      assert.deepEqual(unpack(pack(sorted)), sorted);
      for (const record of list)
        assert.deepEqual(
          partsOf(pack(sorted), record.index),
          record.parts.toSorted((a, b) => a - b),
        );
    }),
  );
});

test('what is named twice is merged', () => {
  const twice = [
    { index: 7, parts: [3, 1] },
    { index: 2, parts: [] },
    { index: 7, parts: [1, 2] },
  ];
  assert.deepEqual(normal(twice), [
    { index: 2, parts: [] },
    { index: 7, parts: [1, 2, 3] },
  ]);
});

test('the bytes are those of the format', () => {
  assert.equal(hex(pack([])), '');
  assert.equal(hex(pack([{ index: 300, parts: [0, 1, 2, 9] }])), 'ac0202' + '0002' + '0900');
  assert.equal(hex(pack([0, 1].map((index) => ({ index, parts: [] })))), '0000' + '0000');
  const whole = Array.from({ length: 256 }, (_, n) => n);
  assert.equal(hex(pack([{ index: 0, parts: whole }])), '000100ff');
  const even = whole.filter((n) => n % 2 === 0);
  assert.equal(hex(pack([{ index: 0, parts: even }])), `00ff${'55'.repeat(32)}`);
});

test('a record that is not in the list has no parts', () => {
  const packed = pack([{ index: 5, parts: [1] }]);
  assert.deepEqual(partsOf(packed, 4), []);
  assert.deepEqual(partsOf(packed, 6), []);
});

test('any bytes are a list or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        unpack(bytes);
      } catch (error) {
        assert.ok(error instanceof Refusal && error.code === 'store.corrupt');
      }
    }),
  );
});

test('what is no record or part is a fault of ours', () => {
  for (const bad of [
    { index: -1, parts: [] },
    { index: 0.5, parts: [] },
    { index: 2 ** 53, parts: [] },
    { index: 0, parts: [256] },
    { index: 0, parts: [-1] },
  ])
    assert.throws(() => normal([bad]), { code: 'fault' });
});
