/**
 * The one writer of the log. It takes what waits and commits it as one transaction; while one batch commits, the next
 * gathers. Sign before the commit, publish and answer after it. Doubt of the store stops it for good: start-up is the
 * only recovery. A bug in judging or folding one statement refuses that statement.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Bytes, equal, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Batch, type Rules, type Sequencing, type State, sequence } from './batch.ts';
import type { Checked } from './checked.ts';
import { type Clock, DoubtedClock, systemClock } from './clock.ts';
import { type LogKeys, logVkeys } from './keys.ts';
import type { Commit, Head, LogReader, PartNumber, Store, StoredRecord } from './ports.ts';
import { type Admitted, defaultLimits, Queue, type QueueLimits, type Waiting } from './queue.ts';
import { Tree } from './tree.ts';

export interface SequencerOptions<DB> extends Rules<DB> {
  readonly store: Store<DB>;
  readonly keys: LogKeys;
  readonly origin: string;
  readonly clock?: Clock;
  /** Someone has looked at the clock: see `DoubtedClock`. */
  readonly clockConfirmed?: boolean;
  readonly random?: (length: number) => Bytes;
  readonly limits?: QueueLimits;
  /** After each commit that added records, before they are answered. */
  readonly onCommit?: (committed: Committed) => void;
  /** In the transaction that erases these parts: for what else holds their content, such as an index. */
  readonly erasing?: (numbers: readonly PartNumber[], commit: Commit<DB>) => Promise<void>;
  /** After that commit. @param left condemned parts that still wait; at 0 the write-ahead log can be truncated */
  readonly onErased?: (numbers: readonly PartNumber[], left: number) => void;
  /** A statement was refused with `fault`, since `admit` or `fold` failed on it. Nothing of it is left. */
  readonly onFault: (error: unknown) => void;
  /** Told once: nobody knows what the store holds, and nothing more is taken. The process must stop (exit 75). */
  readonly onDoubt: (cause: unknown) => void;
}

export interface Committed {
  readonly head: Head;
  readonly records: readonly StoredRecord[];
}

export interface Sequencer {
  /** Resolves when the record is durable. @throws what `admit` throws, clock.centre, queue.full, stopping, fault */
  submit(checked: Checked): Promise<Admitted>;
  /** What is committed. Null while the log has no record. */
  head(): Head | null;
  /** Whether a statement would be taken now. @throws what it would be refused with: stopping, fault, clock.centre */
  ready(): void;
  /** Takes nothing more, and resolves when what waited is answered. What is condemned is erased after the next start. */
  stop(): Promise<void>;
}

/** Parts erased in one transaction, so that a statement never waits long. */
const slice = 64;

/** Reads where the log stands. @throws store.corrupt, note.unsigned when other keys have signed it */
export async function createSequencer<DB>(options: SequencerOptions<DB>): Promise<Sequencer> {
  const { store, keys, origin } = options;
  const { state, condemned } = await store.snapshot(async ({ log }) => ({
    state: await readState(log, keys, origin),
    condemned: await log.condemned(),
  }));
  return new LogSequencer(options, state, condemned > 0);
}

async function readState(log: LogReader, keys: LogKeys, origin: string): Promise<State> {
  const [tree, head] = [await Tree.load(log), await log.head()];
  if (!head) return { tree, head };
  const trust = { origin, logs: logVkeys(keys, origin), witnesses: [] };
  const { checkpoint } = await openCheckpoint(utf8(head.checkpoint), trust);
  if (checkpoint.size !== head.size || !equal(checkpoint.root, head.root))
    throw new Refusal('store.corrupt', { detail: 'the checkpoint is not that of the head' });
  return { tree, head };
}

class LogSequencer<DB> implements Sequencer {
  readonly #options: SequencerOptions<DB>;
  readonly #sequencing: Sequencing<DB>;
  readonly #clock: DoubtedClock;
  readonly #queue: Queue;
  #state: State;
  #condemned: boolean;
  #draining: Promise<void> | null = null;
  /** Why nothing is taken any more. */
  #ended: Refusal | null = null;

