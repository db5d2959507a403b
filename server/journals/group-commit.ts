/** Group commit: what waits is one transaction, and what arrives meanwhile is the next. There is no timer. */
import { setImmediate as turn } from 'node:timers/promises';
import { Refusal } from '@parley/core/errors.ts';
import { sql } from 'kysely';
import type { Commit, JournalDb, JournalStore } from './ports.ts';

interface Waiting {
  /** Does the work within its savepoint; what it returns answers whoever waits, after the commit. */
  readonly run: (db: JournalDb) => Promise<() => void>;
  readonly fail: (error: unknown) => void;
}

export class GroupCommit {
  readonly #store: JournalStore;
  readonly #onDoubt: (cause: unknown) => void;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | null = null;
  /** Why nothing is taken any more. */
  #ended: Refusal | null = null;

  /** @param onDoubt told once when nobody knows whether a commit has persisted: the process should stop */
  constructor(store: JournalStore, onDoubt: (cause: unknown) => void) {
    this.#store = store;
    this.#onDoubt = onDoubt;
  }

  /** @throws stopping, fault, store.away, and what the work throws */
  readonly commit: Commit = (work) =>
    new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      const run = async (db: JournalDb) => {
        const result = await inSavepoint(db, work);
        return 'value' in result ? () => resolve(result.value) : () => reject(result.error);
      };
      this.#waiting.push({ run, fail: reject });
      this.#draining ??= this.#drain();
    });

  /** Takes nothing more, and resolves when what waited is done. */
  async close(): Promise<void> {
    this.#ended ??= new Refusal('stopping');
    await this.#draining;
  }

  async #drain(): Promise<void> {
    do {
      // An embedded database blocks the thread: what this turn of the event loop still brings joins the group.
      await turn();
      const group = this.#waiting;
      this.#waiting = [];
      await this.#commitGroup(group);
    } while (this.#waiting.length > 0);
    this.#draining = null;
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#store.transaction(async (db) => {
        const done: (() => void)[] = [];
        for (const { run } of group) done.push(await run(db));
        return done;
      });
      for (const answer of answers) answer();
    } catch (cause) {
      // Proven to have left nothing: whoever waits is told so, and the next group may go well.
      if (cause instanceof Refusal && cause.code === 'store.away') for (const { fail } of group) fail(cause);
      else this.#stop(group, cause);
    }
  }

  /** Doubt stops the process: no later access may be journalled, and so none is answered, on an unknown state. */
  #stop(group: readonly Waiting[], cause: unknown): void {
    const ended = new Refusal('fault', { detail: 'the journals could not be written', cause });
    this.#ended = ended;
    for (const { fail } of [...group, ...this.#waiting.splice(0)]) fail(ended);
    this.#onDoubt(cause);
  }
}

type Result<T> = { readonly value: T } | { readonly error: unknown };

async function inSavepoint<T>(db: JournalDb, work: (db: JournalDb) => Promise<T>): Promise<Result<T>> {
  await sql`savepoint work`.execute(db);
  const result = await settle(() => work(db));
  if ('error' in result) await sql`rollback to savepoint work`.execute(db);
  await sql`release savepoint work`.execute(db);
  return result;
}

async function settle<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}
