import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, utf8 } from '@parley/core/bytes.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { foldVersion, projectionTables } from './folds.ts';

test('a change of the projections’ tables raises the fold version, so that old stores are folded again', () => {
  const text = projectionTables.flatMap(({ create }) => create).join('\n');
  assert.deepEqual(
    { foldVersion, tables: hex(sha256(utf8(text))) },
    // Changed the tables, or a fold? Raise `foldVersion` and put both values here.
    { foldVersion: 6, tables: '141d0519761a812c0ca7ee156052fb651aaea59a5f3ae74f26fb2f178487328a' },
  );
});
