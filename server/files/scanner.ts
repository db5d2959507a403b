/**
 * The scanner of the centre, where one is configured (docs/scanner.md): a command that reads the bytes, or the address
 * of a clamd. Fails closed: what was not looked at is not taken.
 */
import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '@parley/core/errors.ts';

/** @throws file.infected, file.unscanned */
export type Scanner = (pieces: AsyncIterable<Uint8Array>) => Promise<void>;

export interface ScannerOptions {
  /** Program and arguments; started without a shell. */
  readonly command: readonly string[] | null;
  /** `HOST:PORT`, `[::1]:PORT`, or the path of a socket. */
  readonly address: string | null;
  /** Milliseconds for one file. */
  readonly timeout: number;
}

/** Null where none is configured. */
export function scannerFrom({ command, address, timeout }: ScannerOptions): Scanner | null {
  if (command) return (pieces) => judged(timeout, (signal) => byCommand(command, pieces, signal));
  if (address) return (pieces) => judged(timeout, (signal) => byClamd(address, pieces, signal));
  return null;
}

type Verdict = 'clean' | 'infected' | 'unknown';

async function judged(timeout: number, look: (signal: AbortSignal) => Promise<Verdict>): Promise<void> {
  const verdict = await look(AbortSignal.timeout(timeout)).catch((): Verdict => 'unknown');
  if (verdict === 'infected') throw new Refusal('file.infected');
  if (verdict === 'unknown') throw new Refusal('file.unscanned', { params: { after: 60 } });
}

/** The bytes on its standard input; 0: clean, 1: infected, anything else: it could not tell. */
async function byCommand(
  [program = '', ...args]: readonly string[],
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Verdict> {
  const scanner = spawn(program, args, {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: plainEnvironment(),
    signal,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    scanner.once('error', reject);
    scanner.once('close', resolve);
  });
  ended.catch(() => {});
  // One that has found something need not read on: then the pipe breaks, and its status is what counts.
  await pipeline(Readable.from(pieces, { objectMode: false }), scanner.stdin, { signal }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    },
  );
  const status = await ended;
  return status === 0 ? 'clean' : status === 1 ? 'infected' : 'unknown';
}

/** What a program needs to run, and no secret: the key of an encrypted store may stand beside it. */
function plainEnvironment(): Record<string, string> {
  const needed = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'SystemRoot', 'TEMP'];
  return Object.fromEntries(needed.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

const answerLimit = 4_096;

/** clamd(8), INSTREAM: pieces with their length before them, an empty one at the end, an answer that ends with NUL. */
async function byClamd(
  address: string,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Verdict> {
  const socket = connectTo(address);
  const stop = () => socket.destroy(new Error('too late'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answered = answerOf(socket);
    answered.catch(() => {});
    // It answers before the end where a piece is one too many: then writing fails, and the answer says why.
    await pipeline(Readable.from(instream(pieces)), socket, { end: false }).catch(() => {});
    const answer = await answered;
    if (/: OK$/.test(answer)) return 'clean';
    return / FOUND$/.test(answer) ? 'infected' : 'unknown';
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function connectTo(address: string): Socket {
  const [, six, four, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]]+)):(\d{1,5})$/.exec(address) ?? [];
  return port === undefined ? connect(address) : connect(Number(port), six ?? four ?? '');
}

async function* instream(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from('zINSTREAM\0');
  for await (const piece of pieces) {
    yield lengthOf(piece.length);
    yield piece;
  }
  yield lengthOf(0);
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

async function answerOf(socket: Socket): Promise<string> {
  let answer = '';
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      const end = answer.indexOf('\0');
      if (end >= 0) resolve(answer.slice(0, end));
      else if (answer.length > answerLimit) reject(new Error('too long an answer'));
    });
  });
}
