import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectList, collectNumbers, hostAndPort, numberedFile, when, whole } from './arguments.ts';

const now = Date.parse('2026-05-01T12:00:00.000Z');

test('a time is a span, a day or an instant, and one spelling comes out', () => {
  const right = [
    ['12h', '2026-05-02T00:00:00.000Z'],
    ['30d', '2026-05-31T12:00:00.000Z'],
    ['2w', '2026-05-15T12:00:00.000Z'],
    ['2026-05-31', '2026-05-31T23:59:59.999Z'],
    ['2026-05-31T18:00:00Z', '2026-05-31T18:00:00.000Z'],
    ['2026-05-31T18:00:00+02:00', '2026-05-31T16:00:00.000Z'],
  ] as const;
  for (const [typed, text] of right) assert.equal(when(typed, now), text);
  // Without a zone it would mean another instant on another machine.
  for (const wrong of [
    '',
    'soon',
    '12',
    '5m',
    '2026-02-31',
    '2026-13-01',
    '2026-05-31T18:00:00',
    '31.05.2026',
  ])
    assert.throws(() => when(wrong, now), /expected a span/, wrong);
});

test('lists, part numbers, addresses and numbered files', () => {
  assert.deepEqual(collectList('a, b', ['x']), ['x', 'a', 'b']);
  assert.throws(() => collectList('a,,b', undefined));
  assert.deepEqual(collectNumbers('3,0-1', collectNumbers('1-2', undefined)), [0, 1, 2, 3]);
  for (const wrong of ['256', '2-1', 'x', '', '1,', '-1'])
    assert.throws(() => collectNumbers(wrong, undefined), wrong);
  assert.deepEqual(hostAndPort('7380'), { host: '127.0.0.1', port: 7380 });
  assert.deepEqual(hostAndPort('[::1]:0'), { host: '::1', port: 0 });
  assert.deepEqual(hostAndPort('0.0.0.0:80'), { host: '0.0.0.0', port: 80 });
  for (const wrong of ['', 'host', '::1:80', 'host:99999']) assert.throws(() => hostAndPort(wrong), wrong);
  assert.deepEqual([...numberedFile('2=a=b', undefined)], [[2, 'a=b']]);
  for (const wrong of ['2', '=x', '300=x', '2=']) assert.throws(() => numberedFile(wrong, undefined), wrong);
  assert.equal(whole(1, 10)('10'), 10);
  for (const wrong of ['0', '11', '1.5', '', '-1', '1e1']) assert.throws(() => whole(1, 10)(wrong), wrong);
});
