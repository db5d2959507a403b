/** What stands between taking back and erasing, read from the statements themselves and not from what was folded. */
import type { StatementRef } from '@parley/core/fields.ts';
import { partNumber } from '@parley/core/parts.ts';
import { isA } from '@parley/core/statement.ts';
import type { LogReader, StoredRecord } from '../log/ports.ts';

export class HoldsCheck {
  /** By party and id of the hold. */
  readonly #holds = new Map<string, ReadonlySet<number>>();

  /** The next record, in order. @param taken parts that were taken back before it */
  async take({ header }: StoredRecord, log: LogReader, taken: ReadonlySet<number>): Promise<void> {
    if (isA(header, 'hold.end/1')) this.#holds.delete(named(header.body.hold));
    if (!isA(header, 'hold/1')) return;
    const index = await log.find(header.body.target);
    const [target] = index === null ? [] : await log.records([index]);
    if (!target) return;
    const every = Array.from({ length: target.header.parts?.count ?? 0 }, (_, n) => n);
    const wanted = (header.body.parts ?? every).map((n) => partNumber(target.index, n));
    const held = this.standing();
    const there = wanted.filter((part) => !taken.has(part) || held.has(part));
    this.#holds.set(named(header), new Set(there));
  }

  /** Parts that must be there, taken back or not. */
  standing(): ReadonlySet<number> {
    return new Set([...this.#holds.values()].flatMap((parts) => [...parts]));
  }
}

function named({ party, id }: StatementRef): string {
  return `${party}/${id}`;
}
