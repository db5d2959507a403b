/**
 * JPEG (ITU T.81): segments that the picture needs, and nothing else. The colour profile stays, since colours mean
 * something; Exif, XMP, IPTC, previews, comments, and whatever comes after the picture go.
 */
import { concat } from '@parley/core/bytes.ts';
import { begins, broken, slice, view } from './bytes.ts';
import { exifWith, orientationIn } from './exif.ts';

const [start, end, scan, comment] = [0xd8, 0xd9, 0xda, 0xfe];
const isApplication = (marker: number) => marker >= 0xe0 && marker <= 0xef;
/** Markers that stand alone. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/** @throws file.metadata */
export function stripJpeg(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0xff || bytes[1] !== start) throw broken();
  const kept: Uint8Array[] = [slice(bytes, 0, 2)];
  let orientation: number | null = null;
  for (let at = 2; ; ) {
    const { marker, from } = nextMarker(bytes, at);
    if (marker === end) {
      const turned = orientation === null ? [] : [segment(0xe1, exifWith(orientation))];
      return concat(...kept.slice(0, 1), ...turned, ...kept.slice(1), Uint8Array.of(0xff, end));
    }
    if (isBare(marker)) {
      kept.push(Uint8Array.of(0xff, marker));
      at = from;
      continue;
    }
    const length = view(slice(bytes, from, from + 2)).getUint16(0);
    const body = slice(bytes, from + 2, from + length);
    if (marker === 0xe1 && begins(body, 'Exif\0\0')) orientation ??= orientationIn(body.subarray(6));
    const shown = isApplication(marker) ? application(marker, body) : marker === comment ? null : body;
    if (shown) kept.push(segment(marker, shown));
    at = from + length;
    if (marker !== scan) continue;
    const stop = endOfScan(bytes, at);
    kept.push(slice(bytes, at, stop));
    at = stop;
  }
}

/** Fill bytes before a marker are passed over. */
function nextMarker(bytes: Uint8Array, at: number): { marker: number; from: number } {
  if (bytes[at] !== 0xff) throw broken();
  let from = at;
  while (bytes[from] === 0xff) from++;
  const marker = bytes[from];
  if (marker === undefined || marker === 0 || marker === start) throw broken();
  return { marker, from: from + 1 };
}

/** What an application says that the picture needs: its density, its colour profile, how Adobe coded its colours. */
function application(marker: number, body: Uint8Array): Uint8Array | null {
  if (marker === 0xe0 && begins(body, 'JFIF\0') && body.length >= 14) {
    const plain = body.slice(0, 14);
    plain.set([0, 0], 12); // Without its preview.
    return plain;
  }
  if (marker === 0xe2 && begins(body, 'ICC_PROFILE\0')) return body;
  return marker === 0xee && begins(body, 'Adobe') ? body.subarray(0, 12) : null;
}

function segment(marker: number, body: Uint8Array): Uint8Array {
  const head = Uint8Array.of(0xff, marker, 0, 0);
  view(head).setUint16(2, body.length + 2);
  return concat(head, body);
}

/** Coded data ends at a marker that is neither a stuffed zero nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  throw broken('the picture breaks off');
}
