/**
 * Listens for commits of other instances, on a connection of its own that is made again when it is lost. What is lost
 * with it does no harm: it hurries those who look anyway.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type Target } from './postgres-connection.ts';
import { movedChannel } from './postgres-log.ts';

/** Milliseconds between attempts. */
const patience = 1_000;

export class Listening {
  readonly #target: Target;
  readonly #channel: string;
  readonly #listeners = new Set<() => void>();
  readonly #ending = new AbortController();
  #running: Promise<void> | null = null;

  constructor(target: Target, channel: string = movedChannel) {
    this.#target = target;
    this.#channel = channel;
  }

  add(listener: () => void): () => void {
    // A listener that is added twice is told twice, and removed once.
    const own = () => listener();
    this.#listeners.add(own);
    if (!this.#ending.signal.aborted) this.#running ??= this.#run();
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#listen(signal).catch(() => {});
      await pause(patience, undefined, { signal }).catch(() => {});
    }
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const connection = await Connection.open(this.#target);
    try {
      connection.onNotification(() => this.#tell());
      await connection.run(`listen ${this.#channel}`);
      // Something may have come while nobody listened.
      this.#tell();
      const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      if (!signal.aborted) await Promise.race([connection.ended, ended]);
    } finally {
      await connection.close();
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
