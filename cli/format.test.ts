import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyText, table } from './format.ts';
import { partLine } from './shown.ts';

test('a table that is wider than the terminal stands below each other', () => {
  const rows = [
    ['City of Marrow', '0-3', ''],
    ['Relief Corps', '1', 'a word that is long'],
  ];
  const wide =
    'PARTY           PARTS  WHY\nCity of Marrow  0-3\nRelief Corps    1      a word that is long\n';
  const head = ['party', 'parts', 'why'];
  assert.equal(table(head, rows, ''), wide);
  assert.equal(table(head, rows, '', 42), wide);
  assert.equal(
    table(head, rows, '', 41),
    'City of Marrow\n  parts  0-3\nRelief Corps\n  parts  1\n  why    a word that is long\n',
  );
  assert.equal(table(head, [], 'None.', 10), 'None.\n');
});

test('so does a line of what is read', () => {
  const cells = [
    ['when', 6],
    ['which', 6],
    ['who', 4],
    ['indicator', 12],
  ] as const;
  const row = { cells, title: 'A name', key: '', version: '' };
  assert.equal(partLine(row, false), 'when    which   who   indicator     A name\n');
  assert.equal(partLine(row, false, 42), 'when    which   who   indicator     A name\n');
  assert.equal(partLine(row, true, 42), 'when    which   who\n  indicator  A name (older version)\n');
});

test('a long key is shortened, a short one is whole', () => {
  assert.equal(keyText('c.example/log/1+1+AA=='), 'c.example/log/1+1+AA==');
  assert.match(keyText('x'.repeat(1_700)), /^x{96}… \(whole with --json\)$/);
});
