import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf, instantText, textOf } from './fields.ts';

test('times have one spelling, and stay where microseconds are exact', () => {
  for (const text of ['1970-01-01T00:00:00.000Z', '2026-05-01T12:00:00.000Z', '2199-12-31T23:59:59.999Z']) {
    assert.equal(instantText.parse(text), text);
    assert.ok(Number.isSafeInteger(instantOf(text) + 1_000_000_000));
    assert.equal(textOf(instantOf(text)), `${text.slice(0, -1)}000Z`);
  }
  const wrong = [
    '9999-12-31T23:59:59.999Z',
    '2200-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00.000Z',
    '2026-02-30T12:00:00.000Z',
    '2026-05-01T12:00:00Z',
    '2026-05-01T14:00:00.000+02:00',
    '2026-05-01T24:00:00.000Z',
  ];
  for (const text of wrong) assert.equal(instantText.safeParse(text).success, false, text);
});
