/**
 * The packed list of an access: which parts of which records one response held. Binary, because there is one for
 * every response: a page of 1,000 parts of whole shares takes some 20 bytes.
 *
 * A list is its records in rising order, each as
 *   varint   index minus (previous index + 1), the first minus 0
 *   1 byte   number of runs of consecutive part numbers, 0 to 15; or 255: a bitmap
 *   runs     each two bytes: first part number, number of parts minus 1
 *   bitmap   32 bytes; part n is bit n % 8 of byte floor(n / 8)
 * A varint is little-endian in groups of seven bits, the high bit set on all but the last byte.
 */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { maxParts } from '@parley/core/parts.ts';

export interface RecordParts {
  /** Of the record. */
  readonly index: number;
  /** Part numbers, 0 to 255; none where only the header was given. */
  readonly parts: readonly number[];
}

const bitmapMark = 255;
const bitmapLength = 32;
const maxRuns = 15;

/** Sorts by index and part, and merges what is named twice. @throws fault */
export function normal(list: readonly RecordParts[]): RecordParts[] {
  const merged = new Map<number, Set<number>>();
  for (const { index, parts } of list) {
    if (!isIndex(index) || !parts.every(isPart))
      throw new Refusal('fault', { detail: 'no such record or part' });
    const known = merged.get(index) ?? new Set();
    for (const part of parts) known.add(part);
    merged.set(index, known);
  }
  return [...merged]
    .map(([index, parts]) => ({ index, parts: [...parts].sort((a, b) => a - b) }))
    .sort((a, b) => a.index - b.index);
}

/** @param list as `normal` gives it */
export function pack(list: readonly RecordParts[]): Bytes {
  const bytes: number[] = [];
  let next = 0;
  for (const { index, parts } of list) {
    pushVarint(bytes, index - next);
    pushParts(bytes, parts);
    next = index + 1;
  }
  return Uint8Array.from(bytes);
}

/** @throws store.corrupt */
export function unpack(bytes: Uint8Array): RecordParts[] {
  return [...records(bytes)].map(({ index, parts }) => ({ index, parts: parts() }));
}

/** The parts of one record in a packed list; none where it is not there. @throws store.corrupt */
export function partsOf(bytes: Uint8Array, index: number): number[] {
  for (const record of records(bytes))
    if (record.index >= index) return record.index === index ? record.parts() : [];
  return [];
}

function* records(bytes: Uint8Array): Generator<{ index: number; parts: () => number[] }> {
  let at = 0;
  let next = 0;
  while (at < bytes.length) {
    const { value, end } = readVarint(bytes, at);
    const mark = byteAt(bytes, end);
    const body = bytes.subarray(end + 1, end + 1 + (mark === bitmapMark ? bitmapLength : 2 * mark));
    at = end + 1 + body.length;
    if (mark !== bitmapMark && (mark > maxRuns || body.length !== 2 * mark)) throw corrupt();
    if (mark === bitmapMark && body.length !== bitmapLength) throw corrupt();
    yield { index: next + value, parts: () => (mark === bitmapMark ? fromBitmap(body) : fromRuns(body)) };
    next += value + 1;
  }
}

function pushParts(bytes: number[], parts: readonly number[]): void {
  const runs = runsOf(parts);
  if (runs.length <= 2 * maxRuns) bytes.push(runs.length / 2, ...runs);
  else bytes.push(bitmapMark, ...bitmapOf(parts));
}

/** First, length minus 1, first, length minus 1, … */
function runsOf(parts: readonly number[]): number[] {
  const runs: number[] = [];
  let last = Number.NaN;
  for (const part of parts) {
    if (part === last + 1) runs.push((runs.pop() ?? 0) + 1);
    else runs.push(part, 0);
    last = part;
  }
  return runs;
}

function fromRuns(runs: Uint8Array): number[] {
  const parts: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const first = byteAt(runs, i);
    const last = first + byteAt(runs, i + 1);
    for (let part = first; part <= last; part++) parts.push(part);
  }
  return parts;
}

function bitmapOf(parts: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array(bitmapLength);
  for (const part of parts) bitmap[part >> 3] = byteAt(bitmap, part >> 3) | (1 << (part & 7));
  return bitmap;
}

function fromBitmap(bitmap: Uint8Array): number[] {
  const parts: number[] = [];
  for (let part = 0; part < 8 * bitmapLength; part++)
    if (byteAt(bitmap, part >> 3) & (1 << (part & 7))) parts.push(part);
  return parts;
}

/** Indexes go up to 2^53: no operators that cut to 32 bits. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  let at = start;
  for (; byteAt(bytes, at) >= 128; at++, scale *= 128) value += (byteAt(bytes, at) - 128) * scale;
  return { value: value + byteAt(bytes, at) * scale, end: at + 1 };
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw corrupt();
  return byte;
}

function isIndex(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function isPart(n: number): boolean {
  return Number.isInteger(n) && n >= 0 && n < maxParts;
}

function corrupt(): Refusal {
  return new Refusal('store.corrupt', { detail: 'a list in the access journal' });
}
