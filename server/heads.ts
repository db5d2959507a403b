/**
 * Where the log stands, by whichever instance's doing, and who is told when it has moved. What was seen of it once must
 * be in every later moment: a database that fails over to a standby may have lost what it had committed.
 */
import { equal } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { verifyConsistency } from '@parley/core/merkle.ts';
import type { Head, LogReader, Store } from './log/ports.ts';
import { consistencyProofAt } from './log/proofs.ts';

export type HeadListener = (head: Head) => void;

/** Milliseconds. What tells of others' commits may be lost on the way: then it is late by so much. */
const lookEvery = 1_000;

/**
 * The log was given other keys while this process went on with those of before. Null: it goes on as `origin`.
 * @param origin of the log that this process knows
 */
export function endOfLog(head: Head, origin: string): Refusal | null {
  const [now = ''] = head.checkpoint.split('\n', 1);
  return now === origin ? null : logEnded(origin, now);
}

/** @param following as it is called, where that is known */
export function logEnded(origin: string, following = 'another', cause?: unknown): Refusal {
  return new Refusal('store.moved', {
    detail: `${origin} has ended, and ${following} goes on: give this instance the log-keys.pem of that one, and start it`,
    cause,
  });
}

export interface HeadsOptions {
  /** Other instances write to this store. Else all that is found there is this process's own. */
  readonly shared: boolean;
  /** Told once: the store is not the one that this process knows, and the process must stop. */
  readonly onDoubt: (cause: Refusal) => void;
}

export class Heads {
  readonly #options: HeadsOptions;
  readonly #listeners = new Set<HeadListener>();
  #head: Head | null = null;
  #doubt: Refusal | null = null;

  constructor(options: HeadsOptions) {
    this.#options = options;
  }

  get head(): Head | null {
    return this.#head;
  }

  /** @throws store.behind where it has found an older store than it knows */
  ready(): void {
    if (this.#doubt) throw this.#doubt;
  }

  /**
   * To be called before a moment of the store begins, which must then continue all that is known by now.
   * @returns to be called within it: what is found may be shown to others from then on. @throws store.behind
   */
  expect(): (log: LogReader) => Promise<Head | null> {
    const known = this.#head;
    return async (log) => {
      const head = await log.head();
      if (!this.#options.shared) return head;
      this.ready();
      const wrong = known && (await contradiction(known, head, this.#head, log));
      if (wrong) {
        this.#doubt ??= wrong;
        this.#options.onDoubt(wrong);
        throw wrong;
      }
      this.moved(head);
      return head;
    };
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

  /** Looks now, and whenever somebody else may have moved it. @returns stops it */
  async follow<DB>(
    store: Pick<Store<DB>, 'onMoved' | 'snapshot'>,
    failed: (cause: unknown) => void,
  ): Promise<() => void> {
    const look = async () => {
      const expected = this.expect();
      this.moved(await store.snapshot(({ log }) => expected(log)));
    };
    const lookAgain = () =>
      look().catch((cause) => {
        if (cause !== this.#doubt) failed(cause);
      });
    await look();
    const stop = store.onMoved(lookAgain);
    const looking = this.#options.shared ? setInterval(lookAgain, lookEvery).unref() : undefined;
    return () => {
      clearInterval(looking);
      stop();
    };
  }
}

/** @param newest known by now, which was checked already. @returns null: the moment continues what was known before it */
async function contradiction(
  known: Head,
  found: Head | null,
  newest: Head | null,
  log: LogReader,
): Promise<Refusal | null> {
  const held = found?.size ?? 0;
  const params = { signed: known.size, held };
  if (!found || held < known.size)
    return new Refusal('store.behind', {
      detail: `this process has seen ${known.size} records, the store holds ${held}: it was put back, or a standby that had not followed took its place`,
      params,
    });
  const same = ({ size, root }: Head) => size === held && equal(root, found.root);
  if (same(known) || (newest && same(newest))) return null;
  const proof = await consistencyProofAt(log, known.size, held);
  try {
    verifyConsistency(known.size, known.root, held, found.root, proof);
    return null;
  } catch (cause) {
    return new Refusal('store.behind', {
      detail: `the store holds another history of the first ${known.size} records than this process has seen`,
      params,
      cause,
    });
  }
}
