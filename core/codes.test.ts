import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runVectors } from '../tools/vectors/read.ts';
import { classificationIn, classifications, equivalents, isAbove } from './classification.ts';
import { boundsOf, handlingCodes, handlingForCodes, type Wanted } from './codes.ts';
import type { Handling } from './handling.ts';
import { isShippedPurpose } from './purposes.ts';
import type { Terms } from './terms.ts';

runVectors<{ codes: string[]; wanted: Wanted; terms: Terms | null; handling?: Handling }>(
  'handling/codes.json',
  ({ codes, wanted, terms, handling }) => {
    assert.deepEqual(handlingForCodes(codes, wanted, terms), handling);
  },
);

test('a code with others never allows more than alone', () => {
  const ids = handlingCodes.map(({ id }) => id);
  for (const a of ids)
    for (const b of ids.filter((id) => id !== a)) {
      const together = boundsOf([a, b]);
      for (const alone of [boundsOf([a]), boundsOf([b])]) {
        assert.ok(together.purposes.every((id) => alone.purposes.includes(id)));
        assert.ok(together.onward.every((rule) => alone.onward.includes(rule)));
      }
      assert.ok(together.purposes.length > 0 && together.onward.length > 0, `${a} ${b}`);
      assert.deepEqual(together, boundsOf([b, a]));
    }
});

test('each code is for shipped purposes, and says so in each language', () => {
  for (const { purposes, title } of handlingCodes) {
    assert.ok(purposes.every(isShippedPurpose));
    assert.ok(title.en !== '' && title.de !== '' && title.fr !== '');
  }
});

test('each level but the lowest has its marking of the Union and of NATO, and each is read as that level alone', () => {
  assert.deepEqual(
    equivalents.map(({ level }) => level),
    classifications.slice(1),
  );
  for (const { level, eu, nato } of equivalents)
    for (const text of [eu, ...eu.split('/'), nato]) {
      assert.equal(classificationIn(text), level);
      assert.equal(classificationIn(` ${text.toLowerCase()} `), level);
    }
  assert.equal(classificationIn('RESERVADO'), null);
  assert.equal(classificationIn('secret'), null);
});

test('a level is above those before it, and never above itself', () => {
  for (const [i, level] of classifications.entries())
    for (const [j, other] of classifications.entries()) assert.equal(isAbove(level, other), i > j);
});
