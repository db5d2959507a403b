/**
 * The one writer of the log. It takes what waits and commits it as one transaction; while one batch commits, the next
 * gathers. Sign before the commit, publish and answer after it. Doubt of the store stops it for good: start-up is the
 * only recovery. A bug in judging or folding one statement refuses that statement.
 */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { type Bytes, equal, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint, type Trust } from '@parley/core/checkpoint.ts';
import { type Code, Refusal } from '@parley/core/errors.ts';
import { verifyConsistency } from '@parley/core/merkle.ts';
import { type Batch, type Rules, type Sequencing, type State, sequence } from './batch.ts';
import type { Checked } from './checked.ts';
import { type Clock, DoubtedClock, systemClock } from './clock.ts';
import { type LogKeys, logVkeys } from './keys.ts';
import type { Commit, Head, LogReader, PartNumber, Store, StoredRecord } from './ports.ts';
import { consistencyProofAt } from './proofs.ts';
import { type Admitted, defaultLimits, Queue, type QueueLimits, type Waiting } from './queue.ts';
import { Tree } from './tree.ts';

export interface SequencerOptions<DB> extends Rules<DB> {
  readonly store: Store<DB>;
  readonly keys: LogKeys;
  readonly origin: string;
  /** Where the log is one that follows: who signed the one before, with which the store ends so far. */
  readonly before?: Trust;
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
  /** First in the transaction of each batch: what it throws is doubt. */
  readonly beforeBatch?: (commit: Commit<DB>) => Promise<void>;
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
  /** This instance has read that head, or given it out: nothing is signed that does not continue it. */
  saw(head: Head): void;
  /** Whether a statement would be taken now. @throws what it would be refused with: stopping, fault, clock.centre */
  ready(): void;
  /** Takes nothing more, and resolves when what waited is answered. What is condemned is erased after the next start. */
  stop(): Promise<void>;
}

/** Milliseconds after which erasing is tried again where the store could not be reached. */
const patience = 1_000;

/** What a commit throws where it is proven that nothing was taken. */
const untaken: ReadonlySet<Code> = new Set(['clock.centre', 'store.away']);

/** Parts erased in one transaction, so that a statement never waits long. */
const slice = 64;

/** Reads where the log stands. @throws store.corrupt, note.unsigned when other keys have signed it */
export async function createSequencer<DB>(options: SequencerOptions<DB>): Promise<Sequencer> {
  const { store, keys, origin, before = trustIn(keys, origin) } = options;
  const { state, condemned } = await store.snapshot(async ({ log }) => ({
    state: await readState(log, before),
    condemned: await log.condemned(),
  }));
  return new LogSequencer(options, state, condemned > 0);
}

function trustIn(keys: LogKeys, origin: string): Trust {
  return { origin, logs: logVkeys(keys, origin), witnesses: [] };
}

async function readState(log: LogReader, trust: Trust): Promise<State> {
  const [tree, head] = [await Tree.load(log), await log.head()];
  if (!head) {
    if ((await log.commitments(0, 1)).length > 0)
      throw new Refusal('store.corrupt', {
        detail: 'a copy that broke off: let the command that made it go on, or remove it',
      });
    return { tree, head };
  }
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
  /** The largest head that was seen elsewhere and not found in a transaction yet. */
  #seen: Head | null = null;
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

  saw(head: Head): void {
    const own = this.#state.head;
    if (head.size === own?.size && equal(head.root, own.root)) return;
    if (head.size > (this.#seen?.size ?? 0)) this.#seen = head;
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
        if (!(cause instanceof Refusal && untaken.has(cause.code))) this.#doubt(batch, cause);
        else {
          for (const { refuse } of batch) refuse(cause);
          if (this.#condemned) await pause(patience);
        }
      }
    } while (this.#queue.length > 0 || (this.#condemned && !this.#ended));
    this.#draining = null;
  }

  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    const { store, beforeBatch, onCommit } = this.#options;
    const { wall, sequenced } = await store.commit(async (commit) => {
      await beforeBatch?.(commit);
      this.#state = await this.#standing(commit.log);
      await this.#continueSeen(commit.log);
      const wall = this.#clock.read(this.#state.head?.instant ?? 0);
      return { wall, sequenced: await sequence(batch, this.#state, wall, commit, this.#sequencing) };
    });
    this.#condemned = sequenced.condemned > 0;
    if (sequenced.next) {
      this.#state = sequenced.next.state;
      this.#clock.believe(wall);
      onCommit?.({ head: sequenced.next.state.head, records: recordsOf(sequenced) });
    }
    answerAll(sequenced);
  }

  /**
   * Where the log stands in this transaction, which holds the head. Another instance may have gone on from where this
   * one was: what it committed is committed, and is ours only where it continues what we know, under our keys.
   */
  async #standing(log: LogReader): Promise<State> {
    const [known, head] = [this.#state.head, await log.head()];
    const size = known?.size ?? 0;
    if ((head?.size ?? 0) === size && (!head || !known || equal(head.root, known.root))) return this.#state;
    if ((head?.size ?? 0) <= size)
      throw new Refusal('store.behind', {
        detail: 'the store is not the one that this process knows',
        params: { signed: size, held: head?.size ?? 0 },
      });
    const moved = await readState(log, trustIn(this.#options.keys, this.#options.origin));
    if (size === 0) return moved;
    const proof = await consistencyProofAt(log, size, moved.tree.size);
    verifyConsistency(size, this.#state.tree.root, moved.tree.size, moved.tree.root, proof);
    return moved;
  }

  /**
   * The same for what others committed and this instance has shown to somebody: a database that went back to an older
   * state, as after a failover, may still hold all that this writer itself has signed.
   */
  async #continueSeen(log: LogReader): Promise<void> {
    const [seen, { tree }] = [this.#seen, this.#state];
    if (!seen) return;
    if (seen.size > tree.size)
      throw new Refusal('store.behind', {
        detail: 'the store held more when this process read it',
        params: { signed: seen.size, held: tree.size },
      });
    const proof = await consistencyProofAt(log, seen.size, tree.size);
    verifyConsistency(seen.size, seen.root, tree.size, tree.root, proof);
    if (this.#seen === seen) this.#seen = null;
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

let drawn: Bytes = new Uint8Array(0);

/** Drawn together: one at a time they cost more than all else that makes a commitment. Each byte is given once. */
function randomBytes(length: number): Bytes {
  if (drawn.length < length) drawn = crypto.getRandomValues(new Uint8Array(length * 128));
  const given = drawn.slice(0, length);
  drawn = drawn.subarray(length);
  return given;
}
