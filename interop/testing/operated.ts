/** A centre as an operator runs it: `parley start` in a process of its own, which a test ends as it likes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64 } from '@parley/core/bytes.ts';
import type { Signer } from '@parley/core/statement.ts';
import { signerFromPkcs8 } from '@parley/sdk/signer.ts';

const program = new URL('../../bin/parley.ts', import.meta.url).pathname;
/** Where the launcher has Node keep what it has compiled, too. */
export const compileCache = new URL('../../node_modules/.cache/node', import.meta.url).pathname;
/** Of what the process writes, the end is kept: for the message of a test that fails. */
const kept = 64 * 1024;

export interface OperatedOptions {
  /** Where its log lies when not in the folder: `postgres://…`. */
  readonly database?: string | null;
  /** Put before the program, such as a shell that sets limits: the words of the program follow. */
  readonly within?: readonly string[];
}

export class Operated {
  readonly folder: string;
  readonly database: string | null;
  readonly #dir: string;
  #child: ChildProcess | null = null;
  #said = '';

  private constructor(dir: string, database: string | null) {
    this.#dir = dir;
    this.folder = join(dir, 'store');
    this.database = database;
  }

  /** @param dir that is there, and removed by whoever made it */
  static async begin(dir: string, { database = null }: OperatedOptions = {}): Promise<Operated> {
    const operated = new Operated(dir, database);
    const config = {
      centre: 'centre.example',
      folder: operated.folder,
      listen: { port: 0 },
      limits: { address: 1_000_000, party: 1_000_000 },
      ...(database === null ? {} : { database }),
    };
    writeFileSync(operated.#config, JSON.stringify(config));
    const args = ['init', '--config', operated.#config, '--party', 'Host', '--device', 'Desk'];
    const status = await ended(operated.#spawn(args, []));
    if (status !== 0) throw new Error(`init: ${status}: ${operated.#said}`);
    return operated;
  }

  /** One that is there: its configuration lies in the directory. */
  static at(dir: string): Operated {
    return new Operated(dir, null);
  }

  get #config(): string {
    return join(this.#dir, 'parley.json');
  }

  /** What the process said last. */
  get said(): string {
    return this.#said;
  }

  /** The first device of the party that hosts it, with its key. */
  async host(): Promise<{ party: string; signer: Signer }> {
    const { party, pkcs8 } = JSON.parse(readFileSync(join(this.#dir, 'home/device.json'), 'utf8'));
    const key = fromBase64(pkcs8);
    if (!key) throw new Error('no key in the home');
    return { party, signer: await signerFromPkcs8(key) };
  }

  /** Begins to start, and does not wait. */
  launch({ within = [] }: OperatedOptions = {}): ChildProcess {
    this.#child = this.#spawn(['start', '--config', this.#config], within);
    return this.#child;
  }

  /** @returns where it listens */
  async start(options: OperatedOptions = {}): Promise<string> {
    const child = this.launch(options);
    for (const end = Date.now() + 180_000; Date.now() < end; await pause(20)) {
      const whole = this.#said.split('\n').slice(0, -1);
      const line = whole.find((each) => each.includes('"listening"'));
      if (line) return JSON.parse(line).url;
      if (child.exitCode !== null) break;
    }
    throw new Error(`it does not listen: ${this.#said}`);
  }

  running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** As a loss of power, for the process: nothing of it runs on. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await ended(child);
  }

  /** Calmly. @returns its exit status */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    return this.ended();
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<number | null> {
    return this.#child ? ended(this.#child) : null;
  }

  #spawn(args: readonly string[], within: readonly string[]): ChildProcess {
    const words = [
      ...within,
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      program,
      '--json',
      ...args,
    ];
    const child = spawn(words[0] as string, words.slice(1), {
      cwd: this.#dir,
      env: {
        PATH: process.env.PATH ?? '',
        PARLEY_HOME: join(this.#dir, 'home'),
        NODE_COMPILE_CACHE: compileCache,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (piece) => {
        this.#said = `${this.#said}${piece}`.slice(-kept);
      });
    return child;
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (status) => resolve(status)));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
