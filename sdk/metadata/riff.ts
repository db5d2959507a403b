/** RIFF: WebP and WAVE, chunks that the picture or the sound needs. */
import { concat } from '@parley/core/bytes.ts';
import { begins, broken, slice, text, uint32, view } from './bytes.ts';
import { orientationIn, tiffWith } from './exif.ts';

interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
}

const webp: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const wave: ReadonlySet<string> = new Set(['fmt ', 'fact', 'data']);
/** Of VP8X: that there is Exif, and XMP. */
const [exif, xmp] = [0x08, 0x04];

/** @throws file.metadata */
export function stripWebp(bytes: Uint8Array): Uint8Array {
  const chunks = chunksOf(bytes, 'WEBP');
  const said = chunks.find(({ type }) => type === 'EXIF')?.body;
  const tiff = said && begins(said, 'Exif\0\0') ? said.subarray(6) : said;
  const orientation = tiff ? orientationIn(tiff) : null;
  const kept = chunks
    .filter(({ type }) => webp.has(type))
    .map(({ type, body }) =>
      type === 'VP8X' ? { type, body: flagged(body, orientation !== null) } : { type, body },
    );
  if (orientation !== null) kept.push({ type: 'EXIF', body: tiffWith(orientation) });
  return riffOf('WEBP', kept);
}

function flagged(body: Uint8Array, turned: boolean): Uint8Array {
  const copy = body.slice();
  copy[0] = ((copy[0] ?? 0) & ~(exif | xmp)) | (turned ? exif : 0);
  return copy;
}

/** @throws file.metadata */
export function stripWave(bytes: Uint8Array): Uint8Array {
  const kept = chunksOf(bytes, 'WAVE').filter(({ type }) => wave.has(type));
  if (!kept.some(({ type }) => type === 'data')) throw broken('it holds no sound');
  return riffOf('WAVE', kept);
}

function chunksOf(bytes: Uint8Array, form: string): Chunk[] {
  if (!begins(bytes, 'RIFF') || !begins(bytes, form, 8)) throw broken();
  const end = Math.min(bytes.length, 8 + view(bytes).getUint32(4, true));
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= end; ) {
    const length = view(slice(bytes, at + 4, at + 8)).getUint32(0, true);
    chunks.push({ type: text(bytes, at, 4), body: slice(bytes, at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

function riffOf(form: string, chunks: readonly Chunk[]): Uint8Array {
  const letters = (name: string) => new TextEncoder().encode(name);
  const pieces = chunks.flatMap(({ type, body }) => [
    letters(type),
    uint32(body.length, true),
    body,
    new Uint8Array(body.length % 2),
  ]);
  const size = 4 + pieces.reduce((sum, piece) => sum + piece.length, 0);
  return concat(letters('RIFF'), uint32(size, true), letters(form), ...pieces);
}
