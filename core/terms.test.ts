import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVectors, runVectors } from '../tools/vectors/read.ts';
import { base64, utf8 } from './bytes.ts';
import { checkHandling } from './handling.ts';
import { partLeaf, readPart } from './parts.ts';
import { type Terms, termsSchema } from './terms.ts';

interface TermsVector {
  readonly terms: Terms;
}

runVectors<TermsVector>('handling/terms.json', ({ terms }) =>
  readPart(termsSchema, utf8(JSON.stringify(terms))),
);

test('a share as the terms propose is never a contradiction', () => {
  for (const { valid, terms } of readVectors<TermsVector>('handling/terms.json').filter(({ valid }) => valid))
    checkHandling({
      to: 'room',
      until: null,
      review: null,
      personal: valid ? false : [{ category: 'other', nature: 'fact' }],
      ...terms.handling,
    });
});

test('the hash of the terms follows from every byte and from the salt', () => {
  const [first] = readVectors<TermsVector>('handling/terms.json');
  const bytes = utf8(JSON.stringify(first?.terms));
  const salt = new Uint8Array(16);
  const hashes = [
    partLeaf({ salt, bytes }),
    partLeaf({ salt, bytes: utf8(` ${JSON.stringify(first?.terms)}`) }),
    partLeaf({ salt: salt.map(() => 1), bytes }),
  ].map(base64);
  assert.equal(new Set(hashes).size, 3);
});
