import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bytes, concat, uint64 } from './bytes.ts';
import {
  consistencyNodes,
  consistencyProof,
  type Hash,
  hashLeaf,
  inclusionNodes,
  inclusionProof,
  nodesOf,
  rootFrom,
  rootNodes,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
import { provenTiles, type ReadTile, tileReader } from './tile-reader.ts';
import { newTiles, nodesOfTile, type Tile, tilePath } from './tiles.ts';

const most = 66_100;
const leaves: Hash[] = Array.from({ length: most }, (_, i) => hashLeaf(uint64(i)));
const nodes = nodesOf(leaves);

/** The store of a log that kept the tiles of this size only. */
function storeOf(size: number): { files: Map<string, Bytes>; asked: string[]; read: ReadTile } {
  const files = new Map(
    newTiles(0, size).map((tile) => [tilePath(tile), concat(...nodesOfTile(tile).map(nodes))]),
  );
  const asked: string[] = [];
  const read = async (tile: Tile): Promise<Bytes> => {
    asked.push(tilePath(tile));
    const data = files.get(tilePath(tile)) ?? files.get(tilePath({ ...tile, width: 256 }));
    if (data === undefined) throw new Error(`no ${tilePath(tile)}`);
    return data;
  };
  return { files, asked, read };
}

for (const size of [1, 255, 256, 257, 65_535, 65_536, 65_537, 66_100]) {
  test(`proofs from the proven tiles of a tree of ${size} leaves`, async () => {
    const { asked, read } = storeOf(size);
    const root = rootFrom(size, nodes);
    const tiles = tileReader(size, provenTiles({ size, root }, read));
    const old = Math.ceil(size / 3);
    const get = await tiles.nodes([
      ...rootNodes(size),
      ...inclusionNodes(old - 1, size),
      ...consistencyNodes(old, size),
    ]);
    assert.deepEqual(rootFrom(size, get), root);
    verifyInclusion(leaves[old - 1] as Hash, old - 1, size, inclusionProof(old - 1, size, get), root);
    verifyConsistency(old, rootFrom(old, nodes), size, root, consistencyProof(old, size, get));
    assert.equal(new Set(asked).size, asked.length, 'each tile is read once');
  });
}

test('no bit of a tile can be changed', async () => {
  const size = 65_900;
  const root = rootFrom(size, nodes);
  const good = storeOf(size);
  const paths = [...good.files.keys()];
  const some = fc.record({ at: fc.nat(paths.length - 1), byte: fc.nat(), bit: fc.nat(7) });
  await fc.assert(
    fc.asyncProperty(some, async ({ at, byte, bit }) => {
      const path = paths[at] as string;
      const data = (good.files.get(path) as Bytes).slice();
      data[byte % data.length] = (data[byte % data.length] as number) ^ (1 << bit);
      const read: ReadTile = async (tile) => (tilePath(tile) === path ? data : good.read(tile));
      const wanted = newTiles(0, size).find((tile) => tilePath(tile) === path) as Tile;
      await assert.rejects(provenTiles({ size, root }, read)(wanted), { code: 'tile.malformed' });
    }),
    { numRuns: 60 },
  );
});

test('a tile that this tree does not have is not proven', async () => {
  const size = 65_900;
  const { read } = storeOf(size);
  const proven = provenTiles({ size, root: rootFrom(size, nodes) }, read);
  await assert.rejects(proven({ level: 0, index: 257, width: 17 }), { code: 'tile.malformed' });
  await assert.rejects(proven({ level: 0, index: 257, width: 256 }), { code: 'fault' });
});

test('a full tile may stand in for a partial one that was deleted', async () => {
  const { read } = storeOf(65_792);
  const size = 65_600;
  const root = rootFrom(size, nodes);
  const get = await tileReader(size, provenTiles({ size, root }, read)).nodes(rootNodes(size));
  assert.deepEqual(rootFrom(size, get), root);
});

test('a tile of a wrong length is refused without proof, too', async () => {
  const reader = tileReader(300, async () => new Uint8Array(31));
  await assert.rejects(reader.nodes([{ level: 0, index: 0 }]), { code: 'tile.malformed' });
});

test('a read that failed is tried again', async () => {
  const { read } = storeOf(300);
  let failures = 1;
  const reader = tileReader(300, async (tile) => {
    if (failures-- > 0) throw new Error('network');
    return read(tile);
  });
  await assert.rejects(reader.nodes([{ level: 0, index: 7 }]), { message: 'network' });
  const get = await reader.nodes([{ level: 0, index: 7 }]);
  assert.deepEqual(get({ level: 0, index: 7 }), leaves[7]);
});

test('what was not fetched cannot be looked up', async () => {
  const get = await tileReader(600, storeOf(600).read).nodes([{ level: 0, index: 7 }]);
  assert.throws(() => get({ level: 0, index: 300 }), { code: 'fault' });
});
