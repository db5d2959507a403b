/** Proofs and tiles of the log, from what the store holds. Any size that the log has had can be asked for. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import {
  consistencyNodes,
  consistencyProof,
  type Hash,
  inclusionNodes,
  inclusionProof,
} from '@parley/core/merkle.ts';
import { type ReadTile, tileReader } from '@parley/core/tile-reader.ts';
import { type EntryBundle, entriesTile, fullWidth, type Tile } from '@parley/core/tiles.ts';
import type { LogReader } from './ports.ts';

/** That record `index` is in the tree of `size`. The caller knows that the log has had both. */
export async function inclusionProofAt(reader: LogReader, index: number, size: number): Promise<Hash[]> {
  const nodes = await tileReader(size, fromStore(reader)).nodes(inclusionNodes(index, size));
  return inclusionProof(index, size, nodes);
}

/** That the tree of `size` starts with the tree of `old`. */
export async function consistencyProofAt(reader: LogReader, old: number, size: number): Promise<Hash[]> {
  const nodes = await tileReader(size, fromStore(reader)).nodes(consistencyNodes(old, size));
  return consistencyProof(old, size, nodes);
}

function fromStore(reader: LogReader): ReadTile {
  return async ({ level, index, width }) => {
    const data = await reader.tile(level, index);
    if (!data || data.length < 32 * width)
      throw new Refusal('store.corrupt', { detail: `tile ${level}/${index} is narrower than ${width}` });
    return data.slice(0, 32 * width);
  };
}

/**
 * What is served for a parsed path, or null where the tree of `size` has no such tile: an empty one, one beyond the
 * head, or a full one that is not full yet (tlog-tiles, Merkle Tree). The prefixes of a tile are its earlier widths.
 */
export async function tileBytes(
  reader: LogReader,
  tile: Tile | EntryBundle,
  size: number,
): Promise<Bytes | null> {
  const first = tile.index * fullWidth;
  const count = tile.level === 'entries' ? size : Math.floor(size / fullWidth ** tile.level);
  if (first + tile.width > count) return null;
  if (tile.level !== 'entries') return fromStore(reader)(tile);
  const entries = await reader.commitments(first, first + tile.width);
  if (entries.length !== tile.width)
    throw new Refusal('store.corrupt', { detail: `records are missing from ${first} on` });
  return entriesTile(entries);
}
