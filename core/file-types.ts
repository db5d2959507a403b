/**
 * Which files are taken, and how each begins. A closed list: what is not on it is refused, and what is on it must begin
 * as its type does. Whether an office document is one, its directory says (`archive`).
 */
import { fromUtf8 } from './bytes.ts';

interface Kind {
  readonly extensions: readonly string[];
  readonly begins: (head: Uint8Array) => boolean;
  /** It holds other files, and is looked into: these must be among them. */
  readonly archive?: { readonly format: 'zip' | 'gzip'; readonly holds?: readonly string[] };
}

/** Bytes that are enough to tell. */
export const headLength = 4_096;

const at =
  (offset: number, ...bytes: readonly number[]) =>
  (head: Uint8Array): boolean =>
    head.length >= offset + bytes.length && bytes.every((byte, i) => head[offset + i] === byte);
const text = (offset: number, letters: string) =>
  at(offset, ...Array.from(letters, (letter) => letter.charCodeAt(0)));
const riff = (form: string) => (head: Uint8Array) => text(0, 'RIFF')(head) && text(8, form)(head);
const either =
  (...ways: readonly ((head: Uint8Array) => boolean)[]) =>
  (head: Uint8Array): boolean =>
    ways.some((way) => way(head));

const zip = text(0, 'PK\x03\x04');
/** A frame of MPEG audio: eleven bits of sync, layer III, a bit rate and a rate that exist. */
const mp3Frame = (head: Uint8Array): boolean => {
  const [a = 0, b = 0, c = 0] = head;
  return a === 0xff && (b & 0xe6) === 0xe2 && (c & 0xf0) !== 0xf0 && (c & 0xf0) !== 0 && (c & 0x0c) !== 0x0c;
};
const office = (folder: string) => ['[Content_Types].xml', folder];
const zipped = (extension: string, holds?: readonly string[]): Kind => ({
  extensions: [extension],
  begins: zip,
  archive: { format: 'zip', ...(holds ? { holds } : {}) },
});
const plain = (...extensions: readonly string[]): Kind => ({ extensions, begins: isText });

const ooxml = 'application/vnd.openxmlformats-officedocument';
const odf = 'application/vnd.oasis.opendocument';

export const fileTypes: Readonly<Record<string, Kind>> = {
  'text/plain': plain('txt', 'log', 'text'),
  'text/markdown': plain('md', 'markdown'),
  'text/csv': plain('csv'),
  'application/pdf': { extensions: ['pdf'], begins: text(0, '%PDF-') },
  'image/jpeg': { extensions: ['jpg', 'jpeg'], begins: at(0, 0xff, 0xd8, 0xff) },
  'image/png': { extensions: ['png'], begins: at(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  'image/gif': { extensions: ['gif'], begins: either(text(0, 'GIF87a'), text(0, 'GIF89a')) },
  'image/webp': { extensions: ['webp'], begins: riff('WEBP') },
  'audio/mpeg': { extensions: ['mp3'], begins: either(text(0, 'ID3'), mp3Frame) },
  'audio/wav': { extensions: ['wav'], begins: riff('WAVE') },
  'audio/flac': { extensions: ['flac'], begins: text(0, 'fLaC') },
  'audio/ogg': { extensions: ['ogg', 'oga', 'opus'], begins: text(0, 'OggS') },
  'application/zip': zipped('zip'),
  'application/gzip': {
    extensions: ['gz', 'tgz'],
    begins: at(0, 0x1f, 0x8b, 0x08),
    archive: { format: 'gzip' },
  },
  [`${ooxml}.wordprocessingml.document`]: zipped('docx', office('word/')),
  [`${ooxml}.spreadsheetml.sheet`]: zipped('xlsx', office('xl/')),
  [`${ooxml}.presentationml.presentation`]: zipped('pptx', office('ppt/')),
  [`${odf}.text`]: zipped('odt', ['mimetype', 'content.xml']),
  [`${odf}.spreadsheet`]: zipped('ods', ['mimetype', 'content.xml']),
  [`${odf}.presentation`]: zipped('odp', ['mimetype', 'content.xml']),
};

export const allFileTypes: readonly string[] = Object.keys(fileTypes);

/** Whether a file that begins so can be of the type. @param head its first bytes, `headLength` or all there are */
export function beginsAs(type: string, head: Uint8Array): boolean {
  return Object.hasOwn(fileTypes, type) && (fileTypes[type]?.begins(head) ?? false);
}

/** What a file is, by its name where that fits how it begins, else by how it begins; null: none that is taken. */
export function typeOfFile(name: string, head: Uint8Array): string | null {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const named = allFileTypes.find((type) => fileTypes[type]?.extensions.includes(extension));
  if (named && beginsAs(named, head)) return named;
  const fits = allFileTypes.filter((type) => beginsAs(type, head));
  // What begins as something else may still be text all through.
  return fits.find((type) => !type.startsWith('text/')) ?? fits[0] ?? null;
}

/** Tab, line ends and form feed: the control characters of a text. */
export function isTextControl(byte: number): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d;
}

/** UTF-8 without other control characters; the last character may be cut. */
export function isText(head: Uint8Array): boolean {
  if (head.some((byte) => byte < 0x20 && !isTextControl(byte))) return false;
  for (let cut = 0; cut < 4 && cut < head.length; cut++)
    try {
      fromUtf8(head.subarray(0, head.length - cut));
      return true;
    } catch {
      if (head.length < headLength) return false;
    }
  return false;
}
