/** GIF89a: pictures, their timing and how often they repeat. Comments and what applications say go. */
import { concat } from '@parley/core/bytes.ts';
import { broken, slice, text } from './bytes.ts';

const [extension, image, trailer] = [0x21, 0x2c, 0x3b];
const [graphics, plainText, application] = [0xf9, 0x01, 0xff];
const loops: ReadonlySet<string> = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);

/** @throws file.metadata */
export function stripGif(bytes: Uint8Array): Uint8Array {
  const screen = slice(bytes, 0, 13);
  const first = 13 + tableSize(screen[10] ?? 0);
  const kept: Uint8Array[] = [slice(bytes, 0, first)];
  for (let at = first; ; ) {
    const kind = bytes[at];
    if (kind === trailer) return concat(...kept, Uint8Array.of(trailer));
    const end = kind === image ? endOfImage(bytes, at) : kind === extension ? endOfBlocks(bytes, at + 2) : 0;
    if (end === 0) throw broken();
    if (kind === image || isShown(bytes, at)) kept.push(slice(bytes, at, end));
    at = end;
  }
}

function isShown(bytes: Uint8Array, at: number): boolean {
  const label = bytes[at + 1];
  if (label === application) return bytes[at + 2] === 11 && loops.has(text(bytes, at + 3, 11));
  return label === graphics || label === plainText;
}

function tableSize(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

function endOfImage(bytes: Uint8Array, at: number): number {
  const descriptor = slice(bytes, at, at + 10);
  // After the table comes one byte, the width of the codes.
  return endOfBlocks(bytes, at + 10 + tableSize(descriptor[9] ?? 0) + 1);
}

/** Blocks with their length before them, until an empty one. */
function endOfBlocks(bytes: Uint8Array, from: number): number {
  for (let at = from; ; ) {
    const length = bytes[at];
    if (length === undefined) throw broken('the picture breaks off');
    if (length === 0) return at + 1;
    at += length + 1;
  }
}
