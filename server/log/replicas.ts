/**
 * Copies of the log on other hardware. A centre that requires some waits for them: what it answers is then held by so
 * many beside its own store. Each tells how far it holds the log, and that it is still there.
 */
import { Refusal } from '@parley/core/errors.ts';

/** Letters, digits and hyphens; 64 at most. */
export const replicaName = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export interface Acknowledged {
  readonly name: string;
  /** Records that it holds, durably, with all that belongs to them. */
  readonly size: number;
  /** Another one with each word of it: that it lives. */
  readonly at: number;
}

/** Where replicas tell their centre. What is lost of it is told again. */
export interface ReplicaStore {
  acknowledge(word: Acknowledged): Promise<void>;
  all(): Promise<readonly Acknowledged[]>;
  /** Told that something may have changed; late, twice, or for nothing. @returns stops it */
  onChanged(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface ReplicasOptions {
  /** How many must hold what is answered; 0: none. */
  readonly required: number;
  /** For which a submission waits for them. */
  readonly seconds: number;
}

export const noReplicas: ReplicasOptions = { required: 0, seconds: 30 };

/** Milliseconds without a word after which a replica is not waited for any more. */
const silence = 5_000;
/** Milliseconds: what tells of words may be lost on the way. */
const lookEvery = 250;

interface Waiter {
  readonly size: number;
  /** A reader goes on where nobody is to be waited for. */
  readonly reader: boolean;
  readonly go: () => void;
}

interface Heard {
  readonly size: number;
  readonly at: number;
  /** `performance.now` when it spoke; null: before this process listened, which says nothing of now. */
  readonly when: number | null;
}

export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #store: ReplicaStore | null;
  readonly #heard = new Map<string, Heard>();
  readonly #waiters = new Set<Waiter>();
  readonly #listeners = new Set<() => void>();
  #held = 0;
  #closed = false;
  #stop: () => void = () => {};
  #looking: Promise<void> | null = null;
  #again = false;

  private constructor(store: ReplicaStore | null, options: ReplicasOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** @param open only where some are required */
  static async open(
    open: () => Promise<ReplicaStore>,
    options: ReplicasOptions,
    failed: (cause: unknown) => void,
  ): Promise<Replicas> {
    if (options.required === 0) return new Replicas(null, options);
    const store = await open();
    const replicas = new Replicas(store, options);
    for (const { name, ...word } of await store.all()) replicas.#heard.set(name, { ...word, when: null });
    const look = () => replicas.#lookSoon(failed);
    const stop = store.onChanged(look);
    const timer = setInterval(look, lookEvery).unref();
    replicas.#stop = () => {
      clearInterval(timer);
      stop();
    };
    return replicas;
  }

  /** Whether what is said now would be answered. @throws replica.behind; nothing was taken */
  ready(): void {
    if (!this.#away()) return;
    throw new Refusal('replica.behind', { params: { after: 1 } });
  }

  /** Resolves when enough replicas hold so many records. @throws replica.awaited where they do not in time, stopping */
  async hold(size: number): Promise<void> {
    if (this.#holds(size)) return;
    if (this.#closed) throw new Refusal('stopping');
    await new Promise<void>((resolve, reject) => {
      const waiter = { size, reader: false, go: settle };
      const timer = setTimeout(settle, this.#options.seconds * 1_000);
      const self = this;
      function settle() {
        clearTimeout(timer);
        self.#waiters.delete(waiter);
        if (self.#holds(size)) resolve();
        else reject(awaited());
      }
      this.#waiters.add(waiter);
    });
  }

  /** The same for who reads, who is not kept from what is there when replicas have gone. */
  async shown(size: number): Promise<void> {
    if (this.#holds(size) || this.#closed || this.#away()) return;
    await new Promise<void>((resolve) => {
      const waiter = {
        ...{ size, reader: true },
        go: () => {
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** For a receipt that is given again: who asks may ask again. @throws replica.awaited, stopping */
  async given(size: number): Promise<void> {
    if (!this.#holds(size) && this.#away()) throw awaited();
    await this.hold(size);
  }

  /** @returns stops it */
  onHeld(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    await this.#looking;
    for (const { go } of [...this.#waiters]) go();
    await this.#store?.close();
  }

  #holds(size: number): boolean {
    return this.#options.required === 0 || size <= this.#held;
  }

  #away(): boolean {
    const now = performance.now();
    const live = [...this.#heard.values()].filter(({ when }) => when !== null && now - when < silence);
    return live.length < this.#options.required;
  }

  #lookSoon(failed: (cause: unknown) => void): void {
    this.#again = true;
    this.#looking ??= this.#lookWhile()
      .catch(failed)
      .finally(() => {
        this.#looking = null;
      });
  }

  /** What was said while it looked may not have been seen. */
  async #lookWhile(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    for (const { name, size, at } of (await this.#store?.all()) ?? []) {
      const before = this.#heard.get(name);
      if (before?.at !== at) this.#heard.set(name, { size, at, when: performance.now() });
    }
    const sizes = [...this.#heard.values()].flatMap(({ size, when }) => (when === null ? [] : [size]));
    const held = sizes.sort((a, b) => b - a)[this.#options.required - 1] ?? 0;
    const more = held > this.#held;
    this.#held = held;
    const away = this.#away();
    for (const { size, reader, go } of [...this.#waiters]) if (this.#holds(size) || (reader && away)) go();
    if (more) for (const listener of this.#listeners) listener();
  }
}

function awaited(): Refusal {
  return new Refusal('replica.awaited', { params: { after: 1 } });
}
