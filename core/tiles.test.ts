import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bytes, concat, fromHex, hex, uint64 } from './bytes.ts';
import { type Hash, hashLeaf, nodesOf } from './merkle.ts';
import {
  type EntryBundle,
  edgeTiles,
  entriesTile,
  newTiles,
  nodeFromTile,
  nodesOfTile,
  parseEntriesTile,
  parseTilePath,
  type Tile,
  tileOfNode,
  tilePath,
  verifyEntries,
} from './tiles.ts';

type Shape = { name: string; valid: boolean; code?: string };
type Vector = Shape &
  (
    | { kind: 'path'; path: string; tile?: Tile | EntryBundle }
    | { kind: 'new'; oldSize: number; newSize: number; paths: string[] }
    | { kind: 'entries'; bundle: string; entries?: string[] }
  );
const file = new URL('../vectors/log/tiles.json', import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'));

for (const vector of vectors) {
  test(`vector: ${vector.name}`, () => check(vector));
}

function check(vector: Vector): void {
  if (vector.kind === 'path') {
    if (vector.tile === undefined) {
      assert.throws(() => parseTilePath(vector.path), { code: vector.code });
      return;
    }
    assert.deepEqual(parseTilePath(vector.path), vector.tile);
    assert.equal(tilePath(vector.tile), vector.path);
  } else if (vector.kind === 'new') {
    assert.deepEqual(newTiles(vector.oldSize, vector.newSize).map(tilePath), vector.paths);
  } else {
    const bundle = fromHex(vector.bundle);
    if (vector.entries === undefined) {
      assert.throws(() => parseEntriesTile(bundle), { code: vector.code });
      return;
    }
    assert.deepEqual(parseEntriesTile(bundle).map(hex), vector.entries);
    assert.equal(hex(entriesTile(vector.entries.map(fromHex))), vector.bundle);
  }
}

/** Full and partial tiles by level, for the sizes where something changes. */
const widths: [number, string][] = [
  [0, ''],
  [1, '0+1'],
  [255, '0+255'],
  [256, '1+0 0+1'],
  [257, '1+1 0+1'],
  [65_535, '255+255 0+255'],
  [65_536, '256+0 1+0 0+1'],
  [65_537, '256+1 1+0 0+1'],
  [70_000, '273+112 1+17 0+1'],
];

for (const [size, expected] of widths) {
  test(`the tiles of a tree of ${size} leaves`, () => {
    const levels: string[] = [];
    const tiles = newTiles(0, size);
    for (let level = 0; tiles.some((tile) => tile.level === level); level++) {
      const here = tiles.filter((tile) => tile.level === level);
      const partial = here.filter((tile) => tile.width < 256);
      levels.push(`${here.length - partial.length}+${partial[0]?.width ?? 0}`);
      assert.ok(partial.length <= 1);
    }
    assert.equal(levels.join(' '), expected);
    assert.deepEqual(
      edgeTiles(size),
      tiles.filter((tile) => tile.width < 256),
    );
  });
}

test('growing writes exactly the tiles that the smaller tree did not have', () => {
  const sizes = fc.oneof(fc.nat(1000), fc.nat(200_000));
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [old, size] = a < b ? [a, b] : [b, a];
      const had = new Set(newTiles(0, old).map(tilePath));
      const needed = newTiles(0, size).filter((tile) => !had.has(tilePath(tile)));
      assert.deepEqual(newTiles(old, size), needed);
    }),
    { numRuns: 100 },
  );
});

test('every path of a tile can be read back', () => {
  const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const));
  const index = fc.integer({ min: 0, max: 2 ** 45 - 1 });
  const width = fc.integer({ min: 1, max: 256 });
  fc.assert(
    fc.property(fc.record({ level, index, width }, { noNullPrototype: true }), (tile) => {
      assert.deepEqual(parseTilePath(tilePath(tile as Tile | EntryBundle)), tile);
    }),
  );
});

const size = 67_000;
const leaves: Hash[] = Array.from({ length: size }, (_, i) => hashLeaf(uint64(i)));
const nodes = nodesOf(leaves);
const content = (tile: Tile): Bytes => concat(...nodesOfTile(tile).map(nodes));

test('every level of a tree can be looked up in its tiles', () => {
  for (let level = 0; 2 ** level <= size; level++) {
    const last = Math.floor(size / 2 ** level) - 1;
    for (const index of new Set([0, last >> 1, last])) {
      const node = { level, index };
      const tile = tileOfNode(node, size);
      assert.ok(newTiles(0, size).some((each) => tilePath(each) === tilePath(tile)));
      assert.deepEqual(nodeFromTile(tile, content(tile), node), nodes(node));
    }
  }
});

test('a full tile gives the hash that stands for it above', () => {
  const tile = { level: 0, index: 3, width: 256 };
  assert.deepEqual(nodeFromTile(tile, content(tile), { level: 8, index: 3 }), nodes({ level: 8, index: 3 }));
});

test('a tile of another length, or without the node, gives nothing', () => {
  const tile = { level: 0, index: 3, width: 256 };
  const code = 'tile.malformed';
  assert.throws(() => nodeFromTile(tile, content(tile).slice(1), { level: 0, index: 768 }), { code });
  assert.throws(() => nodeFromTile(tile, content(tile), { level: 0, index: 767 }), { code: 'fault' });
  assert.throws(() => nodeFromTile(tile, content(tile), { level: 0, index: 1024 }), { code: 'fault' });
  assert.throws(() => nodeFromTile(tile, content(tile), { level: 9, index: 1 }), { code: 'fault' });
  assert.throws(() => tileOfNode({ level: 1, index: 1 }, 3), { code: 'fault' });
});

test('an entry holds at most 65,535 bytes, a bundle 256 entries', () => {
  const largest = new Uint8Array(65_535).fill(7);
  assert.deepEqual(parseEntriesTile(entriesTile([largest, new Uint8Array(0)])), [largest, new Uint8Array(0)]);
  assert.throws(() => entriesTile([new Uint8Array(65_536)]), { code: 'fault' });
  const many = Array.from({ length: 257 }, () => new Uint8Array(1));
  assert.equal(parseEntriesTile(entriesTile(many.slice(1))).length, 256);
  assert.throws(() => entriesTile(many), { code: 'fault' });
});

test('entries are those of their tile, or refused', () => {
  const tile = tileOfNode({ level: 0, index: 66_999 }, size);
  const first = tile.index * 256;
  const entries = Array.from({ length: tile.width }, (_, i) => uint64(first + i));
  verifyEntries(entries, tile, content(tile));
  const code = 'tile.malformed';
  assert.throws(() => verifyEntries(entries.slice(1), tile, content(tile)), { code });
  assert.throws(() => verifyEntries(entries.with(5, uint64(0)), tile, content(tile)), { code });
  assert.throws(() => verifyEntries(entries.toReversed(), tile, content(tile)), { code });
});
