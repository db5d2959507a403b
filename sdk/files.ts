/** Files: cleaned and hashed here, brought to the centre, and named by the share that follows. Fetched, they are verified. */
import { type Bytes, base64, fromBase64, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { headLength, typeOfFile } from '@parley/core/file-types.ts';
import {
  type FileEntry,
  LeafHash,
  maxFiles,
  type Upload,
  uploadBodyType,
  uploadType,
  verifiedFile,
} from '@parley/core/files.ts';
import type { Handling } from '@parley/core/handling.ts';
import { filePart, maxPartBytes, maxParts, type Part, partOf, saltLength } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { ContentHash } from '@parley/core/sha256.ts';
import { fileAt, signPayload } from '@parley/core/statement.ts';
import { z } from 'zod';
import { checkAccredited } from './accreditation.ts';
import { withCases } from './cases.ts';
import { ask, askJson, type Connection, fetchReceipt, pathOf } from './connection.ts';
import { describeFile } from './file-objects.ts';
import { markingsUnder } from './markings.ts';
import { stripMetadata } from './metadata/strip.ts';
import { random } from './signer.ts';
import type { Speaker, Words } from './submit.ts';
import { chunksOf } from './transport.ts';

export interface FileToShare {
  /** A `File` of a browser, or what `fs.openAsBlob` gives: read by pieces, and more than once. */
  readonly blob: Blob;
  readonly name: string;
  /** Left out: by its name and how it begins. */
  readonly type?: string;
  readonly caption?: string;
}

export interface FilesOptions {
  /** Shared as it is, with whatever it tells beside its content. */
  readonly keepMetadata?: boolean;
  /** STIX objects of the same share, before the files. */
  readonly objects?: AsyncIterable<Bytes> | Iterable<Bytes>;
  readonly cases?: readonly string[];
  /** Files brought so far. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** Milliseconds for one file to be on its way. */
const patience = 30 * 60_000;

/** What is about to be said, once everything about it is known. */
export interface Prepared {
  readonly blob: Blob;
  readonly type: string;
  readonly salt: Bytes;
  readonly leaf: Bytes;
}

/**
 * One share: the objects, what tells of the files, then the files. It stands or falls as a whole.
 * @throws file.type, file.metadata, file.*, parts.*, handling.classification, and what the centre refuses it with
 */
export async function shareFiles(
  { connection, speaker, say }: Sharing,
  room: string,
  files: readonly FileToShare[],
  handling: Handling,
  options: FilesOptions = {},
): Promise<Receipt> {
  const { keepMetadata = false, onProgress } = options;
  if (files.length === 0 || files.length > maxFiles)
    throw new Refusal('parts.too-many', { detail: 'files of one share', params: { limit: maxFiles } });
  await checkAccredited(connection, handling);
  const ready: Prepared[] = [];
  const told: Bytes[] = [];
  for (const [i, file] of files.entries()) {
    const type = await typeOf(file);
    const blob = keepMetadata ? file.blob : await cleaned(file, type);
    const { sha256, ...hashed } = await hashedOf(blob);
    ready.push({ blob, type, ...hashed });
    told.push(...(await describeFile({ ...file, type, size: blob.size, sha256, i })));
  }
  const objects = await objectsOf(options, told);
  checkSizes(objects, files.length);
  markingsUnder(handling)(objects);
  for (const [i, file] of ready.entries()) {
    await bring(connection, speaker, file);
    onProgress?.(i + 1, ready.length);
  }
  const entries = ready.map(({ blob, type }, i) => ({ n: objects.length + i, size: blob.size, type }));
  const parts = [...objects, ...ready.map(({ salt, leaf }) => filePart(salt, leaf))];
  const kept = new Map(ready.map(({ blob }, i) => [objects.length + i, blob]));
  return say({ kind: 'share/1', room, body: { handling, files: entries }, parts, files: kept });
}

export interface Sharing {
  readonly connection: Connection;
  readonly speaker: Speaker;
  readonly say: (words: Words<'share/1'>) => Promise<Receipt>;
}

async function typeOf({ blob, name, type }: FileToShare): Promise<string> {
  const head = new Uint8Array(await blob.slice(0, headLength).arrayBuffer());
  const found = type ?? typeOfFile(name, head);
  if (found === null)
    throw new Refusal('file.type', { at: name, detail: 'it begins like nothing that is taken' });
  return found;
}

async function cleaned({ blob, name }: FileToShare, type: string): Promise<Blob> {
  try {
    return await stripMetadata(blob, type);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, { at: name, detail: error.detail ?? '', cause: error });
  }
}

async function hashedOf(blob: Blob): Promise<{ salt: Bytes; leaf: Bytes; sha256: Bytes }> {
  const salt = random(saltLength);
  const leaf = new LeafHash(salt);
  const plain = new ContentHash();
  for await (const piece of piecesOf(blob)) {
    leaf.update(piece);
    plain.update(piece);
  }
  return { salt, leaf: leaf.digest(), sha256: plain.digest() };
}

async function* piecesOf(blob: Blob): AsyncGenerator<Bytes, void> {
  const reader = blob.stream().getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value as Bytes;
}

async function objectsOf(
  { objects = [], cases = [] }: FilesOptions,
  told: readonly Bytes[],
): Promise<Part[]> {
  const all = async function* () {
    yield* objects;
    yield* told;
  };
  const parts: Part[] = [];
  for await (const object of cases.length === 0 ? all() : withCases(all(), cases))
    parts.push(partOf(object, random));
  return parts;
}

/** Before anything is sent: files that are refused with their share would have come for nothing. */
function checkSizes(objects: readonly Part[], files: number): void {
  const size = objects.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (objects.length + files > maxParts)
    throw new Refusal('parts.too-many', {
      detail: 'share some of the objects apart from the files',
      params: { limit: maxParts },
    });
  if (size > maxPartBytes)
    throw new Refusal('parts.too-large', {
      detail: 'share some of the objects apart from the files',
      params: { limit: maxPartBytes, size },
    });
}

const broughtShape = z.object({ leaf: z.string() });

/** Brought twice it is the same: what was broken off can be sent again. */
export async function bring(
  connection: Connection,
  { signer, party }: Speaker,
  file: Prepared,
): Promise<void> {
  const { blob, type, salt, leaf } = file;
  await connection.log.continued();
  const payload: Upload = {
    centre: connection.centre,
    party,
    device: signer.device,
    at: new Date().toISOString(),
    salt: base64(salt),
    leaf: base64(leaf),
    size: blob.size,
    type,
  };
  const line = utf8(`${JSON.stringify(await signPayload(uploadType, payload, signer))}\n`);
  const brought = await askJson(connection, 'files', broughtShape, {
    method: 'POST',
    type: uploadBodyType,
    body: new Blob([line, blob]),
    repeatable: true,
    within: patience,
  });
  if (brought.leaf !== payload.leaf)
    throw new Refusal('read.unproven', { detail: 'the centre has taken another file' });
}

export interface FetchedFile {
  readonly entry: FileEntry;
  /** Of this part: with it, the file proves what was said. */
  readonly salt: Bytes;
  /** Throws at its end where it is not what was shared: keep nothing before. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Of what is not read to its end. */
  close(): Promise<void>;
}

/** The statement is proven first, then the file against it. An access, and recorded. @throws absent, read.unproven */
export async function fetchFile(connection: Connection, ref: StatementRef, n: number): Promise<FetchedFile> {
  const { statement, leaves } = await fetchReceipt(connection, ref);
  const entry = fileAt(statement.header, n);
  const leaf = leaves[n];
  if (!entry || !leaf) throw new Refusal('absent', { at: `/parts/${n}`, detail: 'this part is no file' });
  const response = await ask(connection, `${pathOf(ref)}/parts/${n}/file`);
  const salt = fromBase64(response.headers.get('parley-salt') ?? '');
  if (salt?.length !== saltLength)
    throw new Refusal('read.unproven', { detail: 'the centre gave no salt with the file' });
  return {
    entry,
    salt,
    pieces: verifiedFile(chunksOf(response), salt, leaf, entry),
    close: async () => response.body?.cancel().catch(() => undefined),
  };
}
