import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { meets, parsePolicy, type Tally, tallyOf, trustIn } from './policy.ts';

type Vector = {
  name: string;
  policy: string;
  cosigned: string[];
  met: boolean;
  tally?: Tally;
  code?: string;
};
const file = new URL('../vectors/log/policy.json', import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'));

for (const vector of vectors) {
  test(`vector: ${vector.name}`, () => {
    if (vector.tally === undefined) {
      assert.throws(() => parsePolicy(vector.policy), { code: vector.code });
      return;
    }
    const policy = parsePolicy(vector.policy);
    // The vectors give names of keys; each name has one key here.
    const cosigned = policy.witnesses
      .map(({ vkey }) => vkey)
      .filter(({ name }) => vector.cosigned.includes(name));
    assert.deepEqual(tallyOf(policy, cosigned), vector.tally);
    if (vector.met) assert.deepEqual(meets(policy, cosigned), vector.tally);
    else assert.throws(() => meets(policy, cosigned), { code: 'policy.unmet', params: vector.tally });
  });
}

const example = parsePolicy(vectors[0]?.policy ?? '');

test('a name without the id of the key does not count', () => {
  const strangers = example.witnesses.map(({ vkey }) => ({ name: vkey.name, keyId: '00000000' }));
  assert.equal(tallyOf(example, strangers).cosigned, 0);
  assert.throws(() => meets(example, strangers), { code: 'policy.unmet' });
});

test('who cosigns twice counts once', () => {
  const one = example.witnesses[0]?.vkey;
  assert.ok(one);
  assert.equal(tallyOf(example, [one, one, one]).cosigned, 1);
});

test('one witness down, and one too many', () => {
  const keys = example.witnesses.map(({ vkey }) => vkey);
  meets(example, keys.toSpliced(0, 1));
  assert.throws(() => meets(example, keys.toSpliced(0, 2)), { code: 'policy.unmet' });
});

test('the logs of an origin, and all witnesses', () => {
  const trust = trustIn(example, 'centre.example/log');
  assert.equal(trust.logs.length, 1);
  assert.equal(trust.witnesses.length, 6);
  assert.equal(trustIn(example, 'other.example/log').logs.length, 0);
});

test('the refusal names the line', () => {
  assert.throws(() => parsePolicy('# first\n\nquorum nobody\n'), { code: 'policy.malformed', at: 'line 3' });
});
