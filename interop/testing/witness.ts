/** Witnesses of our own on the loopback, run as the command line runs them. */
import { eventually } from '@parley/core/testing/eventually.ts';
import { parley, type Running, start } from '../../cli/testing/terminal.ts';

/** `parley witness` in a directory of its own, at one address for as long as the test lasts. */
export class Witness {
  readonly name: string;
  readonly dir: string;
  readonly vkey: string;
  #logs: readonly string[];
  #listen = '127.0.0.1:0';
  #running: Running | null = null;

  private constructor(name: string, dir: string, vkey: string, logs: readonly string[]) {
    this.name = name;
    this.dir = dir;
    this.vkey = vkey;
    this.#logs = logs;
  }

  static async begin(name: string, dir: string, logs: readonly string[]): Promise<Witness> {
    const made = await parley(['witness', 'init', '--name', `${name}.example`, '--dir', dir, '--json']);
    const witness = new Witness(name, dir, JSON.parse(made.out).vkey, logs);
    await witness.start();
    return witness;
  }

  get url(): string {
    return `http://${this.#listen}`;
  }

  async start(): Promise<void> {
    const logs = this.#logs.flatMap((vkey) => ['--log', vkey]);
    const running = start(['witness', 'run', '--dir', this.dir, ...logs, '--listen', this.#listen, '--json']);
    this.#listen = new URL(JSON.parse(await eventually('its URL', running.out)).url).host;
    this.#running = running;
  }

  /** Whoever runs it has been told of another log. */
  async trust(...logs: readonly string[]): Promise<void> {
    await this.stop();
    this.#logs = [...this.#logs, ...logs];
    await this.start();
  }

  async stop(): Promise<void> {
    this.#running?.stop();
    await this.#running?.ended;
    this.#running = null;
  }

  /** What it has cosigned last. */
  async size(): Promise<number> {
    const shown = await parley(['witness', 'show', '--dir', this.dir, '--json']);
    return JSON.parse(shown.out).logs[0]?.size ?? 0;
  }
}

export function policyText(logs: readonly string[], witnesses: readonly Witness[], k: number): string {
  return [
    ...logs.map((vkey) => `log ${vkey}`),
    ...witnesses.map(({ name, vkey, url }) => `witness ${name} ${vkey} ${url}`),
    `group enough ${k} ${witnesses.map(({ name }) => name).join(' ')}`,
    'quorum enough',
    '',
  ].join('\n');
}
