/** MPEG audio, layer III: its frames, one after another. Tags before, between and behind them go. */
import { concat } from '@parley/core/bytes.ts';
import { begins, broken } from './bytes.ts';

/** Kilobits a second. */
const rates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const rates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const samplings = [44_100, 48_000, 32_000];
/** What is neither frame nor tag may be so much of a file: players pass over it, and so does this. */
const mostLost = 0.05;

/** @throws file.metadata */
export function stripMp3(bytes: Uint8Array): Uint8Array {
  const frames: Uint8Array[] = [];
  let lost = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = frameAt(bytes, at);
    if (length > 0) {
      frames.push(bytes.subarray(at, at + length));
      at += length;
      continue;
    }
    const tag = tagAt(bytes, at);
    if (tag === 0) lost++;
    at += tag || 1;
  }
  if (frames.length === 0 || lost > bytes.length * mostLost) throw broken('too little of it is sound');
  return concat(...frames);
}

/** How long the frame here is; 0 where there is none, or nothing like one behind it. */
function frameAt(bytes: Uint8Array, at: number): number {
  const length = lengthOf(bytes, at);
  const next = at + length;
  if (length === 0 || next > bytes.length) return 0;
  const followed = next === bytes.length || lengthOf(bytes, next) > 0 || tagAt(bytes, next) > 0;
  return followed ? length : 0;
}

function lengthOf(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
  if (a !== 0xff || (b & 0xe6) !== 0xe2) return 0;
  const version = (b >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const rate = (version === 3 ? rates1 : rates2)[c >> 4] ?? 0;
  const sampling = (samplings[(c >> 2) & 3] ?? 0) / (version === 3 ? 1 : version === 2 ? 2 : 4);
  if (version === 1 || rate === 0 || sampling === 0) return 0;
  const padding = (c >> 1) & 1;
  return Math.floor(((version === 3 ? 144 : 72) * rate * 1000) / sampling) + padding;
}

/** How long the tag here is: ID3v2, ID3v1, APEv2, Lyrics3. */
function tagAt(bytes: Uint8Array, at: number): number {
  const left = bytes.length - at;
  if (begins(bytes, 'ID3', at) && left >= 10) {
    const footer = (bytes[at + 5] ?? 0) & 0x10 ? 10 : 0;
    return Math.min(left, 10 + syncsafe(bytes, at + 6) + footer);
  }
  if (begins(bytes, 'TAG', at) && left === 128) return 128;
  if (begins(bytes, 'APETAGEX', at) && left >= 32) {
    const size = new DataView(bytes.buffer, bytes.byteOffset + at + 12, 4).getUint32(0, true);
    return Math.min(left, 32 + size);
  }
  return begins(bytes, 'LYRICSBEGIN', at) ? left - (begins(bytes, 'TAG', bytes.length - 128) ? 128 : 0) : 0;
}

/** Seven bits a byte (ID3v2.4.0, 6.2). */
function syncsafe(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((sum, i) => sum * 128 + ((bytes[at + i] ?? 0) & 0x7f), 0);
}
