/** The parts of a statement: bytes with a salt each, under one root in the signed header. */
import type { z } from 'zod';
import { type Bytes, base64, concat, fromBase64, fromUtf8, utf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { maxParts } from './fields.ts';
import type { FileEntry } from './files.ts';
import type { Handling } from './handling.ts';
import { parseJson } from './json.ts';
import type { KindName, PartsOf } from './kinds.ts';
import { kinds } from './kinds.ts';
import { checkAllMarkings } from './markings.ts';
import { type Hash, hashLeaf, rootOf } from './merkle.ts';
import { parseStix, type StixObject } from './stix.ts';

export { maxParts };
/** Bytes of all parts together, without salts and without files. */
export const maxPartBytes = 1024 * 1024;
export const saltLength = 16;

export interface Part {
  /** 16 random bytes, so that a leaf hash tells nothing about a guessable text. */
  readonly salt: Bytes;
  /** As received: UTF-8 JSON, without a line feed. Of a file none: its bytes stand apart. */
  readonly bytes: Bytes;
  /** Of a file: the leaf hash over its salt and bytes, as it is said to be. Who has the bytes verifies it. */
  readonly file?: Hash;
}

/** Leaf of the tree over the parts: SHA-256(0x00 ‖ salt ‖ bytes). */
export function partLeaf(part: Part): Hash {
  return part.file ?? hashLeaf(part.salt, part.bytes);
}

/** A file as a part: its bytes are uploaded, kept and fetched apart. */
export function filePart(salt: Bytes, leaf: Hash): Part {
  return { salt, bytes: new Uint8Array(0), file: leaf };
}

/** Number of a part in the whole log: the record's index times `maxParts`, plus the part's place in the statement. */
export type PartNumber = number;

export function partNumber(index: number, n: number): PartNumber {
  return index * maxParts + n;
}

/** Index of the record that a part belongs to. */
export function recordIndexOf(part: PartNumber): number {
  return Math.floor(part / maxParts);
}

/** The record's index, and the part's place in its statement. */
export function placeOf(part: PartNumber): { readonly index: number; readonly n: number } {
  return { index: recordIndexOf(part), n: part % maxParts };
}

/** One part a line, in submissions and in answers: JSON for anyone, and the exact bytes for who verifies. */
export function formatPart(part: Part): Bytes {
  if (part.file) return utf8(`{"salt":"${base64(part.salt)}","file":"${base64(part.file)}"}`);
  return concat(utf8(`{"salt":"${base64(part.salt)}","part":`), part.bytes, utf8('}'));
}

const fileLine = /^\{"salt":"([A-Za-z0-9+/]{22}==)","file":"([A-Za-z0-9+/]{43}=)"\}$/;
const fileLineLength = '{"salt":"'.length + 24 + '","file":"'.length + 44 + '"}'.length;
const prefix = /^\{"salt":"([A-Za-z0-9+/]{22}==)","part":$/;
const prefixLength = '{"salt":"'.length + 24 + '","part":'.length;

/** @throws part.malformed */
export function parsePart(line: Bytes, at: string): Part {
  const file = line.length === fileLineLength ? fileLine.exec(latin1(line)) : null;
  if (file) return fileFrom(file, at);
  const match = prefix.exec(latin1(line.subarray(0, prefixLength)));
  const salt = match ? fromBase64(match[1] as string) : null;
  if (!salt || line[line.length - 1] !== 0x7d || line.length <= prefixLength + 1) throw malformedLine(at);
  return { salt, bytes: line.slice(prefixLength, -1) };
}

function fileFrom([, first = '', second = '']: RegExpExecArray, at: string): Part {
  const [salt, leaf] = [fromBase64(first), fromBase64(second)];
  if (!salt || !leaf) throw malformedLine(at);
  return filePart(salt, leaf);
}

function malformedLine(at: string): Refusal {
  return new Refusal('part.malformed', {
    at,
    detail:
      'expected {"salt":"…","part":…} with a 16-byte salt, or {"salt":"…","file":"…"} with its leaf hash, on one line',
  });
}

const ascii = new TextDecoder('latin1');

function latin1(bytes: Uint8Array): string {
  return ascii.decode(bytes);
}

/** What the checks of a statement's parts found: leaves for the tree, and the objects among them. */
export interface CheckedParts {
  readonly leaves: readonly Hash[];
  readonly objects: readonly StixObject[];
}

/**
 * Number, size, root, and the shape that the kind asks for.
 * @throws parts.count, parts.too-many, parts.too-large, parts.root, part.malformed, stix.malformed, handling.contradiction
 */
export function checkParts(
  kind: KindName,
  declared: { readonly count: number; readonly root: string } | undefined,
  parts: readonly Part[],
  handling: Handling | undefined,
  files: readonly FileEntry[] = [],
): CheckedParts {
  checkSizes(declared?.count ?? 0, parts);
  checkFileParts(parts, files);
  const leaves = parts.map(partLeaf);
  if (declared && base64(rootOf(leaves)) !== declared.root)
    throw new Refusal('parts.root', { at: '/parts/root' });
  const objects = checkShapes(kinds[kind].parts, parts);
  if (handling) checkAllMarkings(objects, handling);
  return { leaves, objects };
}

function checkSizes(count: number, parts: readonly Part[]): void {
  if (parts.length > maxParts) throw new Refusal('parts.too-many', { params: { limit: maxParts } });
  if (count !== parts.length)
    throw new Refusal('parts.count', {
      at: '/parts/count',
      params: { declared: count, received: parts.length },
    });
  const size = parts.reduce((sum, part) => sum + part.bytes.length, 0);
  if (size > maxPartBytes) throw new Refusal('parts.too-large', { params: { limit: maxPartBytes, size } });
  for (const [n, part] of parts.entries())
    if (part.bytes.includes(0x0a))
      throw new Refusal('part.malformed', { at: `/parts/${n}`, detail: 'a part holds no line feed' });
}

function checkShapes(shape: PartsOf, parts: readonly Part[]): readonly StixObject[] {
  if (shape === 'stix') return checkObjects(parts);
  const [least, most] = shape === 'none' ? [0, 0] : 'one' in shape ? [1, 1] : [0, 1];
  if (parts.length < least || parts.length > most)
    throw new Refusal('parts.count', {
      at: '/parts/count',
      detail: `this kind has ${least === most ? least : 'at most one'} part(s)`,
    });
  if (shape !== 'none')
    for (const part of parts) readPart('one' in shape ? shape.one : shape.optional, part.bytes);
  return [];
}

/** Files stand where the header says, and nowhere else: they are the last parts, so that objects keep their numbers. */
function checkFileParts(parts: readonly Part[], files: readonly FileEntry[]): void {
  const first = parts.length - files.length;
  const wrong = parts.findIndex((part, n) => (part.file !== undefined) !== n >= first);
  if (wrong >= 0)
    throw new Refusal('part.malformed', {
      at: `/parts/${wrong}`,
      detail: wrong >= first ? 'the header says that this is a file' : 'a file that the header does not name',
    });
}

function checkObjects(all: readonly Part[]): readonly StixObject[] {
  if (all.length === 0)
    throw new Refusal('parts.count', { at: '/parts/count', detail: 'a share has at least one part' });
  const parts = all.filter(({ file }) => file === undefined);
  const objects = parts.map((part, n) => parseStix(part.bytes, `/parts/${n}`));
  const seen = new Set<string>();
  for (const [n, { id, version }] of objects.entries()) {
    if (seen.has(`${id} ${version}`))
      throw new Refusal('part.malformed', {
        at: `/parts/${n}`,
        detail: 'the same version of an object twice in one statement',
      });
    seen.add(`${id} ${version}`);
  }
  return objects;
}

/** Parses a part by the schema of its kind. @throws part.malformed and what `parseJson` throws */
export function readPart<T>(schema: z.ZodType<T>, bytes: Uint8Array, at = '/parts/0'): T {
  const result = schema.safeParse(parseJson(bytes, at));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refusal('part.malformed', {
    at: [at, ...(issue?.path ?? [])].join('/'),
    detail: issue?.message ?? '',
  });
}

/** Makes a part of a value, with a fresh salt. */
export function makePart(value: unknown, random: (length: number) => Bytes): Part {
  return partOf(utf8(JSON.stringify(value)), random);
}

/** Makes a part of JSON bytes as they are; line feeds, which JSON knows only between tokens, become spaces. */
export function partOf(bytes: Uint8Array, random: (length: number) => Bytes): Part {
  const line = bytes.includes(0x0a) ? utf8(fromUtf8(bytes).replace(/\n/g, ' ')) : (bytes.slice() as Bytes);
  return { salt: random(saltLength), bytes: line };
}

/**
 * Which parts of a refused share its party had said before with the same bytes: `stix.version-known` names them all, or
 * none where one of them has other bytes.
 */
export function knownParts({ code, params }: Refusal): ReadonlySet<number> {
  if (code !== 'stix.version-known' || typeof params.known !== 'string') return new Set();
  return new Set(params.known.split(',').map(Number));
}
