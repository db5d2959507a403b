import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partNumber } from '../log/ports.ts';
import { openHere } from './fixture.ts';

test('the instant at which the last part of a record was erased', async (t) => {
  const { erasures } = await openHere(t);
  assert.equal(await erasures.erasedAt(3), null);
  await erasures.recordErased([partNumber(3, 0), partNumber(3, 255), partNumber(4, 0)], 10);
  await erasures.recordErased([partNumber(3, 7)], 30);
  await erasures.recordErased([partNumber(3, 7)], 20);
  assert.equal(await erasures.erasedAt(3), 30);
  assert.equal(await erasures.erasedAt(4), 10);
  assert.equal(await erasures.erasedAt(2), null);
  await erasures.recordErased([], 40);
});

test('many records in one go', async (t) => {
  const { erasures } = await openHere(t);
  await erasures.recordErased(
    Array.from({ length: 5_000 }, (_, index) => partNumber(index, index % 256)),
    10,
  );
  assert.equal(await erasures.erasedAt(4_999), 10);
});
