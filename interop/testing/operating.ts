/** Whoever runs a centre, and types at the program; the centre itself runs in this process, at one address. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import type { Io } from '@parley/cli/io.ts';
import { cliCommands, parleyProgram } from '@parley/cli/program.ts';
import { run } from '@parley/cli/run.ts';
import { type Ran, temporary } from '@parley/cli/testing/terminal.ts';
import { operatorTerminal } from '../../bin/terminal.ts';
import { createLog } from '../../server/api/logging.ts';
import { loadConfig } from '../../server/config.ts';
import { operatorCommands } from '../../server/operator.ts';
import { type Served, serveCentre } from '../../server/serve.ts';

/** Every command of the program, as a terminal would run it. */
export async function typed(home: string, args: readonly string[]): Promise<Ran> {
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new PassThrough().on('data', (piece) => {
      written[name] += String(piece);
    });
  const io: Io = {
    stdin: Readable.from([]),
    stdout: sink('out'),
    stderr: sink('err'),
    env: { PARLEY_HOME: home },
    stopping: () => new AbortController().signal,
  };
  const commands = [...cliCommands(io), ...operatorCommands(operatorTerminal(io))];
  const status = await run(parleyProgram(commands, '0.0.0'), args, io);
  return { status, ...written };
}

/** A person at a home. */
export class Person {
  readonly home: string;

  constructor(home: string) {
    this.home = home;
  }

  attempt(...args: string[]): Promise<Ran> {
    return typed(this.home, args);
  }

  /** What succeeds, both outputs. */
  async run(...args: string[]): Promise<Ran> {
    const ran = await this.attempt(...args);
    assert.equal(ran.status, 0, `${args.join(' ')}: ${ran.err}`);
    return ran;
  }

  async json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    return JSON.parse((await this.run(...args, '--json')).out) as T;
  }

  /** The code of what is refused. */
  async refused(...args: string[]): Promise<{ code: string; detail: string }> {
    const { status, err } = await this.attempt(...args, '--json');
    assert.notEqual(status, 0, args.join(' '));
    return JSON.parse(err.trim().split('\n').at(-1) ?? '').error;
  }

  file(name: string, content: unknown): string {
    const path = join(this.home, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }
}

export class Operator extends Person {
  readonly dir: string;
  readonly doubts: unknown[] = [];
  /** Keys of the first log. */
  readonly logs: string[] = [];
  #served: Served | null = null;
  readonly #t: TestContext;

  private constructor(t: TestContext, dir: string) {
    super(join(dir, 'home'));
    this.dir = dir;
    this.#t = t;
    t.after(() => this.stop());
  }

  /** A centre that was made, and does not run yet. */
  static async begin(t: TestContext): Promise<Operator> {
    const operator = new Operator(t, temporary(t));
    const made = ['--folder', operator.folder, '--centre', 'centre.example'];
    const { logs } = await operator.json<{ logs: string[] }>(
      ...(['init', ...made, '--party', 'Host', '--device', 'Desk'] as [string, ...string[]]),
    );
    operator.logs.push(...logs);
    operator.configure({ listen: { port: 0 } });
    return operator;
  }

  get folder(): string {
    return join(this.dir, 'store');
  }

  get config(): readonly string[] {
    return ['--config', join(this.folder, 'parley.json')];
  }

  configure(more: object): void {
    const path = join(this.folder, 'parley.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...more }));
  }

  /** Where it listens: at any port first, and at the same ever after. @throws what a start is refused with */
  async start(): Promise<Served> {
    const config = loadConfig(this.config[1], {});
    const served = await serveCentre(config, {
      ...{ log: createLog('error'), env: {}, clockConfirmed: false },
      onDoubt: (cause) => this.doubts.push(cause),
    });
    this.#served = served;
    // From now on it is found at this address, also after it was gone.
    this.configure({ listen: { port: Number(new URL(served.url).port) } });
    const profile = join(this.home, 'device.json');
    writeFileSync(
      profile,
      JSON.stringify({ ...JSON.parse(readFileSync(profile, 'utf8')), url: served.url }),
      { mode: 0o600 },
    );
    return served;
  }

  async stop(): Promise<void> {
    await this.#served?.stop();
    this.#served = null;
  }

  /** The machine is gone, with all that it knew. */
  async lose(): Promise<string> {
    await this.stop();
    const config = readFileSync(join(this.folder, 'parley.json'), 'utf8');
    rmSync(this.folder, { recursive: true, force: true });
    return config;
  }

  /** What a move has left in the folder. */
  discardLeft(): void {
    for (const name of readdirSync(this.folder).filter((name) => name.includes('.moved')))
      rmSync(join(this.folder, name), { recursive: true });
  }

  /** A party that was invited, and has joined. */
  async member(name: string): Promise<Person> {
    const { code } = await this.json<{ code: string }>('party', 'invite');
    const person = new Person(temporary(this.#t));
    await person.run('join', this.#served?.url ?? '', code, '--name', name, '--device', 'Desk');
    await person.run('open', '--purpose', 'event-security');
    return person;
  }
}
