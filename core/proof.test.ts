import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex, utf8 } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { hashLeaf, verifyInclusion } from './merkle.ts';
import { meets, parsePolicy, trustIn } from './policy.ts';
import { formatProof, parseProof } from './proof.ts';

type Vector = {
  name: string;
  proof: string;
  policy?: string;
  origin: string;
  entry: string;
  index: number;
  extra?: string;
  code?: string;
};
const file = new URL('../vectors/log/proof.json', import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'));

for (const vector of vectors) {
  test(`vector: ${vector.name}`, async () => {
    if (vector.policy === undefined) {
      assert.throws(() => parseProof(vector.proof), { code: vector.code });
      return;
    }
    const { index, path, checkpoint: note, extra } = parseProof(vector.proof);
    assert.equal(index, vector.index);
    assert.deepEqual(extra, vector.extra === undefined ? undefined : utf8(vector.extra));
    const policy = parsePolicy(vector.policy);
    const { checkpoint, cosigned } = await openCheckpoint(note, trustIn(policy, vector.origin));
    assert.deepEqual(meets(policy, cosigned), { cosigned: 2, of: 2, needed: 2 });
    const leaf = hashLeaf(fromHex(vector.entry));
    verifyInclusion(leaf, index, checkpoint.size, path, checkpoint.root);
    assert.throws(() => verifyInclusion(leaf, index + 1, checkpoint.size, path, checkpoint.root), {
      code: 'proof.inclusion',
    });
    assert.equal(formatProof(parseProof(vector.proof)), vector.proof);
  });
}

test('a tree of one leaf has no hash lines', () => {
  const text = formatProof({ index: 0, path: [], checkpoint: utf8('note\n') });
  assert.equal(text, 'c2sp.org/tlog-proof@v1\nindex 0\n\nnote\n');
  assert.deepEqual(parseProof(text), { index: 0, path: [], checkpoint: utf8('note\n') });
});
