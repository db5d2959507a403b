/**
 * Programs of other people, built from Go's module proxy as `interop/go/go.sum` pins them: they need Go 1.25 and, the
 * first time, the network. So their tests run only where `PARLEY_TEST_GO` is set; then nothing may be missing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For `describe`: why the tests of a file are left out, or false. */
export const goSkip: string | false = process.env.PARLEY_TEST_GO
  ? false
  : 'set PARLEY_TEST_GO=1 where there is Go 1.25 or newer, and the network or its module cache';

const folderOfModule = join(import.meta.dirname, '..', 'go');

const minutes = (n: number) => n * 60_000;

/** Milliseconds for what waits for a build: the first one fetches and compiles everything. */
export const goTimeout = minutes(15);

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** What each name is built from. `fsck` and `litewitness` are theirs, unchanged; the others call their libraries. */
const sources = {
  verify: './cmd/verify',
  proof: './cmd/proof',
  keyring: './cmd/keyring',
  fsck: 'github.com/transparency-dev/tessera/cmd/fsck',
  litewitness: 'filippo.io/torchwood/cmd/litewitness',
} as const;
type Program = keyof typeof sources;

/** Built once for a file of tests, into a folder that is gone afterwards. */
export class GoPrograms {
  readonly #folder: string;
  readonly #running = new Set<Started>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws an error with what Go says */
  static async build(...programs: readonly Program[]): Promise<GoPrograms> {
    const built = new GoPrograms(mkdtempSync(join(tmpdir(), 'parley-go-')));
    try {
      const packages = programs.map((name) => sources[name]);
      const { status, err } = await go('build', '-o', `${built.#folder}/`, ...packages);
      if (status !== 0) throw new Error(`go build: ${err}`);
      return built;
    } catch (error) {
      await built.end();
      throw error;
    }
  }

  run(program: Program, args: readonly string[], stdin = ''): Promise<Ran> {
    return run(join(this.#folder, program), args, { stdin, patience: minutes(2) });
  }

  /** One that goes on until `end` or its `stop`. */
  start(program: Program, args: readonly string[]): Started {
    const started = new Started(join(this.#folder, program), args);
    this.#running.add(started);
    return started;
  }

  async end(): Promise<void> {
    for (const one of this.#running) await one.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * The toolchain, on the module beside these tests. Modules and what was compiled stay in Go's own caches.
 * @throws an error where there is no Go
 */
export async function go(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off', CGO_ENABLED: '0' };
  try {
    return await run('go', args, { cwd: folderOfModule, env, patience: minutes(10) });
  } catch (cause) {
    throw new Error('PARLEY_TEST_GO is set, and there is no Go on the path', { cause });
  }
}

export class Started {
  readonly #child: ChildProcess;
  readonly #written = { out: '', err: '' };

  constructor(path: string, args: readonly string[]) {
    this.#child = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    collect(this.#child, this.#written);
  }

  /** What it has written so far. */
  get out(): string {
    return this.#written.out;
  }

  get err(): string {
    return this.#written.err;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    this.#child.kill('SIGINT');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
  }
}

async function run(
  path: string,
  args: readonly string[],
  options: { stdin?: string; cwd?: string; env?: NodeJS.ProcessEnv; patience: number },
): Promise<Ran> {
  const { stdin = '', patience, ...about } = options;
  const child = spawn(path, args, { ...about, stdio: ['pipe', 'pipe', 'pipe'], timeout: patience });
  const written = { out: '', err: '' };
  collect(child, written);
  // A program that is through before it has read everything is judged by its status.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [status] = await once(child, 'close');
  return { status: status ?? -1, ...written };
}

function collect(child: ChildProcess, written: { out: string; err: string }): void {
  child.stdout?.on('data', (piece) => {
    written.out += String(piece);
  });
  child.stderr?.on('data', (piece) => {
    written.err += String(piece);
  });
}
