/**
 * After the commit: whoever had what was taken back, has ended or was corrected is told, each by a notice of its own
 * with statement and part numbers and nothing more.
 */
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import { placeOf, recordIndexOf } from '@parley/core/parts.ts';
import { refOf } from '@parley/core/statement.ts';
import { named, type Voice } from './voice.ts';

/** An answer may leave just after a recall that it did not see; for so long the journal is asked again. */
export const grace = 10 * 60 * 1_000_000;

interface Said {
  readonly index: number;
  readonly instant: Instant;
  readonly header: Parameters<typeof refOf>[0];
}

/** What notices are concluded from: the log's state, and the journal of accesses. */
export interface NoticeSources {
  /** Recalls and endings since an instant. */
  recallsSince(instant: Instant): Promise<
    readonly {
      index: number;
      room: string;
      target: number;
      cause: 'recall' | 'expiry';
      parts: readonly number[] | null;
      at: Instant;
    }[]
  >;
  /** Old parts corrected by parts of the records from (inclusive) to (exclusive). */
  corrections(from: number, to: number): Promise<readonly { part: number; by: number }[]>;
  records(indexes: readonly number[]): Promise<readonly Said[]>;
  size(): Promise<number>;
  toldBy(index: number): Promise<ReadonlySet<string>>;
  /** The last notice said: what came long before it needs no second look. */
  lastNotice(): Promise<{ index: number; at: Instant } | null>;
  /** Parties that had any of these parts, with those they had. */
  recipients(
    index: number,
    parts: readonly number[] | null,
  ): Promise<readonly { party: string; parts: readonly number[] }[]>;
}

interface Telling {
  readonly cause: 'recall' | 'expiry' | 'correction';
  readonly room: string;
  readonly target: number;
  readonly by: number;
  readonly parts: readonly number[] | null;
}

export class Notices {
  readonly #sources: NoticeSources;
  readonly #voice: Voice;
  readonly #now: () => Instant;
  /** Where the next round begins; null before the first, which looks further back. */
  #from: { since: Instant; index: number } | null = null;

  constructor(sources: NoticeSources, voice: Voice, now: () => Instant) {
    this.#sources = sources;
    this.#voice = voice;
    this.#now = now;
  }

  /** Tells all who are to be told by now. */
  async round(): Promise<void> {
    const { since, index } = this.#from ?? (await this.#beginning());
    const size = await this.#sources.size();
    const began = this.#now();
    for (const recall of await this.#sources.recallsSince(since))
      await this.#tell({ ...recall, by: recall.index });
    for (const telling of await this.#corrections(index, size)) await this.#tell(telling);
    // Corrections of the last minutes are looked at again too; their records are few.
    this.#from = { since: began - grace, index: await this.#firstSince(began - grace, index, size) };
  }

  async #beginning(): Promise<{ since: Instant; index: number }> {
    const last = await this.#sources.lastNotice();
    if (!last) return { since: 0, index: 0 };
    const since = last.at - grace;
    return { since, index: await this.#firstSince(since, 0, last.index) };
  }

  /** The first record at or after an instant, by bisection. */
  async #firstSince(instant: Instant, from: number, to: number): Promise<number> {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [record] = await this.#sources.records([middle]);
      if (record && record.instant < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #corrections(from: number, to: number): Promise<Telling[]> {
    const tellings = new Map<string, Telling & { parts: number[] }>();
    for (const { part, by } of await this.#sources.corrections(from, to)) {
      const { index: target, n } = placeOf(part);
      const index = recordIndexOf(by);
      const known = tellings.get(`${target} ${index}`);
      if (known) known.parts.push(n);
      else {
        const [record] = await this.#sources.records([target]);
        tellings.set(`${target} ${index}`, {
          cause: 'correction',
          room: record?.header.room ?? '',
          target,
          by: index,
          parts: [n],
        });
      }
    }
    return [...tellings.values()];
  }

  async #tell({ cause, room, target: targetIndex, by: byIndex, parts }: Telling): Promise<void> {
    const had = await this.#sources.recipients(targetIndex, parts);
    if (had.length === 0) return;
    const [target, by] = await this.#refs(targetIndex, byIndex);
    const told = await this.#sources.toldBy(byIndex);
    for (const recipient of had) {
      // The originator knows.
      if (recipient.party === target.party) continue;
      const key = [cause, named(target), named(by), recipient.party].join('\n');
      if (told.has(recipient.party) && cause !== 'correction') continue;
      const numbers = [...new Set(recipient.parts)].sort((a, b) => a - b);
      await this.#voice.say('notice/1', key, {
        room,
        body: { cause, target, parts: numbers, by, to: recipient.party },
      });
    }
  }

  async #refs(target: number, by: number): Promise<[StatementRef, StatementRef]> {
    const records = await this.#sources.records([target, by]);
    const ref = (index: number): StatementRef => {
      const record = records.find((one) => one.index === index);
      if (!record) throw new Error(`record ${index} is not there`);
      return refOf(record.header);
    };
    return [ref(target), ref(by)];
  }
}
