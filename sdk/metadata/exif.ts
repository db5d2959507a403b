/** Of all that Exif may say, one thing is kept: which way up a picture is. Without it, photographs lie on their side. */
import { concat } from '@parley/core/bytes.ts';
import { begins, view } from './bytes.ts';

const orientationTag = 0x0112;

/** @param tiff what follows `Exif\0\0`. @returns 2 to 8, or null: upright, or nothing said */
export function orientationIn(tiff: Uint8Array): number | null {
  const little = begins(tiff, 'II');
  if ((!little && !begins(tiff, 'MM')) || tiff.length < 8) return null;
  const data = view(tiff);
  const directory = data.getUint32(4, little);
  if (directory + 2 > tiff.length) return null;
  const count = data.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return null;
    if (data.getUint16(at, little) !== orientationTag) continue;
    const value = data.getUint16(at + 8, little);
    return value >= 2 && value <= 8 ? value : null;
  }
  return null;
}

/** TIFF 6.0 with one entry. */
export function tiffWith(orientation: number): Uint8Array {
  const bytes = new Uint8Array(26);
  const data = view(bytes);
  bytes.set([0x4d, 0x4d, 0x00, 0x2a]);
  data.setUint32(4, 8);
  data.setUint16(8, 1);
  data.setUint16(10, orientationTag);
  data.setUint16(12, 3); // SHORT
  data.setUint32(14, 1);
  data.setUint16(18, orientation);
  return bytes;
}

export function exifWith(orientation: number): Uint8Array {
  return concat(new TextEncoder().encode('Exif\0\0'), tiffWith(orientation));
}
