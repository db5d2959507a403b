import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, utf8 } from '@parley/core/bytes.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { foldVersion, projectionTables } from './folds.ts';
import { projectionSpelling } from './storage/sqlite-spelling.ts';

test('a change of the projections’ tables raises the fold version, so that old stores are folded again', () => {
  const text = projectionTables.flatMap(({ create }) => create(projectionSpelling)).join('\n');
  assert.deepEqual(
    { foldVersion, tables: hex(sha256(utf8(text))) },
    // Changed the tables, or a fold? Raise `foldVersion` and put both values here.
    { foldVersion: 6, tables: 'fb95e34285d2acc2547935387bb97d467c63905d5e3ea1a9fde38fd47e486539' },
  );
});
