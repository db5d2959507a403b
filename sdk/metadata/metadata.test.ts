/** Files made up here, with a mark in every place that may tell something: none is left, and the content is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PDFDocument, PDFName, PDFRawStream, PDFString } from '@cantoo/pdf-lib';
import { concat, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { beginsAs } from '@parley/core/file-types.ts';
import { orientationIn, tiffWith } from './exif.ts';
import { stripMetadata } from './strip.ts';

const mark = 'MARKED-PERSON';
const kept = 'KEPT-CONTENT';
const bytes = (...values: number[]) => Uint8Array.from(values);
const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const be = (value: number, length: number) =>
  Uint8Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)) % 256);
const le = (value: number, length: number) => be(value, length).reverse();
const text = (content: Uint8Array) => Buffer.from(content).toString('latin1');

async function stripped(type: string, ...pieces: Uint8Array[]): Promise<Uint8Array> {
  const whole = concat(...pieces);
  assert.ok(beginsAs(type, whole), 'the sample is one');
  const clean = new Uint8Array(await (await stripMetadata(new Blob([whole]), type)).arrayBuffer());
  assert.ok(beginsAs(type, clean), 'it is still one');
  assert.ok(!text(clean).includes(mark), 'a mark is left');
  return clean;
}

async function refusedAs(type: string, ...pieces: Uint8Array[]): Promise<void> {
  await assert.rejects(
    stripMetadata(new Blob([concat(...pieces)]), type),
    (error: unknown) => error instanceof Refusal && error.code === 'file.metadata',
  );
}

const segment = (marker: number, body: Uint8Array) =>
  concat(bytes(0xff, marker), be(body.length + 2, 2), body);
/** Orientation 6, and a maker that is marked. */
function exif(): Uint8Array {
  const entries = concat(
    be(2, 2),
    concat(be(0x010f, 2), be(2, 2), be(mark.length, 4), be(38, 4)),
    concat(be(0x0112, 2), be(3, 2), be(1, 4), be(6, 2), be(0, 2)),
    be(0, 4),
  );
  return concat(latin('MM\0*'), be(8, 4), entries, latin(mark));
}

const jpeg = () => [
  bytes(0xff, 0xd8),
  segment(0xe0, concat(latin('JFIF\0'), bytes(1, 2, 0, 0, 1, 0, 1, 1, 1), latin(mark))),
  segment(0xe1, concat(latin('Exif\0\0'), exif())),
  segment(0xe1, latin(`http://ns.adobe.com/xap/1.0/\0<x>${mark}</x>`)),
  segment(0xed, latin(`Photoshop 3.0\x008BIM${mark}`)),
  segment(0xe2, latin(`ICC_PROFILE\0\x01\x01${kept}`)),
  segment(0xe2, latin(`MPF\0${mark}`)),
  segment(0xee, latin('Adobe\0\x64\0\0\0\0\x01')),
  segment(0xfe, latin(mark)),
  segment(0xdb, new Uint8Array(65)),
  segment(0xda, bytes(1, 1, 0, 0, 63, 0)),
  bytes(1, 0xff, 0, 2, 0xff, 0xd0, 3),
  segment(0xfe, latin(mark)),
  segment(0xda, bytes(1, 1, 0, 0, 63, 0)),
  bytes(4, 5),
  bytes(0xff, 0xd9),
  latin(`trailer ${mark}`),
];

test('JPEG: the picture, its colours and which way up it is stay', async () => {
  const clean = await stripped('image/jpeg', ...jpeg());
  for (const each of [kept, 'Adobe', 'JFIF']) assert.ok(text(clean).includes(each), each);
  assert.ok(text(clean).includes(text(bytes(1, 0xff, 0, 2, 0xff, 0xd0, 3))));
  const at = text(clean).indexOf('Exif\0\0');
  assert.equal(orientationIn(clean.subarray(at + 6)), 6);
  assert.deepEqual([...clean.subarray(-4)], [4, 5, 0xff, 0xd9]);
  const twice = await stripped('image/jpeg', clean);
  assert.deepEqual(twice, clean);
  await refusedAs('image/jpeg', ...jpeg().slice(0, -3));
  await refusedAs('image/jpeg', bytes(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 1));
});

