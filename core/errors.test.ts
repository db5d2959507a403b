import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allCodes, classOf, isCode, Refusal, titleOf } from './errors.ts';

test('spec/errors.md lists every code, with class and meaning, and no other', () => {
  const page = readFileSync(new URL('../spec/errors.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const expected = allCodes.map((code) => `| \`${code}\` | ${classOf(code)} | ${titleOf(code)} |`);
  assert.deepEqual(rows, expected, 'run `node tools/make-errors.ts`');
});

test('a refusal carries its code, and says where', () => {
  const refusal = new Refusal('header.room', { at: '/room', detail: 'this kind names a room' });
  assert.equal(refusal.class, 'malformed');
  assert.equal(refusal.message, 'This kind must, or must not, name a room at /room: this kind names a room');
  assert.deepEqual(refusal.params, {});
  assert.equal(isCode('toString'), false);
});
