/** What waits to be sequenced: two lanes, bounded in number and bytes. */
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

/** Of one batch: with more parts a warning waits too long for the commit before it. */
export const batchLimits = { statements: 256, parts: 512 };

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
  #other: Waiting[] = [];
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#urgent.length + this.#other.length;
  }

  /** @throws queue.full */
  push(waiting: Waiting): void {
    const bytes = bytesOf(waiting.checked);
    if (this.length >= this.#limits.statements || this.#bytes + bytes > this.#limits.bytes)
      throw new Refusal('queue.full', { params: { after: 1 } });
    this.#bytes += bytes;
    (urgent.has(waiting.checked.statement.header.kind) ? this.#urgent : this.#other).push(waiting);
  }

  /** The next batch: at least one statement if any waits, and no more than the limits of a batch. */
  take(): Waiting[] {
    const waiting = [...this.#urgent, ...this.#other];
    let parts = 0;
    let count = 0;
    for (const { checked } of waiting.slice(0, batchLimits.statements)) {
      parts += checked.parts.length;
      if (count > 0 && parts > batchLimits.parts) break;
      count++;
    }
    const fromUrgent = Math.min(count, this.#urgent.length);
    const batch = [...this.#urgent.splice(0, fromUrgent), ...this.#other.splice(0, count - fromUrgent)];
    for (const { checked } of batch) this.#bytes -= bytesOf(checked);
    return batch;
  }

  /** Everything that waits. */
  clear(): Waiting[] {
    const all = [...this.#urgent.splice(0), ...this.#other.splice(0)];
    this.#bytes = 0;
    return all;
  }
}