test('PNG: chunks that show the picture stay', async () => {
  const chunk = (type: string, body: Uint8Array) => concat(be(body.length, 4), latin(type), body, be(0, 4));
  const png = [
    bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(13)),
    chunk('tEXt', latin(`Author\0${mark}`)),
    chunk('iTXt', latin(`XML:com.adobe.xmp\0\0\0\0\0${mark}`)),
    chunk('eXIf', exif()),
    chunk('tIME', latin(mark)),
    chunk('prVt', latin(mark)),
    chunk('gAMA', be(45455, 4)),
    chunk('IDAT', latin(kept)),
    chunk('IEND', new Uint8Array(0)),
    latin(mark),
  ];
  const clean = await stripped('image/png', ...png);
  assert.ok(text(clean).includes(kept) && text(clean).includes('gAMA'));
  await refusedAs('image/png', ...png.slice(0, -2));
  await refusedAs('image/png', ...png.slice(0, 2), chunk('NEWC', latin('x')), ...png.slice(2));
});

test('GIF: pictures, timing and repetition stay', async () => {
  const block = (content: Uint8Array) => concat(bytes(content.length), content, bytes(0));
  const gif = [
    latin('GIF89a'),
    bytes(1, 0, 1, 0, 0x80, 0, 0),
    new Uint8Array(6),
    concat(bytes(0x21, 0xff, 11), latin('NETSCAPE2.0'), block(bytes(1, 0, 0))),
    concat(bytes(0x21, 0xfe), block(latin(mark))),
    concat(bytes(0x21, 0xff, 11), latin('XMP DataXMP'), block(latin(mark))),
    concat(bytes(0x21, 0xf9), block(bytes(0, 10, 0, 0))),
    concat(bytes(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2), block(latin(kept))),
    bytes(0x3b),
    latin(mark),
  ];
  const clean = await stripped('image/gif', ...gif);
  assert.ok(text(clean).includes(kept) && text(clean).includes('NETSCAPE2.0'));
  assert.equal(clean.at(-1), 0x3b);
  await refusedAs('image/gif', ...gif.slice(0, -2));
});

const riff = (form: string, ...chunks: [string, Uint8Array][]) => {
  const body = chunks.map(([type, content]) =>
    concat(latin(type), le(content.length, 4), content, new Uint8Array(content.length % 2)),
  );
  const all = concat(...body);
  return concat(latin('RIFF'), le(all.length + 4, 4), latin(form), all);
};

