/**
 * Taking out of a file what it tells beside its content: who made it, where, when, with what. It happens on the
 * speaker's own machine, before anything leaves it.
 */
import { Refusal } from '@parley/core/errors.ts';
import { stripGif } from './gif.ts';
import { stripJpeg } from './jpeg.ts';
import { stripMp3 } from './mp3.ts';
import { stripPng } from './png.ts';
import { stripWave, stripWebp } from './riff.ts';

type Strip = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

const strips: Readonly<Record<string, Strip>> = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/gif': stripGif,
  'image/webp': stripWebp,
  'audio/mpeg': stripMp3,
  'audio/wav': stripWave,
  // Half a megabyte of code, for who shares a PDF.
  'application/pdf': async (bytes) => (await import('./pdf.ts')).stripPdf(bytes),
};

/**
 * @returns the file without it; itself where its type has no place for such things
 * @throws file.metadata where it cannot be taken out: then only who wants it kept may share the file
 */
export async function stripMetadata(file: Blob, type: string): Promise<Blob> {
  if (type.startsWith('text/')) return file;
  const strip = strips[type];
  if (!strip)
    throw new Refusal('file.metadata', {
      detail: `nothing here can clean ${type}: share another format, or keep what it tells (--keep-metadata)`,
    });
  const bytes = await strip(new Uint8Array(await file.arrayBuffer()));
  return new Blob([new Uint8Array(bytes)], { type });
}
