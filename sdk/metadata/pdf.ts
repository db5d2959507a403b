/**
 * PDF, written anew from what its pages need (ISO 32000): without the information dictionary, XMP, private data of
 * programs, names and times at annotations, what the pictures inside tell, and everything that no page leads to, such
 * as the versions before. What cannot be written anew without loss is refused: what is signed, and what is locked.
 */
import {
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { Refusal } from '@parley/core/errors.ts';
import { broken } from './bytes.ts';
import { stripJpeg } from './jpeg.ts';

const name = PDFName.of;
/** Of any dictionary. */
const private_ = ['Metadata', 'PieceInfo', 'LastModified', 'SpiderInfo'].map(name);
/** Of an annotation: who made it, when, and what a program calls it. */
const annotated = ['T', 'M', 'CreationDate', 'NM'].map(name);
const times = ['CreationDate', 'ModDate'].map(name);

/** @throws file.metadata */
export async function stripPdf(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await written(bytes);
  } catch (error) {
    throw error instanceof Refusal ? error : broken('it is locked, or not built as a PDF is');
  }
}

async function written(bytes: Uint8Array): Promise<Uint8Array> {
  const document = await opened(bytes);
  const { context } = document;
  for (const [, object] of context.enumerateIndirectObjects()) if (isSignature(object)) throw signed();
  delete context.trailerInfo.Info;
  delete context.trailerInfo.ID;
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    clean(object);
    if (isPicture(object)) context.assign(ref, withoutMetadata(object));
  }
  forgetUnreached(document);
  const saved = await document.save({
    useObjectStreams: false,
    addDefaultPage: false,
    updateFieldAppearances: false,
  });
  await checked(saved, document.getPageCount());
  return saved;
}

async function opened(bytes: Uint8Array): Promise<PDFDocument> {
  const document = await PDFDocument.load(bytes, { updateMetadata: false, throwOnInvalidObject: true });
  if (document.isEncrypted) throw broken('it is locked');
  return document;
}

/** Every dictionary in it, also those that stand within others. */
function clean(object: PDFObject): void {
  const left: PDFObject[] = [object];
  for (let next = left.pop(); next; next = left.pop()) {
    const dict = next instanceof PDFStream ? next.dict : next;
    if (dict instanceof PDFArray) left.push(...dict.asArray());
    if (!(dict instanceof PDFDict)) continue;
    for (const key of private_) dict.delete(key);
    if (isMarkup(dict)) for (const key of annotated) dict.delete(key);
    if (dict.has(name('CheckSum')) || dict.has(name('ModDate'))) for (const key of times) dict.delete(key);
    left.push(...dict.values());
  }
}

/** An annotation, but not the field of a form: there, T is what the field is called. */
function isMarkup(dict: PDFDict): boolean {
  return dict.get(name('Subtype')) !== name('Widget') && dict.has(name('Rect')) && dict.has(name('Subtype'));
}

function isSignature(object: PDFObject): boolean {
  return object instanceof PDFDict && object.has(name('ByteRange')) && object.has(name('Contents'));
}

/** A JPEG as it stands in a PDF: it brings its own metadata along. */
function isPicture(object: PDFObject): object is PDFRawStream {
  if (!(object instanceof PDFRawStream)) return false;
  const filter = object.dict.get(name('Filter'));
  const filters = filter instanceof PDFArray ? filter.asArray() : [filter];
  if (!filters.includes(name('DCTDecode'))) return false;
  if (filters.length > 1) throw broken('a picture in it is packed twice');
  return true;
}

function withoutMetadata({ dict, contents }: PDFRawStream): PDFRawStream {
  return PDFRawStream.of(dict, stripJpeg(contents));
}

/** The library writes all that it has read, also what nothing leads to any more. */
function forgetUnreached({ context }: PDFDocument): void {
  const reached = new Set<PDFRef>();
  const left: (PDFObject | undefined)[] = [context.trailerInfo.Root];
  for (let next = left.pop(); next; next = left.pop()) {
    if (next instanceof PDFRef) {
      if (reached.has(next)) continue;
      reached.add(next);
      left.push(context.lookup(next));
    } else if (next instanceof PDFArray) left.push(...next.asArray());
    else if (next instanceof PDFDict) left.push(...next.values());
    else if (next instanceof PDFStream) left.push(next.dict);
  }
  for (const [ref] of context.enumerateIndirectObjects()) if (!reached.has(ref)) context.delete(ref);
}

/** What goes out is looked at again, as whoever opens it would. */
async function checked(bytes: Uint8Array, pages: number): Promise<void> {
  const document = await opened(bytes);
  const { context } = document;
  const told = context
    .enumerateIndirectObjects()
    .some(([, object]) => object instanceof PDFDict && private_.some((key) => object.has(key)));
  if (told || context.trailerInfo.Info !== undefined || document.getPageCount() !== pages)
    throw broken('it could not be written anew');
}

function signed(): Refusal {
  return broken('it is signed, and the signature would break');
}
