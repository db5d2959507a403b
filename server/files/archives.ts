/**
 * Archives, looked into by unpacking all of them and keeping nothing: what their directories say of sizes, an attacker
 * has written. Everything that is unpacked, at any depth, is counted against one allowance.
 */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Refusal } from '@parley/core/errors.ts';
import { beginsAs, fileTypes } from '@parley/core/file-types.ts';
import { fromBufferPromise, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import type { Spool } from './spool.ts';

export interface ArchiveLimits {
  /** Files inside, at all depths together. */
  readonly entries: number;
  /** Bytes unpacked, at all depths together; and how many to each byte of the archive, from `free` on. */
  readonly bytes: number;
  readonly ratio: number;
  readonly free: number;
  /** Archives within archives. */
  readonly depth: number;
  /** Bytes of a zip within an archive: it is held in memory. */
  readonly held: number;
  /** Milliseconds for all of it. */
  readonly time: number;
}

const mebibyte = 1024 * 1024;
export const archiveLimits: ArchiveLimits = {
  entries: 10_000,
  bytes: 1024 * mebibyte,
  ratio: 100,
  free: 64 * mebibyte,
  depth: 3,
  held: 4 * mebibyte,
  time: 30_000,
};

/** @throws file.bomb, file.type where it is no whole archive, or not one of its type */
export async function checkArchive(
  spool: Spool,
  type: string,
  limits: ArchiveLimits = archiveLimits,
): Promise<void> {
  const archive = fileTypes[type]?.archive;
  if (!archive) return;
  const allowance = new Allowance(limits, spool.size);
  const look = async () => {
    if (archive.format === 'gzip') return consume(unzipped(spool.read()), allowance, 1);
    const names = await walk(
      await fromRandomAccessReaderPromise(new SpoolReader(spool), spool.size, { lazyEntries: true }),
      allowance,
      1,
    );
    const missing = archive.holds?.find((held) => !names.some((name) => name === held || isIn(name, held)));
    if (missing !== undefined) throw notOf(`it holds no ${missing}`);
  };
  await whole(() => endingBy(limits.time + patience, look));
}

/** Milliseconds beyond the time of a file, for what neither goes on nor fails: it must not keep others waiting. */
const patience = 5_000;

async function endingBy(ms: number, work: () => Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tooLong()), ms);
  try {
    await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

function isIn(name: string, folder: string): boolean {
  return folder.endsWith('/') && name.startsWith(folder);
}

class Allowance {
  readonly limits: ArchiveLimits;
  #entries: number;
  #bytes: number;
  readonly #ends: number;

  constructor(limits: ArchiveLimits, size: number) {
    this.limits = limits;
    this.#entries = limits.entries;
    this.#bytes = Math.min(limits.bytes, Math.max(limits.free, size * limits.ratio));
    this.#ends = performance.now() + limits.time;
  }

  entry(): void {
    if (--this.#entries < 0) throw bomb('it holds too many files', this.limits.entries);
    this.#inTime();
  }

  take(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes < 0) throw bomb('it unpacks to too much', this.limits.bytes);
    this.#inTime();
  }

  #inTime(): void {
    if (performance.now() > this.#ends) throw tooLong();
  }

  deeper(depth: number): number {
    if (depth >= this.limits.depth) throw bomb('archives within archives', this.limits.depth);
    return depth + 1;
  }
}

/** @returns the names of what is in it */
async function walk(zip: ZipFile, allowance: Allowance, depth: number): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) {
    allowance.entry();
    names.push(entry.fileName);
    if (entry.fileName.endsWith('/')) continue;
    if (entry.isEncrypted()) throw bomb('it is locked by a password');
    if (!entry.canDecodeFileData()) throw bomb('it is packed in a way that is not known here');
    await consume(await zip.openReadStreamPromise(entry), allowance, depth);
  }
  return names;
}

/** Reads all of it, and looks into what is an archive itself. */
async function consume(
  pieces: AsyncIterable<Uint8Array>,
  allowance: Allowance,
  depth: number,
): Promise<void> {
  const { head, all } = await begun(counted(pieces, allowance));
  if (beginsAs('application/gzip', head)) return consume(unzipped(all), allowance, allowance.deeper(depth));
  if (!beginsAs('application/zip', head)) {
    for await (const _ of all);
    return;
  }
  const inner = allowance.deeper(depth);
  const bytes = await held(all, allowance.limits.held);
  await walk(await fromBufferPromise(bytes, { lazyEntries: true }), allowance, inner);
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  allowance: Allowance,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of pieces) {
    allowance.take(piece.length);
    yield piece;
  }
}

/** What begins it, and all of it again. */
async function begun(pieces: AsyncGenerator<Uint8Array, void>) {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 4) {
    const next = await pieces.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = async function* (): AsyncGenerator<Uint8Array, void> {
    try {
      yield head;
      yield* pieces;
    } finally {
      await pieces.return();
    }
  };
  return { head, all: all() };
}

async function* unzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip();
  const source = Readable.from(pieces, { objectMode: false });
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function held(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw bomb('an archive within it is too large to look into', limit);
    kept.push(piece);
  }
  return Buffer.concat(kept);
}

/** What fails in unpacking is a file that is no whole archive. */
async function whole(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw notOf('not a whole archive');
  }
}

class SpoolReader extends RandomAccessReader {
  readonly #spool: Spool;

  constructor(spool: Spool) {
    super();
    this.#spool = spool;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#spool.read(start, end), { objectMode: false });
  }
}

function bomb(detail: string, limit?: number): Refusal {
  return new Refusal('file.bomb', { detail, ...(limit === undefined ? {} : { params: { limit } }) });
}

function tooLong(): Refusal {
  return bomb('it takes too long to look into: share what is in it by itself');
}

function notOf(detail: string): Refusal {
  return new Refusal('file.type', { detail });
}
