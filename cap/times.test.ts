import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capTime, instantOf, isCapTime } from './times.ts';

describe('a CAP time', () => {
  it('has an offset, and neither Z nor fractions', () => {
    for (const text of [
      '2026-05-01T14:00:00+02:00',
      '2026-05-01T12:00:00-00:00',
      '2026-05-01T12:00:00+00:00',
    ])
      assert.ok(isCapTime(text), text);
    // XML Schema Part 2, 3.2.7, and in the pattern of the schema.
    for (const text of ['2026-12-31T24:00:00-05:00', '2024-02-29T00:00:00+14:00'])
      assert.ok(isCapTime(text), text);
    const wrong = [
      '2026-05-01T12:00:00Z',
      '2026-05-01T12:00:00.000+02:00',
      '2026-05-01T12:00:00',
      '2026-05-01T12:00+02:00',
      '2026-02-29T12:00:00+02:00',
      '2026-05-01T24:00:01+02:00',
      '2026-05-01T12:00:60+02:00',
      '2026-05-01T12:00:00+14:01',
      '2026-05-01T12:00:00+02:60',
      '2026-05-01T12:00:00,02:00',
      '0000-05-01T12:00:00+02:00',
    ];
    for (const text of wrong) assert.equal(isCapTime(text), false, text);
  });

  it('is an instant, whichever way UTC is spelt', () => {
    const noon = Date.parse('2026-05-01T12:00:00Z');
    for (const text of [
      '2026-05-01T14:00:00+02:00',
      '2026-05-01T12:00:00-00:00',
      '2026-05-01T12:00:00+00:00',
    ])
      assert.equal(instantOf(text), noon);
    assert.equal(instantOf('2026-12-31T24:00:00-00:00'), Date.parse('2027-01-01T00:00:00Z'));
  });

  it('is made with the offset of the author, to the second below', () => {
    const noon = Date.parse('2026-05-01T12:00:00.999Z');
    assert.equal(capTime(noon, 0), '2026-05-01T12:00:00-00:00');
    assert.equal(capTime(noon, 'UTC'), '2026-05-01T12:00:00-00:00');
    assert.equal(capTime(noon, 'Europe/Luxembourg'), '2026-05-01T14:00:00+02:00');
    assert.equal(capTime(noon, 'America/St_Johns'), '2026-05-01T09:30:00-02:30');
    assert.equal(capTime(noon, 345), '2026-05-01T17:45:00+05:45');
    assert.equal(capTime(noon, -30), '2026-05-01T11:30:00-00:30');
  });

  it('follows the change to summer time and back', () => {
    const zone = 'Europe/Berlin';
    assert.equal(capTime(Date.parse('2026-10-25T00:30:00Z'), zone), '2026-10-25T02:30:00+02:00');
    assert.equal(capTime(Date.parse('2026-10-25T01:30:00Z'), zone), '2026-10-25T02:30:00+01:00');
    assert.equal(capTime(Date.parse('2026-03-29T01:00:00Z'), zone), '2026-03-29T03:00:00+02:00');
  });
});
