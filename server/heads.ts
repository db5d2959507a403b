/** Where the log stands, by whichever instance's doing, and who is told when it has moved. */
import type { Head, Store } from './log/ports.ts';

export type HeadListener = (head: Head) => void;

/** Milliseconds. What tells of others' commits may be lost on the way: then it is late by so much. */
const lookEvery = 1_000;

export class Heads {
  readonly #listeners = new Set<HeadListener>();
  #head: Head | null = null;

  get head(): Head | null {
    return this.#head;
  }

  /** Told by whoever knows first; what is older than what is known says nothing. */
  moved(head: Head | null): void {
    if (!head || head.size <= (this.#head?.size ?? 0)) return;
    this.#head = head;
    for (const listener of this.#listeners) listener(head);
  }

  /** @returns stops it */
  listen(listener: HeadListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Looks now, and whenever somebody else may have moved it.
   * @param shared other instances write to this store
   * @returns stops it
   */
  async follow<DB>(
    store: Pick<Store<DB>, 'onMoved' | 'snapshot'>,
    shared: boolean,
    failed: (cause: unknown) => void,
  ): Promise<() => void> {
    const look = async () => this.moved(await store.snapshot(({ log }) => log.head()));
    const lookAgain = () => look().catch(failed);
    await look();
    const stop = store.onMoved(lookAgain);
    const looking = shared ? setInterval(lookAgain, lookEvery).unref() : undefined;
    return () => {
      clearInterval(looking);
      stop();
    };
  }
}