  constructor(options: SequencerOptions<DB>, state: State, condemned: boolean) {
    const {
      clock = systemClock,
      clockConfirmed = false,
      random = randomBytes,
      limits = defaultLimits,
    } = options;
    this.#options = options;
    this.#sequencing = { ...options, random };
    this.#clock = new DoubtedClock(clock, state.head?.instant ?? null, clockConfirmed);
    this.#queue = new Queue(limits);
    this.#state = state;
    this.#condemned = condemned;
    if (condemned) this.#draining = this.#drain();
  }

  head(): Head | null {
    return this.#state.head;
  }

  ready(): void {
    if (this.#ended) throw this.#ended;
    this.#clock.read(this.#state.head?.instant ?? 0);
  }

  submit(checked: Checked): Promise<Admitted> {
    return new Promise((answer, refuse) => {
      if (this.#ended) throw this.#ended;
      this.#queue.push({ checked, answer, refuse });
      this.#draining ??= this.#drain();
    });
  }

  async stop(): Promise<void> {
    this.#ended ??= new Refusal('stopping');
    await this.#draining;
  }

  async #drain(): Promise<void> {
    do {
      // An embedded database blocks the thread: what this turn of the event loop still brings joins the batch.
      await turn();
      const batch = this.#queue.take();
      try {
        if (batch.length > 0) await this.#commitBatch(batch);
        if (this.#condemned && !this.#ended) await this.#eraseSlice();
      } catch (cause) {
        this.#doubt(batch, cause);
      }
    } while (this.#queue.length > 0 || (this.#condemned && !this.#ended));
    this.#draining = null;
  }

  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    const wall = this.#readClock(batch);
    if (wall === null) return;
    const sequenced = await this.#options.store.commit((commit) =>
      sequence(batch, this.#state, wall, commit, this.#sequencing),
    );
    this.#condemned = sequenced.condemned > 0;
    if (sequenced.next) {
      this.#state = sequenced.next.state;
      this.#clock.believe(wall);
      this.#options.onCommit?.({ head: sequenced.next.state.head, records: recordsOf(sequenced) });
    }
    answerAll(sequenced);
  }

  #readClock(batch: readonly Waiting[]): number | null {
    try {
      return this.#clock.read(this.#state.head?.instant ?? 0);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      for (const { refuse } of batch) refuse(error);
      return null;
    }
  }

  async #eraseSlice(): Promise<void> {
    const { store, erasing, onErased } = this.#options;
    const [numbers, left] = await store.commit(async (commit) => {
      const erased = await commit.log.erase(slice);
      await erasing?.(erased, commit);
      return [erased, await commit.log.condemned()] as const;
    });
    this.#condemned = left > 0;
    onErased?.(numbers, left);
  }

  /** Who waits may send the same bytes again after the restart: if they were taken, it gets its first receipt. */
  #doubt(batch: readonly Waiting[], cause: unknown): void {
    const ended = new Refusal('fault', {
      detail: 'nobody knows whether this was taken: send it again',
      cause,
    });
    const first = this.#ended?.code !== 'fault';
    this.#ended = ended;
    for (const { refuse } of [...batch, ...this.#queue.clear()]) refuse(ended);
    if (first) this.#options.onDoubt(cause);
  }
}

function recordsOf({ verdicts }: Batch): StoredRecord[] {
  return verdicts.flatMap(({ record }) => (record instanceof Refusal ? [] : [record]));
}

function answerAll({ verdicts, next }: Batch): void {
  for (const { waiting, record } of verdicts) {
    if (record instanceof Refusal) waiting.refuse(record);
    else if (next) {
      const { index, instant, span, nonce } = record;
      waiting.answer({
        index,
        instant,
        span,
        nonce,
        proof: next.growth.proof(index),
        checkpoint: next.state.head.checkpoint,
      });
    }
  }
}

function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
