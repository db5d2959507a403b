/**
 * The event stream, followed for one viewer. A commit only says that there may be something: what is sent is what
 * release gives from the viewer's cursor on, so that nothing is lost or doubled however notifications come.
 */
import { type Events, type HeadingsOf, releaseEvents } from '../release/headings.ts';
import type { Released } from '../release/released.ts';
import type { Sources } from '../release/sources.ts';
import type { Viewer } from '../release/viewer.ts';

export interface Feed {
  read<T>(work: (moment: { readonly sources: Sources }) => Promise<T>): Promise<T>;
  /** Calls the listener after each commit, until the function that it returns is called. */
  onCommit(listener: () => void): () => void;
}

export interface Pace {
  /** Events of one batch. */
  readonly batch: number;
  /** Milliseconds without an event after which the viewer is looked at again, and a heartbeat sent. */
  readonly heartbeat: number;
  /** Milliseconds for which notifications gather: a busy log is read so often and no more. */
  readonly gather: number;
}

const usual: Pace = { batch: 64, heartbeat: 15_000, gather: 25 };

/** Followers that read at once: a commit wakes them all, and other requests must get between them. */
const readersAtOnce = 8;

/**
 * Batches as they become visible; null for a heartbeat. The first one comes at once, and holds at least the place
 * from which on to resume. Ends with the signal, or with what `viewer` throws.
 */
export function follower(feed: Feed, pace: Pace = usual) {
  const turns = new Turns(readersAtOnce);
  return async function* follow(
    viewer: (sources: Sources) => Promise<Viewer>,
    from: { readonly room: string | null; readonly after: string | null },
    signal: AbortSignal,
  ): AsyncGenerator<Released<Events> | null, void> {
    const wakes = new Wakes(feed, signal);
    let { after } = from;
    let sent = Number.NEGATIVE_INFINITY;
    try {
      while (!signal.aborted) {
        const of = { room: from.room, after, limit: after === null ? 0 : pace.batch };
        const batch = await turns.take(async () =>
          signal.aborted ? null : feed.read(async ({ sources }) => next(await viewer(sources), of, sources)),
        );
        if (batch === null) return;
        const { events, reread, cursor, more } = batch.value;
        after = cursor;
        const news = events.length > 0 || reread || sent < 0;
        const silence = performance.now() - sent;
        if (news || silence >= pace.heartbeat) {
          yield news ? batch : null;
          sent = performance.now();
        }
        if (!more && !reread) await wakes.next(pace.heartbeat - (performance.now() - sent), pace.gather);
      }
    } finally {
      wakes.close();
    }
  };
}

/**
 * Where what may be seen has widened behind the cursor, only that is said, at the same place: what follows comes in
 * the next batch. A client that took the place after them without them would lose them.
 */
async function next(viewer: Viewer, of: HeadingsOf, sources: Sources): Promise<Released<Events>> {
  const batch = await releaseEvents(viewer, of, sources);
  return batch.value.reread ? releaseEvents(viewer, { ...of, limit: 0 }, sources) : batch;
}

/** So many are in at once; the others wait in the order in which they came. */
class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes to who waits, so that nobody who comes meanwhile takes it.
      const following = this.#waiting.shift();
      if (following) following();
      else this.#free += 1;
    }
  }
}

/** Remembers that there was a commit since it was last asked. */
class Wakes {
  readonly #signal: AbortSignal;
  readonly #unsubscribe: () => void;
  #woken = false;
  #wake: () => void = () => {};

  constructor(feed: Feed, signal: AbortSignal) {
    this.#signal = signal;
    // Subscribed before the first read: what is committed right after it wakes the next one.
    this.#unsubscribe = feed.onCommit(() => this.#ring());
    signal.addEventListener('abort', this.#end);
  }

  /** Resolves after a commit, when the time is over, or at the end. Milliseconds. */
  async next(patience: number, gather: number): Promise<void> {
    if (!this.#woken) await this.#sleep(patience);
    if (this.#woken) await this.#sleep(gather);
    // Reset before the next read, so that what is committed during it is not missed.
    this.#woken = false;
  }

  close(): void {
    this.#unsubscribe();
    this.#signal.removeEventListener('abort', this.#end);
  }

  readonly #end = (): void => this.#wake();

  #ring(): void {
    if (this.#woken) return;
    this.#woken = true;
    this.#wake();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#signal.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
