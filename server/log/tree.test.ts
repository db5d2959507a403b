import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Bytes, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { hashLeaf, inclusionPath, rootOf, verifyConsistency, verifyInclusion } from '@parley/core/merkle.ts';
import { parseEntriesTile, parseTilePath, tilePath } from '@parley/core/tiles.ts';
import type { Head, LogReader } from './ports.ts';
import { consistencyProofAt, inclusionProofAt, tileBytes } from './proofs.ts';
import { sampleOrigin } from './sample.ts';
import { type Growth, Tree } from './tree.ts';

const leaves = Array.from({ length: 66_500 }, (_, i) => hashLeaf(Uint8Array.of(i >> 16, i >> 8, i)));

/** As much of a store as tiles need. */
class Shelf {
  readonly tiles = new Map<string, Bytes>();
  head: Head | null = null;
  reads = 0;

  put({ tree, tiles }: Growth): void {
    for (const { level, index, data } of tiles) this.tiles.set(`${level}/${index}`, data);
    this.head = { size: tree.size, root: tree.root, instant: 0, checkpoint: sampleOrigin };
  }

  readonly reader = {
    head: async () => this.head,
    tile: async (level: number, index: number) => {
      this.reads++;
      return this.tiles.get(`${level}/${index}`) ?? null;
    },
    commitments: async (from: number, to: number) => leaves.slice(from, Math.min(to, this.head?.size ?? 0)),
  } as unknown as LogReader;
}

/** Appends in batches of these sizes, and loads the tree anew before each. */
async function grown(batches: readonly number[]): Promise<{ shelf: Shelf; tree: Tree }> {
  const shelf = new Shelf();
  for (const count of batches) {
    const tree = await Tree.load(shelf.reader);
    shelf.put(tree.grow(leaves.slice(tree.size, tree.size + count)));
  }
  return { shelf, tree: await Tree.load(shelf.reader) };
}

describe('the edge of the tree', () => {
  it('gives the root of RFC 6962 for every way to the same size', async () => {
    for (const batches of [
      [1],
      [1, 1],
      [255, 1],
      [256],
      [257],
      [100, 156, 1],
      [3, 700, 65],
      [65_535],
      [65_536],
      [65_000, 537],
    ]) {
      const { tree } = await grown(batches);
      assert.deepEqual(tree.root, rootOf(leaves.slice(0, tree.size)), `${batches}`);
    }
  });

  it('proves each record of a batch, across the borders of tiles', async () => {
    for (const [before, count] of [
      [0, 1],
      [0, 300],
      [200, 256],
      [255, 2],
      [256, 1],
      [511, 260],
      [65_400, 300],
      [65_536, 5],
    ] as const) {
      const { tree } = await grown(before === 0 ? [] : [before]);
      const growth = tree.grow(leaves.slice(before, before + count));
      const { size, root } = growth.tree;
      for (let index = before; index < size; index++)
        verifyInclusion(leaves[index] ?? root, index, size, growth.proof(index), root);
      assert.deepEqual(growth.proof(before), inclusionPath(leaves.slice(0, size), before));
      if (before > 0) assert.throws(() => growth.proof(before - 1), Refusal);
    }
  });

  it('changes nothing in the tree it grows from', async () => {
    const { tree } = await grown([700]);
    const { root } = tree;
    const first = tree.grow(leaves.slice(0, 400));
    const second = tree.grow(leaves.slice(700, 1_100));
    assert.notDeepEqual(first.tree.root, second.tree.root);
    assert.deepEqual(second.tree.root, rootOf(leaves.slice(0, 1_100)));
    assert.deepEqual(tree.root, root);
    assert.deepEqual(tree.grow([]).tree.root, root);
    assert.deepEqual(tree.grow([]).tiles, []);
  });

  it('is loaded with one read a level, and only where the tiles give the root', async () => {
    const { shelf } = await grown([66_000]);
    shelf.reads = 0;
    await Tree.load(shelf.reader);
    assert.equal(shelf.reads, 3);
    const broken = (spoil: () => void) => {
      spoil();
      return assert.rejects(
        Tree.load(shelf.reader),
        (error) => error instanceof Refusal && error.code === 'store.corrupt',
      );
    };
    const edge = shelf.tiles.get('0/257');
    assert.ok(edge && shelf.head);
    await broken(() => shelf.tiles.set('0/257', edge.slice(32)));
    await broken(() =>
      shelf.tiles.set(
        '0/257',
        edge.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
      ),
    );
    await broken(() => shelf.tiles.delete('0/257'));
  });
});

describe('proofs from the store', () => {
  it('hold for any record and any earlier size', async () => {
    const { shelf } = await grown([1, 255, 300, 65_000, 300]);
    for (const size of [1, 255, 256, 257, 600, 65_536, 65_856]) {
      const root = rootOf(leaves.slice(0, size));
      for (const index of [0, size >> 1, size - 1])
        verifyInclusion(
          leaves[index] ?? root,
          index,
          size,
          await inclusionProofAt(shelf.reader, index, size),
          root,
        );
      const old = size >> 1;
      const oldRoot = rootOf(leaves.slice(0, old));
      verifyConsistency(old, oldRoot, size, root, await consistencyProofAt(shelf.reader, old, size));
    }
  });

  it('give every tile that C2SP knows, and null for the others', async () => {
    const { shelf } = await grown([70, 500, 65_430]);
    const read = (path: string, size = 66_000) => tileBytes(shelf.reader, parseTilePath(path), size);
    assert.equal((await read('tile/0/000'))?.length, 8_192);
    assert.deepEqual(await read('tile/0/257.p/208'), concat(...leaves.slice(65_792, 66_000)));
    assert.equal((await read('tile/0/000.p/70'))?.length, 70 * 32);
    assert.equal((await read('tile/1/001.p/1'))?.length, 32);
    assert.equal((await read('tile/2/000.p/1'))?.length, 32);
    for (const path of [
      'tile/0/257',
      'tile/0/257.p/209',
      'tile/0/258.p/1',
      'tile/1/001',
      'tile/1/001.p/2',
      'tile/2/000.p/2',
      'tile/3/000.p/1',
      'tile/63/000.p/1',
      'tile/entries/257',
      'tile/entries/x001/000.p/1',
    ])
      assert.equal(await read(path), null, path);
    assert.equal(await read('tile/0/000', 255), null, 'not full at that size');
    const bundle = await read('tile/entries/257.p/3');
    assert.deepEqual(bundle && parseEntriesTile(bundle), leaves.slice(65_792, 65_795));
    assert.equal(tilePath({ level: 0, index: 257, width: 208 }), 'tile/0/257.p/208');
  });
});
