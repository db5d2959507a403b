/** Records that were read and parsed before, by index, so that a hot one is not parsed again. */
import type { StoredRecord } from '../log/ports.ts';

/** Bytes, roughly: a parsed header weighs about as much as twice its text. */
const limit = 32 * 1024 * 1024;

function weightOf(record: StoredRecord): number {
  return 3 * record.envelope.payload.length + record.leaves.length + 512;
}

/** Holds committed records only: they never change. Forgets the one that was used longest ago. */
export class RecordCache {
  readonly #records = new Map<number, StoredRecord>();
  #weight = 0;

  get(index: number): StoredRecord | undefined {
    const record = this.#records.get(index);
    if (record) {
      this.#records.delete(index);
      this.#records.set(index, record);
    }
    return record;
  }

  put(record: StoredRecord): void {
    if (this.#records.has(record.index)) return;
    this.#records.set(record.index, record);
    this.#weight += weightOf(record);
    for (const [index, oldest] of this.#records) {
      if (this.#weight <= limit) break;
      this.#records.delete(index);
      this.#weight -= weightOf(oldest);
    }
  }
}
