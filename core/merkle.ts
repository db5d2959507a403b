/**
 * The trees of RFC 6962, 2.1 (SHA-256). Everything here is arithmetic over ranges of leaves; what is stored
 * and read are *complete* nodes alone, because they never change once their last leaf is there.
 *
 * Indexes go up to 2^53: only `/`, `*`, `%` and `Math.floor`, never operators that cut to 32 bits.
 */
import { type Bytes, equal } from './bytes.ts';
import { Refusal } from './errors.ts';
import { sha256 } from './sha256.ts';

/** 32 bytes. */
export type Hash = Bytes;

/** The complete subtree of height `level` over the leaves [index * 2^level, (index + 1) * 2^level). */
export type Node = { readonly level: number; readonly index: number };

/** The leaves [start, end), where `start` is a multiple of the smallest power of two that holds them all. */
type Range = { readonly start: number; readonly end: number };

/** Where the hash of a complete node is found; throws when it does not have it. */
export type NodeSource = (node: Node) => Hash;

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** The root of the tree without leaves. */
export const emptyRoot: Hash = sha256(new Uint8Array(0));

/** Of an entry, whole or in pieces. */
export function hashLeaf(...entry: readonly Uint8Array[]): Hash {
  return sha256(leafPrefix, ...entry);
}

export function hashNode(left: Uint8Array, right: Uint8Array): Hash {
  return sha256(nodePrefix, left, right);
}

/** The root of a small tree that is in memory whole, such as the parts of a statement. */
export function rootOf(leafHashes: readonly Hash[]): Hash {
  return rootFrom(leafHashes.length, nodesOf(leafHashes));
}

/** The inclusion proof in a small tree that is in memory whole; for several, keep `nodesOf`. */
export function inclusionPath(leafHashes: readonly Hash[], index: number): Hash[] {
  return inclusionProof(index, leafHashes.length, nodesOf(leafHashes));
}

/** Every complete node of a small tree. */
export function nodesOf(leafHashes: readonly Hash[]): NodeSource {
  const levels: Hash[][] = [[...leafHashes]];
  for (let below = leafHashes; below.length > 1; below = levels[levels.length - 1] ?? []) {
    levels.push(pairs(below));
  }
  return ({ level, index }) => {
    const hash = levels[level]?.[index];
    if (hash === undefined) throw misuse(`the tree has no node ${index} at level ${level}`);
    return hash;
  };
}

function pairs(hashes: readonly Hash[]): Hash[] {
  const above: Hash[] = [];
  for (let i = 1; i < hashes.length; i += 2) above.push(hashNode(hashes[i - 1] as Hash, hashes[i] as Hash));
  return above;
}

/** The complete nodes to read for the root of a tree of `size` leaves, from left to right. */
export function rootNodes(size: number): Node[] {
  needSize(size);
  return rangeNodes({ start: 0, end: size });
}

/** The complete nodes to read for `inclusionProof`. */
export function inclusionNodes(index: number, size: number): Node[] {
  return inclusionRanges(index, size).flatMap(rangeNodes);
}

/** The complete nodes to read for `consistencyProof`. */
export function consistencyNodes(old: number, size: number): Node[] {
  return consistencyRanges(old, size).flatMap(rangeNodes);
}

/** The root of a tree of `size` leaves. */
export function rootFrom(size: number, get: NodeSource): Hash {
  needSize(size);
  return size === 0 ? emptyRoot : rangeHash({ start: 0, end: size }, get);
}

/** The siblings of leaf `index`, its own sibling first (RFC 6962, 2.1.1). */
export function inclusionProof(index: number, size: number, get: NodeSource): Hash[] {
  return inclusionRanges(index, size).map((range) => rangeHash(range, get));
}

/** That the tree of `size` leaves starts with the tree of `old` leaves (RFC 6962, 2.1.2). */
export function consistencyProof(old: number, size: number, get: NodeSource): Hash[] {
  return consistencyRanges(old, size).map((range) => rangeHash(range, get));
}

