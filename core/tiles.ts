/** C2SP tlog-tiles: the tree as files that never change, 256 hashes in each. Names, widths and content. */
import { type Bytes, concat, equal } from './bytes.ts';
import { Refusal } from './errors.ts';
import { type Hash, hashLeaf, hashNode, type Node } from './merkle.ts';

/** `width` hashes of the tree's level 8 * `level`, from index 256 * `index` on. 256 of them are a full tile. */
export type Tile = { readonly level: number; readonly index: number; readonly width: number };

/** `width` log entries, from index 256 * `index` on. */
export type EntryBundle = { readonly level: 'entries'; readonly index: number; readonly width: number };

export const fullWidth = 256;
const hashLength = 32;
const entryLimit = 0xffff;
/** Tree sizes stay below 2^53, so there are no tiles from here on. */
const indexLimit = 2 ** 45;

/** Below the log's prefix, without a leading slash. */
export function tilePath({ level, index, width }: Tile | EntryBundle): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width < fullWidth ? `.p/${width}` : ''}`;
}

const pathFormat = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/;

/**
 * The reverse of `tilePath`; each tile has one path only. Whether the tree has such a tile is not checked.
 * @throws query.malformed
 */
export function parseTilePath(path: string): Tile | EntryBundle {
  const [, level, name, partial] = pathFormat.exec(path) ?? [];
  if (level === undefined || name === undefined) throw new Refusal('query.malformed', { at: 'tile' });
  const index = Number(name.replace(/[x/]/g, ''));
  const width = partial === undefined ? fullWidth : Number(partial);
  const tile: Tile | EntryBundle =
    level === 'entries' ? { level, index, width } : { level: Number(level), index, width };
  const known = width >= 1 && index < indexLimit && (tile.level === 'entries' || tile.level <= 63);
  if (!known || tilePath(tile) !== path) throw new Refusal('query.malformed', { at: 'tile' });
  return tile;
}

/** The tile that holds a complete node of a tree of `size` leaves, as wide as it is in that tree. */
export function tileOfNode(node: Node, size: number): Tile {
  if ((node.index + 1) * 2 ** node.level > size) {
    throw new Refusal('fault', { detail: `node ${node.index} at level ${node.level} is not complete` });
  }
  const level = Math.floor(node.level / 8);
  const index = Math.floor((node.index * 2 ** (node.level - 8 * level)) / fullWidth);
  return { level, index, width: widthIn(level, index, size) };
}

function widthIn(level: number, index: number, size: number): number {
  return Math.min(fullWidth, Math.floor(size / fullWidth ** level) - index * fullWidth);
}

/** The nodes whose hashes a tile holds, in order. */
export function nodesOfTile(tile: Tile): Node[] {
  const first = tile.index * fullWidth;
  return Array.from({ length: tile.width }, (_, i) => ({ level: 8 * tile.level, index: first + i }));
}

/**
 * The hash of a node, from the tile that `tileOfNode` names, or from the full tile right below the node.
 * @throws tile.malformed when the tile has another length
 */
export function nodeFromTile(tile: Tile, data: Bytes, node: Node): Hash {
  if (data.length !== tile.width * hashLength) throw malformed(tile, 'another number of hashes');
  const count = 2 ** (node.level - 8 * tile.level);
  const first = node.index * count - tile.index * fullWidth;
  if (count < 1 || first < 0 || first + count > tile.width) {
    throw new Refusal('fault', { detail: `${tilePath(tile)} does not hold that node` });
  }
  return fold(data, first, count);
}

function fold(data: Bytes, first: number, count: number): Hash {
  if (count === 1) return data.slice(first * hashLength, (first + 1) * hashLength);
  const half = count / 2;
  return hashNode(fold(data, first, half), fold(data, first + half, half));
}

/** The tiles to write when a tree grows, the last of a level possibly partial; lower levels first. */
export function newTiles(oldSize: number, newSize: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, unit = 1; unit <= newSize; level++, unit *= fullWidth) {
    const before = Math.floor(oldSize / unit);
    const after = Math.floor(newSize / unit);
    if (before === after) continue;
    for (let index = Math.floor(before / fullWidth); index * fullWidth < after; index++) {
      tiles.push({ level, index, width: widthIn(level, index, newSize) });
    }
  }
  return tiles;
}

/** The partial tiles of a tree of `size` leaves. Their hashes and nothing else make its root. */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, unit = 1; unit <= size; level++, unit *= fullWidth) {
    const count = Math.floor(size / unit);
    const width = count % fullWidth;
    if (width > 0) tiles.push({ level, index: (count - width) / fullWidth, width });
  }
  return tiles;
}

/** An entry bundle: each entry after its length in two bytes, big-endian. At most 256 of at most 65,535 bytes. */
export function entriesTile(entries: readonly Uint8Array[]): Bytes {
  if (entries.length > fullWidth) throw new Refusal('fault', { detail: 'a bundle holds 256 entries' });
  return concat(...entries.flatMap((entry) => [lengthOf(entry), entry]));
}

function lengthOf({ length }: Uint8Array): Bytes {
  if (length > entryLimit) throw new Refusal('fault', { detail: 'an entry holds 65,535 bytes' });
  return Uint8Array.of(length >> 8, length & 0xff);
}

/** @throws tile.malformed */
export function parseEntriesTile(bytes: Bytes): Bytes[] {
  const entries: Bytes[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [high, low] = bytes.subarray(at, at + 2);
    const end = at + 2 + (high ?? 0) * 256 + (low ?? 0);
    if (low === undefined || end > bytes.length || entries.length === fullWidth) {
      throw new Refusal('tile.malformed', { at: 'tile/entries', detail: `byte ${at}` });
    }
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  return entries;
}

/**
 * That these are the entries that a tile of level 0 was made from.
 * @param leaves the content of that tile, from a reader that checks it (`provenTiles`)
 * @throws tile.malformed
 */
export function verifyEntries(entries: readonly Uint8Array[], tile: Tile, leaves: Bytes): void {
  if (tile.level !== 0 || entries.length !== tile.width) throw malformed(tile, 'another number of entries');
  const first = tile.index * fullWidth;
  for (const [i, entry] of entries.entries()) {
    const promised = nodeFromTile(tile, leaves, { level: 0, index: first + i });
    if (!equal(hashLeaf(entry), promised)) throw malformed(tile, `entry ${first + i} is another`);
  }
}

function malformed(tile: Tile, detail: string): Refusal {
  return new Refusal('tile.malformed', { at: tilePath(tile), detail });
}
