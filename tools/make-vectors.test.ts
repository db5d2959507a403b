import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { vectorFiles, vectorText } from './make-vectors.ts';

test('the committed vectors are those that make-vectors makes', () => {
  for (const [path, examples] of Object.entries(vectorFiles)) {
    const committed = readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8');
    assert.equal(committed, vectorText(examples), path);
  }
});
