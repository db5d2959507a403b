/**
 * Reading a tree from its tiles. Proofs are computed from nodes at hand, so a caller fetches first:
 *
 *     const tiles = tileReader(size, provenTiles({ size, root }, read));
 *     const proof = inclusionProof(index, size, await tiles.nodes(inclusionNodes(index, size)));
 *
 * A log reads its own store with `tileReader` alone. Whoever reads the tiles of somebody else's log puts
 * `provenTiles` between, with size and root of a checkpoint it has verified: it gives no tile before its
 * hashes lead to that root, so that a tile is as trustworthy as the checkpoint.
 */
import { type Bytes, equal } from './bytes.ts';
import { Refusal } from './errors.ts';
import { type Hash, type Node, type NodeSource, rootFrom, rootNodes } from './merkle.ts';
import { edgeTiles, fullWidth, nodeFromTile, type Tile, tileOfNode, tilePath } from './tiles.ts';

/**
 * Gets the content of a tile. For a partial tile it may give the full one instead, which begins with the
 * same hashes: a log may delete partial tiles once they are full.
 */
export type ReadTile = (tile: Tile) => Promise<Bytes>;

export type TileReader = {
  /** Fetches the tiles that hold these nodes, each once, and gives a way to look the nodes up. */
  nodes(list: readonly Node[]): Promise<NodeSource>;
};

/** 8 MiB of full tiles. */
const keptTiles = 1024;

/** @param size of the tree; the nodes asked for must be complete in it */
export function tileReader(size: number, read: ReadTile): TileReader {
  const get = remembering(read);
  return { nodes: (list) => fetchNodes(size, list, get) };
}

async function fetchNodes(size: number, list: readonly Node[], get: ReadTile): Promise<NodeSource> {
  const wanted = new Map<string, Tile>();
  for (const node of list) {
    const tile = tileOfNode(node, size);
    wanted.set(tilePath(tile), tile);
  }
  const fetched = await Promise.all(
    [...wanted].map(async ([path, tile]) => [path, await get(tile)] as const),
  );
  const contents = new Map<string, Bytes>(fetched);
  return (node) => {
    const tile = tileOfNode(node, size);
    const data = contents.get(tilePath(tile));
    if (data === undefined) throw new Refusal('fault', { detail: `${tilePath(tile)} was not fetched` });
    return nodeFromTile(tile, data, node);
  };
}

/**
 * Gives a tile only when it leads to the root. The partial tiles of the tree hold exactly the hashes that
 * make its root, so they are proven together; a full tile is proven by its one hash in the tile above,
 * which is proven before it.
 * @throws tile.malformed
 */
export function provenTiles(checkpoint: { size: number; root: Hash }, read: ReadTile): ReadTile {
  const { size, root } = checkpoint;
  const get = remembering(read);
  const edge = remembering(async (tile) => {
    const nodes = await fetchNodes(size, rootNodes(size), get);
    if (!equal(rootFrom(size, nodes), root)) throw unproven(tile, 'it does not lead to the root');
    return get(tile);
  });
  const proven = remembering(async (tile) => {
    if (tile.width < fullWidth) return edge(edgeOf(size, tile));
    const above: Node = { level: 8 * (tile.level + 1), index: tile.index };
    const parent = tileOfNode(above, size);
    const promised = nodeFromTile(parent, await proven(parent), above);
    const data = await get(tile);
    if (!equal(nodeFromTile(tile, data, above), promised)) throw unproven(tile, 'the tile above says other');
    return data;
  });
  return proven;
}

/** Only the partial tiles of this very size can be proven. */
function edgeOf(size: number, tile: Tile): Tile {
  const path = tilePath(tile);
  const found = edgeTiles(size).find((each) => tilePath(each) === path);
  if (found === undefined) throw unproven(tile, `a tree of ${size} has no such tile`);
  return found;
}

/**
 * Keeps what was read, or is being read, and forgets the oldest. A failure is not kept: the next one who
 * asks reads again.
 */
function remembering(read: ReadTile): ReadTile {
  const kept = new Map<string, Promise<Bytes>>();
  return (tile) => {
    const path = tilePath(tile);
    const before = kept.get(path);
    if (before !== undefined) return before;
    const reading = read(tile).then((data) => cut(tile, data));
    kept.set(path, reading);
    reading.catch(() => kept.delete(path));
    for (const oldest of kept.keys()) {
      if (kept.size <= keptTiles) break;
      kept.delete(oldest);
    }
    return reading;
  };
}

function cut(tile: Tile, data: Bytes): Bytes {
  const length = tile.width * 32;
  if (data.length === length) return data;
  if (data.length !== fullWidth * 32) throw unproven(tile, `${data.length} bytes`);
  return data.subarray(0, length);
}

function unproven(tile: Tile, detail: string): Refusal {
  return new Refusal('tile.malformed', { at: tilePath(tile), detail });
}
