import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { withCases } from './cases.ts';
import { fieldsWith, wordsIn } from './subject.ts';

const found = (value: object, name: string) => fieldsWith(value as never, wordsIn(name));

test('capitals, accents and order do not count; every word of the name does', () => {
  const object = { name: 'MÜLLER, Maria', aliases: ['Mary Miller'], description: 'Maria at the quay' };
  assert.deepEqual(found(object, 'maria muller'), ['/name']);
  assert.deepEqual(found(object, 'Miller, Mary'), ['/aliases/0']);
  assert.deepEqual(found(object, 'Maria'), ['/name', '/description']);
  assert.deepEqual(found(object, 'Mari'), []);
});

test('names in parts stand beside each other', () => {
  const object = { contact: { first_name: 'Maria', last_name: 'Müller' }, 'a/b': { last_name: 'Müller' } };
  assert.deepEqual(found(object, 'Maria Müller'), ['/contact/first_name', '/contact/last_name']);
  assert.deepEqual(found(object, 'müller'), ['/contact/last_name', '/a~1b/last_name']);
});

test('other scripts, and numbers of documents', () => {
  assert.deepEqual(found({ name: 'Мария Иванова' }, 'иванова мария'), ['/name']);
  assert.deepEqual(found({ value: 'C01X-0006H' }, 'c01x 0006h'), ['/value']);
});

test('what is filed under a case is followed by a note on it, the same each time', async () => {
  const objects = Array.from({ length: 501 }, (_, i) =>
    utf8(JSON.stringify({ type: 'x', id: `x-y--${i}`, modified: '2026-01-01T00:00:00Z' })),
  );
  const filed = async () =>
    Array.fromAsync(withCases(objects, ['A 1']), (bytes) => new TextDecoder().decode(bytes));
  const once = await filed();
  const notes = once.filter((text) => text.includes('"note"')).map((text) => JSON.parse(text));
  assert.deepEqual(
    notes.map(({ object_refs, external_references }) => [object_refs.length, external_references]),
    [
      [500, [{ source_name: 'case', external_id: 'A 1' }]],
      [1, [{ source_name: 'case', external_id: 'A 1' }]],
    ],
  );
  assert.deepEqual(await filed(), once);
  await assert.rejects(Array.fromAsync(withCases(objects, [' '])));
});
