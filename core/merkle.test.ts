import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bytes, fromBase64, fromHex, hex, uint64 } from './bytes.ts';
import {
  consistencyNodes,
  consistencyProof,
  emptyRoot,
  type Hash,
  hashLeaf,
  hashNode,
  inclusionNodes,
  inclusionPath,
  inclusionProof,
  type NodeSource,
  nodesOf,
  rootFrom,
  rootNodes,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

type Shape = { name: string; valid: boolean; code?: string };
type Vector = Shape &
  (
    | { kind: 'entries'; entries: string[]; root: string }
    | { kind: 'root'; size: number; root: string }
    | { kind: 'inclusion'; size: number; index: number; root: string; proof: string[] }
    | { kind: 'consistency'; size: number; oldSize: number; root: string; oldRoot: string; proof: string[] }
  );
const file = new URL('../vectors/log/merkle.json', import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'));

const leafOf = (index: number): Hash => hashLeaf(uint64(index));
const leaves = (size: number): Hash[] => Array.from({ length: size }, (_, i) => leafOf(i));
const bytes = (text: string): Bytes => fromBase64(text) as Bytes;

const large = leaves(70_000);
const largeNodes = nodesOf(large);

for (const vector of vectors) {
  test(`vector: ${vector.name}`, () => check(vector));
}

function check(vector: Vector): void {
  if (vector.kind === 'entries') {
    assert.equal(hex(rootOf(vector.entries.map((entry) => hashLeaf(fromHex(entry))))), vector.root);
  } else if (vector.kind === 'root') {
    assert.deepEqual(rootFrom(vector.size, largeNodes), bytes(vector.root));
  } else if (vector.kind === 'inclusion') {
    const { index, size } = vector;
    const proof = vector.proof.map(bytes);
    const run = () => verifyInclusion(leafOf(Math.max(index, 0)), index, size, proof, bytes(vector.root));
    if (!vector.valid) {
      assert.throws(run, { code: vector.code });
      return;
    }
    run();
    assert.deepEqual(inclusionProof(index, size, largeNodes), proof);
  } else {
    const { oldSize, size } = vector;
    const proof = vector.proof.map(bytes);
    const run = () => verifyConsistency(oldSize, bytes(vector.oldRoot), size, bytes(vector.root), proof);
    if (!vector.valid) {
      assert.throws(run, { code: vector.code });
      return;
    }
    run();
    assert.deepEqual(consistencyProof(oldSize, size, largeNodes), proof);
  }
}

/** The definitions of RFC 6962, 2.1, word for word. */
const naive = {
  split(n: number): number {
    let k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  },
  root(d: readonly Hash[]): Hash {
    if (d.length === 0) return emptyRoot;
    if (d.length === 1) return d[0] as Hash;
    const k = naive.split(d.length);
    return hashNode(naive.root(d.slice(0, k)), naive.root(d.slice(k)));
  },
  path(m: number, d: readonly Hash[]): Hash[] {
    if (d.length === 1) return [];
    const k = naive.split(d.length);
    return m < k
      ? [...naive.path(m, d.slice(0, k)), naive.root(d.slice(k))]
      : [...naive.path(m - k, d.slice(k)), naive.root(d.slice(0, k))];
  },
  subproof(m: number, d: readonly Hash[], whole: boolean): Hash[] {
    if (m === d.length) return whole ? [] : [naive.root(d)];
    const k = naive.split(d.length);
    return m <= k
      ? [...naive.subproof(m, d.slice(0, k), whole), naive.root(d.slice(k))]
      : [...naive.subproof(m - k, d.slice(k), false), naive.root(d.slice(0, k))];
  },
};

const upTo = 70;
const small = leaves(upTo);
const smallNodes = nodesOf(small);
const smallRoots = Array.from({ length: upTo + 1 }, (_, size) => naive.root(small.slice(0, size)));

test('every root and inclusion proof up to 70 leaves is that of a naive tree', () => {
  for (let size = 0; size <= upTo; size++) {
    const d = small.slice(0, size);
    const root = smallRoots[size] as Hash;
    assert.deepEqual(rootFrom(size, smallNodes), root);
    assert.deepEqual(rootOf(d), root);
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(index, size, smallNodes);
      assert.deepEqual(proof, naive.path(index, d));
      verifyInclusion(small[index] as Hash, index, size, proof, root);
    }
  }
});

test('every consistency proof up to 70 leaves is that of a naive tree', () => {
  for (let size = 0; size <= upTo; size++) {
    const root = smallRoots[size] as Hash;
    for (let old = 0; old <= size; old++) {
      const proof = consistencyProof(old, size, smallNodes);
      assert.deepEqual(proof, old === 0 ? [] : naive.subproof(old, small.slice(0, size), true));
      verifyConsistency(old, smallRoots[old] as Hash, size, root, proof);
    }
  }
});

test('a small tree gives its own inclusion proofs', () => {
  const parts = leaves(13);
  for (const [index, leaf] of parts.entries()) {
    verifyInclusion(leaf, index, 13, inclusionPath(parts, index), rootOf(parts));
  }
});

test('what a proof reads is what was announced, and every node of it is complete', () => {
  const recorded = (size: number): [NodeSource, string[]] => {
    const seen: string[] = [];
    const get: NodeSource = (node) => {
      assert.ok((node.index + 1) * 2 ** node.level <= size);
      seen.push(`${node.level} ${node.index}`);
      return smallNodes(node);
    };
    return [get, seen];
  };
  const names = (nodes: { level: number; index: number }[]) => nodes.map((n) => `${n.level} ${n.index}`);
  for (let size = 1; size <= upTo; size++) {
    const [get, seen] = recorded(size);
    rootFrom(size, get);
    assert.deepEqual(seen.splice(0), names(rootNodes(size)));
    inclusionProof(size >> 1, size, get);
    assert.deepEqual(seen.splice(0), names(inclusionNodes(size >> 1, size)));
    consistencyProof((size + 1) >> 1, size, get);
    assert.deepEqual(seen.splice(0), names(consistencyNodes((size + 1) >> 1, size)));
  }
});

/** A tree whose leaves are all the same can be as large as one likes: a node depends on its level alone. */
const uniform: Hash[] = [leafOf(0)];
for (let level = 1; level <= 53; level++) {
  const below = uniform[level - 1] as Hash;
  uniform.push(hashNode(below, below));
}
const uniformNodes: NodeSource = ({ level }) => uniform[level] as Hash;
const most = Number.MAX_SAFE_INTEGER;

test('trees of up to 2^53 - 1 leaves', () => {
  const sizes = fc.integer({ min: 1, max: most });
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [old, size] = a < b ? [a, b] : [b, a];
      const root = rootFrom(size, uniformNodes);
      const inclusion = inclusionProof(old - 1, size, uniformNodes);
      verifyInclusion(uniform[0] as Hash, old - 1, size, inclusion, root);
      const consistency = consistencyProof(old, size, uniformNodes);
      assert.ok(inclusion.length <= 53 && consistency.length <= 54);
      verifyConsistency(old, rootFrom(old, uniformNodes), size, root, consistency);
    }),
    { numRuns: 50 },
  );
  verifyInclusion(
    uniform[0] as Hash,
    most - 1,
    most,
    inclusionProof(most - 1, most, uniformNodes),
    rootFrom(most, uniformNodes),
  );
});

