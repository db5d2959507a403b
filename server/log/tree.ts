/**
 * The right edge of the log's tree, in memory: the last tile of each level with the nodes inside it. That is all
 * that appending needs, and all that proofs of the records just appended need. A tree never changes; `grow` makes
 * another, which the sequencer keeps only once it is committed.
 */
import { type Bytes, concat, equal } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import {
  emptyRoot,
  type Hash,
  hashNode,
  inclusionProof,
  type NodeSource,
  rootFrom,
} from '@parley/core/merkle.ts';
import { edgeTiles, fullWidth, nodeFromTile, nodesOfTile } from '@parley/core/tiles.ts';
import type { LogReader } from './ports.ts';

/** A tile with the hashes inside it: `heights[h]` holds those of its complete subtrees of 2^h hashes. */
interface EdgeTile {
  readonly level: number;
  readonly index: number;
  readonly heights: readonly Hash[][];
}

/** A tile as it is to be stored. */
export interface ChangedTile {
  readonly level: number;
  readonly index: number;
  readonly data: Bytes;
}

export interface Growth {
  readonly tree: Tree;
  /** The tiles that changed or are new, as wide as they are now. */
  readonly tiles: readonly ChangedTile[];
  /** Of a record that was just appended, in the new tree. */
  proof(index: number): Hash[];
}

const tileHeight = 8;

export class Tree {
  readonly size: number;
  readonly root: Hash;
  /** By level. A level without one has full tiles only. */
  readonly #edge: readonly (EdgeTile | undefined)[];

  private constructor(size: number, edge: readonly (EdgeTile | undefined)[]) {
    this.size = size;
    this.#edge = edge;
    this.root = rootFrom(size, source(edge));
  }

  static readonly empty = new Tree(0, []);

  /** Reads one tile a level. @throws store.corrupt when they do not give the root of the head */
  static async load(reader: LogReader): Promise<Tree> {
    const { size, root } = (await reader.head()) ?? { size: 0, root: emptyRoot };
    const edge: EdgeTile[] = [];
    for (const tile of edgeTiles(size)) {
      const { level, index, width } = tile;
      const data = (await reader.tile(level, index))?.subarray(0, width * 32) ?? new Uint8Array(0);
      if (data.length !== width * 32)
        throw new Refusal('store.corrupt', { detail: `tile ${level}/${index} is too short` });
      const loaded = emptyTile(level, index);
      for (const node of nodesOfTile(tile)) push(loaded, nodeFromTile(tile, data, node));
      edge[level] = loaded;
    }
    const tree = new Tree(size, edge);
    if (!equal(tree.root, root))
      throw new Refusal('store.corrupt', { detail: 'the tiles do not give the root of the head' });
    return tree;
  }

  /** Appends leaf hashes (not entries). Changes nothing here. */
  grow(leaves: readonly Hash[]): Growth {
    const growing = new Growing(this.#edge, this.size);
    for (const leaf of leaves) growing.add(0, leaf);
    const size = this.size + leaves.length;
    const tree = new Tree(size, growing.edge);
    const get = source([...growing.edge, ...growing.changed]);
    return {
      tree,
      tiles: growing.changed.map(({ level, index, heights }) => ({
        level,
        index,
        data: concat(...(heights[0] ?? [])),
      })),
      proof: (index) => {
        if (index < this.size) throw new Refusal('fault', { detail: 'the record was appended before' });
        return inclusionProof(index, size, get);
      },
    };
  }
}

class Growing {
  readonly edge: (EdgeTile | undefined)[];
  /** Lower levels first, since a level grows when a tile below is full. */
  readonly changed: EdgeTile[] = [];
  readonly #counts: number[] = [];

  constructor(edge: readonly (EdgeTile | undefined)[], size: number) {
    this.edge = [...edge];
    for (let count = size; count > 0; count = Math.floor(count / fullWidth)) this.#counts.push(count);
  }

  /** Appends a hash to a level, and the hash of its tile to the level above when that is full. */
  add(level: number, hash: Hash): void {
    const tile = this.#open(level);
    push(tile, hash);
    this.#counts[level] = (this.#counts[level] ?? 0) + 1;
    const whole = tile.heights[tileHeight]?.[0];
    if (whole === undefined) return;
    this.edge[level] = undefined;
    this.add(level + 1, whole);
  }

  /** The last tile of a level, as a copy from its first change on. */
  #open(level: number): EdgeTile {
    const before = this.edge[level];
    if (before && this.changed.includes(before)) return before;
    const index = Math.floor((this.#counts[level] ?? 0) / fullWidth);
    const tile = before
      ? { ...before, heights: before.heights.map((hashes) => [...hashes]) }
      : emptyTile(level, index);
    this.edge[level] = tile;
    this.changed.push(tile);
    return tile;
  }
}

function emptyTile(level: number, index: number): EdgeTile {
  return { level, index, heights: Array.from({ length: tileHeight + 1 }, () => []) };
}

/** Every second hash of a height makes one of the height above. */
function push({ heights }: EdgeTile, hash: Hash): void {
  let node = hash;
  for (const hashes of heights) {
    hashes.push(node);
    if (hashes.length % 2 === 1) return;
    node = hashNode(hashes[hashes.length - 2] as Hash, node);
  }
}

function source(tiles: readonly (EdgeTile | undefined)[]): NodeSource {
  const byName = new Map(
    tiles.flatMap((tile) => (tile ? [[`${tile.level}/${tile.index}`, tile] as const] : [])),
  );
  return (node) => {
    const level = Math.floor(node.level / tileHeight);
    const height = node.level - tileHeight * level;
    const perTile = fullWidth / 2 ** height;
    const index = Math.floor(node.index / perTile);
    const hash = byName.get(`${level}/${index}`)?.heights[height]?.[node.index - index * perTile];
    if (hash === undefined)
      throw new Refusal('fault', { detail: `node ${node.level}/${node.index} is not at the edge` });
    return hash;
  };
}
