/** Runs the program as a terminal would, in this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import type { Io } from '../io.ts';
import { cliCommands, parleyProgram } from '../program.ts';
import { type ExitStatus, run } from '../run.ts';

export interface Ran {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  /** What the program has written so far. */
  readonly out: () => string;
  /** As a signal would. */
  readonly stop: () => void;
  readonly ended: Promise<Ran>;
}

export function start(
  args: readonly string[],
  options: { stdin?: string; env?: Record<string, string> } = {},
): Running {
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new PassThrough().on('data', (piece) => {
      written[name] += String(piece);
    });
  const stop = new AbortController();
  const io: Io = {
    stdin: Readable.from([Buffer.from(options.stdin ?? '')]),
    stdout: sink('out'),
    stderr: sink('err'),
    env: options.env ?? {},
    stopping: () => stop.signal,
  };
  const ended = run(parleyProgram(cliCommands(io), '0.0.0'), args, io).then((status) => ({
    status,
    ...written,
  }));
  return { out: () => written.out, stop: () => stop.abort(), ended };
}

export function parley(
  args: readonly string[],
  options: { stdin?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  return start(args, options).ended;
}

/** A directory that is gone after the test. */
export function temporary(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
