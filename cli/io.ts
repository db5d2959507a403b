/** Where a command reads and writes, so that tests can stand in for the terminal. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { Refusal } from '@parley/core/errors.ts';

export interface Io {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Aborts when the user interrupts or a supervisor stops us. Whoever asks for it ends calmly by itself; a command
   * that never asks is ended by the signal at once.
   */
  readonly stopping: () => AbortSignal;
}

export const processIo: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  stopping() {
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    return stop.signal;
  },
};

/** Waits while the reader is slow, so that memory stays bounded however much is written. */
export async function write(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> {
  if (stream.write(text)) return;
  await new Promise<void>((resolve) => stream.once('drain', resolve));
}

/** The bytes of a file, or of the standard input for `-`. @throws file.unreadable */
export function open(io: Io, path: string): AsyncIterable<Uint8Array> {
  return readable(path === '-' ? io.stdin : createReadStream(path), path);
}

async function* readable(source: AsyncIterable<Buffer | string>, path: string): AsyncIterable<Uint8Array> {
  try {
    for await (const piece of source) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** @throws file.unreadable, body.too-large */
export async function readAll(
  io: Io,
  path: string,
  limit = 64 * 1024 * 1024,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of open(io, path)) {
    size += piece.length;
    if (size > limit) throw new Refusal('body.too-large', { at: path, params: { limit } });
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
};

export function unreadable(path: string, cause: unknown): Refusal {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  return new Refusal('file.unreadable', { at: path, detail: reasons[code] ?? code, cause });
}

/** `parley read | head`: who closed the pipe has what it wanted. */
export function quietlyOnClosedPipe(io: Io): void {
  io.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

/** Writes a file whole or not at all, for its owner only: it may hold what few may read. @throws file.unreadable */
export async function saveFile(
  path: string,
  content: string | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof Refusal || !(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new Refusal('file.unreadable', { at: path, detail: 'it cannot be written', cause });
  }
}