test('WebP: Exif and XMP go, and the header says so', async () => {
  const picture = riff(
    'WEBP',
    ['VP8X', bytes(0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['ICCP', latin(kept)],
    ['VP8 ', latin('picture')],
    ['EXIF', exif()],
    ['XMP ', latin(mark)],
    ['ABCD', latin(mark)],
  );
  const clean = await stripped('image/webp', picture, latin(mark));
  assert.ok(text(clean).includes('picture') && text(clean).includes(kept));
  assert.equal(clean[20], 0x28, 'a profile, and which way up');
  assert.equal(new DataView(clean.buffer).getUint32(4, true), clean.length - 8);
  await refusedAs('image/webp', picture.subarray(0, 60));
});

test('WAVE: what is played stays', async () => {
  const sound = riff(
    'WAVE',
    ['LIST', latin(`INFOIART${mark}`)],
    ['bext', latin(mark)],
    ['fmt ', new Uint8Array(16)],
    ['id3 ', latin(mark)],
    ['data', latin(kept)],
  );
  const clean = await stripped('audio/wav', sound);
  assert.ok(text(clean).includes(kept));
  await refusedAs('audio/wav', riff('WAVE', ['fmt ', new Uint8Array(16)]));
});

test('MP3: frames stay, tags of every kind go', async () => {
  const frame = concat(bytes(0xff, 0xfb, 0x90, 0x00), new Uint8Array(413).fill(7));
  const id3 = (body: Uint8Array) => concat(latin('ID3'), bytes(4, 0, 0, 0, 0, 0, body.length), body);
  const ape = concat(latin('APETAGEX'), le(2000, 4), le(mark.length, 4), new Uint8Array(16), latin(mark));
  const old = concat(latin('TAG'), latin(mark), new Uint8Array(125 - mark.length));
  const clean = await stripped(
    'audio/mpeg',
    id3(latin(mark)),
    frame,
    frame,
    id3(latin(mark)),
    frame,
    ape,
    old,
  );
  assert.deepEqual(clean, concat(frame, frame, frame));
  await refusedAs('audio/mpeg', id3(latin(mark)), new Uint8Array(1000));
});

async function pdf(): Promise<PDFDocument> {
  const document = await PDFDocument.create();
  document.setAuthor(mark);
  document.setTitle(mark);
  const page = document.addPage([200, 200]);
  page.drawText(kept);
  const { context } = document;
  const xmp = context.register(context.stream(`<x:xmpmeta>${mark}</x:xmpmeta>`, { Type: 'Metadata' }));
  document.catalog.set(PDFName.of('Metadata'), xmp);
  document.catalog.set(PDFName.of('PieceInfo'), context.obj({ App: { Private: PDFString.of(mark) } }));
  context.register(context.obj({ Old: PDFString.of(mark) }));
  const note = context.obj({ Type: 'Annot', Subtype: 'Text', Rect: [0, 0, 9, 9], T: PDFString.of(mark) });
  note.set(PDFName.of('Contents'), PDFString.of(kept));
  page.node.addAnnot(context.register(note));
  const picture = PDFRawStream.of(
    context.obj({ Type: 'XObject', Subtype: 'Image', Width: 1, Height: 1, Filter: 'DCTDecode' }),
    concat(...jpeg()),
  );
  page.node.setXObject(PDFName.of('Pic'), context.register(picture));
  return document;
}

test('PDF: written anew from what its pages need', async () => {
  const source = await (await pdf()).save({ useObjectStreams: false });
  assert.ok(text(source).includes(mark));
  const clean = await stripped('application/pdf', source);
  for (const gone of ['/Info', '/Metadata', '/PieceInfo', '/ID'])
    assert.ok(!text(clean).includes(gone), gone);
  assert.ok(text(clean).includes(kept), 'the annotation');
  const again = await PDFDocument.load(clean, { updateMetadata: false });
  assert.equal(again.getPageCount(), 1);
  assert.equal(again.getAuthor(), undefined);
  const packed = await (await pdf()).save({ useObjectStreams: true });
  await stripped('application/pdf', packed);
});

test('PDF: versions before, which an update leaves behind, go', async () => {
  const first = text(await (await pdf()).save({ useObjectStreams: false }));
  const place = first.lastIndexOf('startxref');
  const before = /startxref\s+(\d+)/.exec(first.slice(place))?.[1];
  const root = /\/Root (\d+ \d+ R)/.exec(first)?.[1];
  const size = Number(/\/Size (\d+)/.exec(first)?.[1]);
  const offset = first.length;
  const update = `${size} 0 obj\n(${mark})\nendobj\nxref\n${size} 1\n${String(offset).padStart(10, '0')} 00000 n \ntrailer\n<< /Size ${size + 1} /Root ${root} /Prev ${before} >>\nstartxref\n${offset + `${size} 0 obj\n(${mark})\nendobj\n`.length}\n%%EOF\n`;
  await stripped('application/pdf', latin(first + update));
});

test('PDF: what is signed, locked or broken is refused', async () => {
  const signed = await pdf();
  const signature = signed.context.obj({ Type: 'Sig', ByteRange: [0, 1, 2, 3], Contents: PDFString.of('x') });
  signed.catalog.set(PDFName.of('Signed'), signed.context.register(signature));
  await refusedAs('application/pdf', await signed.save());
  await refusedAs('application/pdf', utf8('%PDF-1.7\nnothing\n'));
});

test('texts are as they are, and what nothing here can clean is refused', async () => {
  const note = new Blob([mark]);
  assert.equal(await stripMetadata(note, 'text/plain'), note);
  for (const type of ['audio/flac', 'audio/ogg', 'application/zip', 'application/gzip'])
    await refusedAs(type, latin('x'));
});

test('which way up, and nothing else, is read of Exif', () => {
  for (let way = 2; way <= 8; way++) assert.equal(orientationIn(tiffWith(way)), way);
  assert.equal(orientationIn(tiffWith(1)), null);
  assert.equal(orientationIn(latin('II*\0\xff\xff\xff\x7f')), null);
  assert.equal(orientationIn(latin('MM')), null);
});
