/** What waits to be sequenced: three lanes, bounded in number and bytes. */
import { Refusal } from '@parley/core/errors.ts';
import type { KindName } from '@parley/core/kinds.ts';
import type { Hash } from '@parley/core/merkle.ts';
import type { RecordFields } from '@parley/core/record.ts';
import type { Checked } from './checked.ts';

/** What whoever submitted is told, once it is durable. */
export interface Admitted extends RecordFields {
  /** Of the record in the tree of `checkpoint`: what a tlog-proof holds. */
  readonly proof: readonly Hash[];
  /** The log's own note, without cosignatures. */
  readonly checkpoint: string;
}

export interface Waiting {
  readonly checked: Checked;
  readonly answer: (admitted: Admitted) => void;
  readonly refuse: (refusal: Refusal) => void;
}

export interface QueueLimits {
  readonly statements: number;
  /** Of headers and parts. */
  readonly bytes: number;
}

export const defaultLimits: QueueLimits = { statements: 4_096, bytes: 64 * 1024 * 1024 };

/** Of one batch: with more parts than of one large share, a warning waits too long for the commit before it. */
export const batchLimits = { statements: 256, parts: 256 };

/** Parts of what is as short as a warning: it does not wait for more than one of the large shares before it. */
const fewParts = 16;

/** What ends somebody's sight, and what tells of it, overtakes what adds to it. */
const urgent: ReadonlySet<KindName> = new Set([
  'recall/1',
  'device.revoke/1',
  'room.remove/1',
  'room.suspend/1',
  'undertaking.suspend/1',
  'room.leave/1',
  'notice/1',
]);

function bytesOf({ statement, parts }: Checked): number {
  return parts.reduce((sum, part) => sum + part.bytes.length, statement.envelope.payload.length);
}

export class Queue {
  readonly #limits: QueueLimits;
  #urgent: Waiting[] = [];
  #small: Waiting[] = [];
  #large: Waiting[] = [];
  /** Small ones went first, so that large ones are next: they come through however many small ones follow. */
  #largeNext = false;
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#urgent.length + this.#small.length + this.#large.length;
  }

  /** @throws queue.full */
  push(waiting: Waiting): void {
    const bytes = bytesOf(waiting.checked);
    if (this.length >= this.#limits.statements || this.#bytes + bytes > this.#limits.bytes)
      throw new Refusal('queue.full', { params: { after: 1 } });
    this.#bytes += bytes;
    this.#laneOf(waiting.checked).push(waiting);
  }

  #laneOf({ statement, parts }: Checked): Waiting[] {
    if (urgent.has(statement.header.kind)) return this.#urgent;
    return parts.length <= fewParts ? this.#small : this.#large;
  }

  /** Small ones and large ones in turns: a batch has some of either, after what is urgent. */
  #nextLane(): Waiting[] {
    const large = this.#large.length > 0 && (this.#largeNext || this.#small.length === 0);
    this.#largeNext = !large && this.#large.length > 0;
    return large ? this.#large : this.#small;
  }

  /** The next batch: at least one statement if any waits, and no more than the limits of a batch. */
  take(): Waiting[] {
    const other = this.#nextLane();
    const waiting = [...this.#urgent, ...other];
    let parts = 0;
    let count = 0;
    for (const { checked } of waiting.slice(0, batchLimits.statements)) {
      parts += checked.parts.length;
      if (count > 0 && parts > batchLimits.parts) break;
      count++;
    }
    const fromUrgent = Math.min(count, this.#urgent.length);
    const batch = [...this.#urgent.splice(0, fromUrgent), ...other.splice(0, count - fromUrgent)];
    for (const { checked } of batch) this.#bytes -= bytesOf(checked);
    return batch;
  }

  /** Everything that waits. */
  clear(): Waiting[] {
    const all = [this.#urgent, this.#small, this.#large].flatMap((lane) => lane.splice(0));
    this.#bytes = 0;
    return all;
  }
}