/**
 * @param leaf the hash of the leaf, not the entry
 * @throws proof.inclusion
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  if (!isSize(size) || !isSize(index) || index >= size) throw unproven('proof.inclusion', 'no such leaf');
  const siblings = inclusionRanges(index, size);
  if (proof.length !== siblings.length || ![leaf, root, ...proof].every(isHash)) {
    throw unproven('proof.inclusion', `${siblings.length} hashes of 32 bytes are needed`);
  }
  let hash = leaf;
  for (const [i, sibling] of siblings.entries()) {
    const beside = proof[i] as Uint8Array;
    hash = sibling.start > index ? hashNode(hash, beside) : hashNode(beside, hash);
  }
  if (!equal(hash, root)) throw unproven('proof.inclusion', 'it leads to another root');
}

/** @throws proof.consistency */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  if (!isSize(size) || !isSize(oldSize) || oldSize > size) throw unproven('proof.consistency', 'it shrinks');
  const ranges = consistencyRanges(oldSize, size);
  if (proof.length !== ranges.length || ![oldRoot, root, ...proof].every(isHash)) {
    throw unproven('proof.consistency', `${ranges.length} hashes of 32 bytes are needed`);
  }
  if ((oldSize === 0 && !equal(oldRoot, emptyRoot)) || (size === 0 && !equal(root, emptyRoot))) {
    throw unproven('proof.consistency', 'a tree without leaves has one root only');
  }
  if (oldSize === 0) return;
  const [before, after] = bothRoots(oldSize, oldRoot, ranges, proof);
  if (!equal(before, oldRoot)) throw unproven('proof.consistency', 'it leads to another old root');
  if (!equal(after, root)) throw unproven('proof.consistency', 'it leads to another root');
}

/**
 * The old and the new root that a proof leads to. A range within the old tree is a left sibling for both,
 * one after it a right sibling for the new tree alone. The first hash is where both start, unless the old
 * tree is itself a complete node: then its root is.
 */
function bothRoots(
  oldSize: number,
  oldRoot: Uint8Array,
  ranges: readonly Range[],
  proof: readonly Uint8Array[],
): [Uint8Array, Uint8Array] {
  const complete = ranges.length === 0 || powerBelow(oldSize + 1) === oldSize;
  const skip = complete ? 0 : 1;
  let before = skip === 0 ? oldRoot : (proof[0] as Uint8Array);
  let after = before;
  for (let i = skip; i < ranges.length; i++) {
    const hash = proof[i] as Uint8Array;
    if ((ranges[i] as Range).start >= oldSize) {
      after = hashNode(after, hash);
    } else {
      before = hashNode(hash, before);
      after = hashNode(hash, after);
    }
  }
  return [before, after];
}

/** PATH of RFC 6962, 2.1.1: what lies beside the leaf, from the leaf up. */
function inclusionRanges(index: number, size: number): Range[] {
  needSize(size);
  if (!isSize(index) || index >= size) throw misuse(`no leaf ${index} in a tree of ${size}`);
  const beside: Range[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + powerBelow(end - start);
    if (index < middle) {
      beside.push({ start: middle, end });
      end = middle;
    } else {
      beside.push({ start, end: middle });
      start = middle;
    }
  }
  return beside.reverse();
}

/** SUBPROOF of RFC 6962, 2.1.2. */
function consistencyRanges(old: number, size: number): Range[] {
  needSize(size);
  if (!isSize(old) || old > size) throw misuse(`a tree of ${size} does not start with one of ${old}`);
  if (old === 0) return [];
  const ranges: Range[] = [];
  let start = 0;
  let end = size;
  while (end > old) {
    const middle = start + powerBelow(end - start);
    if (old <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The complete nodes that a range consists of, the largest first. */
function rangeNodes(range: Range): Node[] {
  const nodes: Node[] = [];
  let start = range.start;
  while (start < range.end) {
    let level = 0;
    let width = 1;
    for (; width * 2 <= range.end - start; width *= 2) level++;
    nodes.push({ level, index: start / width });
    start += width;
  }
  return nodes;
}

function rangeHash(range: Range, get: NodeSource): Hash {
  const hashes = rangeNodes(range).map(get);
  return hashes.reduceRight((right, left) => hashNode(left, right));
}

/** The largest power of two smaller than `n`, for n > 1. */
function powerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === 32;
}

function needSize(size: number): void {
  if (!isSize(size)) throw misuse(`${size} is not a number of leaves`);
}

function unproven(code: 'proof.inclusion' | 'proof.consistency', detail: string): Refusal {
  return new Refusal(code, { detail });
}

/** Our own caller asked for what no tree has; nothing that came from outside gets here. */
function misuse(detail: string): Refusal {
  return new Refusal('fault', { detail });
}