/** One bit turned in one of the hashes. */
function turned(hashes: readonly Hash[], which: number, bit: number): Hash[] {
  return hashes.map((hash, i) => {
    if (i !== which % hashes.length) return hash;
    const copy = hash.slice();
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    return copy;
  });
}

const mutation = fc.record({
  size: fc.integer({ min: 2, max: upTo }),
  at: fc.nat(),
  which: fc.nat(),
  bit: fc.integer({ min: 0, max: 255 }),
  how: fc.constantFrom('bit', 'drop', 'add', 'leaf', 'root', 'index'),
});

test('a changed inclusion proof is refused', () => {
  fc.assert(
    fc.property(mutation, ({ size, at, which, bit, how }) => {
      const index = at % size;
      const proof = inclusionProof(index, size, smallNodes);
      const leaf = [small[index] as Hash];
      const root = [smallRoots[size] as Hash];
      const [changed, l, r, i] = {
        bit: [turned(proof, which, bit), leaf, root, index] as const,
        drop: [proof.toSpliced(which % proof.length, 1), leaf, root, index] as const,
        add: [proof.toSpliced(which % (proof.length + 1), 0, leafOf(1)), leaf, root, index] as const,
        leaf: [proof, turned(leaf, 0, bit), root, index] as const,
        root: [proof, leaf, turned(root, 0, bit), index] as const,
        index: [proof, leaf, root, (index + 1 + (which % (size - 1))) % size] as const,
      }[how];
      assert.throws(() => verifyInclusion(l[0] as Hash, i, size, changed, r[0] as Hash), {
        code: 'proof.inclusion',
      });
    }),
    { numRuns: 300 },
  );
});

test('a changed consistency proof is refused', () => {
  fc.assert(
    fc.property(mutation, ({ size, at, which, bit, how }) => {
      const old = 1 + (at % (size - 1));
      const proof = consistencyProof(old, size, smallNodes);
      const before = [smallRoots[old] as Hash];
      const root = [smallRoots[size] as Hash];
      const [changed, b, r, o] = {
        bit: [turned(proof, which, bit), before, root, old] as const,
        drop: [proof.toSpliced(which % proof.length, 1), before, root, old] as const,
        add: [proof.toSpliced(which % (proof.length + 1), 0, leafOf(1)), before, root, old] as const,
        leaf: [proof, turned(before, 0, bit), root, old] as const,
        root: [proof, before, turned(root, 0, bit), old] as const,
        index: [proof, [smallRoots[old - 1] as Hash], root, old] as const,
      }[how];
      assert.throws(() => verifyConsistency(o, b[0] as Hash, size, r[0] as Hash, changed), {
        code: 'proof.consistency',
      });
    }),
    { numRuns: 300 },
  );
});

test('hashes that are not 32 bytes, and numbers that are none, prove nothing', () => {
  const short = new Uint8Array(31);
  assert.throws(() => verifyInclusion(short, 0, 1, [], short), { code: 'proof.inclusion' });
  for (const index of [-1, 0.5, Number.NaN, 2 ** 53, 1]) {
    assert.throws(() => verifyInclusion(leafOf(0), index, 1, [], leafOf(0)), { code: 'proof.inclusion' });
  }
  for (const size of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => verifyInclusion(leafOf(0), 0, size, [], leafOf(0)), { code: 'proof.inclusion' });
    assert.throws(() => verifyConsistency(1, leafOf(0), size, leafOf(0), []), { code: 'proof.consistency' });
    assert.throws(() => verifyConsistency(size, leafOf(0), 1, leafOf(0), []), { code: 'proof.consistency' });
  }
  assert.throws(() => verifyConsistency(0, emptyRoot, 0, leafOf(0), []), { code: 'proof.consistency' });
});

test('asking for a proof that no tree has is a fault of the caller', () => {
  assert.throws(() => inclusionNodes(3, 3), { code: 'fault' });
  assert.throws(() => consistencyNodes(4, 3), { code: 'fault' });
  assert.throws(() => rootNodes(-1), { code: 'fault' });
  assert.throws(() => nodesOf(leaves(3))({ level: 1, index: 1 }), { code: 'fault' });
});
