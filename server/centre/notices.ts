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
      from: readonly string[] | null;
      at: Instant;
    }[]
  >;
  /** Old parts corrected by parts of the records from (inclusive) to (exclusive). */
  corrections(from: number, to: number): Promise<readonly { part: number; by: number }[]>;
  records(indexes: readonly number[]): Promise<readonly Said[]>;
  size(): Promise<number>;
  /** Who was told because of a statement, of which parts of which. */
  toldBy(
    index: number,
  ): Promise<
    readonly { readonly party: string; readonly target: number; readonly parts: readonly number[] }[]
  >;
  /** Where the last whole round has come to, over the end of the process; null: nowhere. */
  mark(): Mark | null;
  setMark(mark: Mark): void;
  /** Parties that had any of these parts, with those they had. */
  recipients(
    index: number,
    parts: readonly number[] | null,
    until: Instant | null,
  ): Promise<readonly { party: string; parts: readonly number[] }[]>;
  /** Those of the parts that the party may not have now because they were taken back from it alone. */
  withheld(party: string, index: number, parts: readonly number[]): Promise<ReadonlySet<number>>;
}

/** Recalls since an instant, and corrections from a record on, are still to be looked at. */
export interface Mark {
  readonly since: Instant;
  readonly index: number;
}

interface Telling {
  readonly cause: 'recall' | 'expiry' | 'correction';
  readonly room: string;
  readonly target: number;
  readonly by: number;
  readonly parts: readonly number[] | null;
  /** From whom alone, and when; left out: all who had it. */
  readonly from?: { readonly parties: readonly string[]; readonly at: Instant };
}

export class Notices {
  readonly #sources: NoticeSources;
  readonly #voice: Voice;
  readonly #now: () => Instant;
  /** Where the next round begins; null before the first, which looks further back. */
  #from: Mark | null = null;
  /** Records below were looked through for corrections; null: none yet. */
  #looked: number | null = null;
  /** Found in the last minutes, and when. Kept, so that each round looks through new records alone. */
  #corrected: { readonly telling: Telling; readonly found: Instant }[] = [];

  constructor(sources: NoticeSources, voice: Voice, now: () => Instant) {
    this.#sources = sources;
    this.#voice = voice;
    this.#now = now;
  }

  /** Tells all who are to be told by now. */
  async round(): Promise<void> {
    const { since, index } = this.#from ?? this.#sources.mark() ?? { since: 0, index: 0 };
    const size = await this.#sources.size();
    const began = this.#now();
    for (const { from, ...recall } of await this.#sources.recallsSince(since)) {
      const some = from === null ? {} : { from: { parties: from, at: recall.at } };
      await this.#tell({ ...recall, by: recall.index, ...some });
    }
    for (const telling of await this.#corrections(this.#looked ?? index, size))
      this.#corrected.push({ telling, found: began });
    this.#looked = size;
    for (const { telling } of this.#corrected) await this.#tell(telling);
    this.#corrected = this.#corrected.filter(({ found }) => found > began - grace);
    // What is of the last minutes is looked at again, by this process or the next.
    this.#from = { since: began - grace, index: await this.#firstSince(began - grace, index, size) };
    this.#sources.setMark(this.#from);
  }

  /** The first record at or after an instant: mostly near where the last round found it, so in growing steps from there. */
  async #firstSince(instant: Instant, from: number, to: number): Promise<number> {
    let [low, high] = [from, to];
    for (let step = 0; low < high; step = 2 * step + 1) {
      const probe = Math.min(low + step, Math.floor((low + high) / 2));
      const [record] = await this.#sources.records([probe]);
      if (record && record.instant < instant) low = probe + 1;
      else high = probe;
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

  /** What was passed on to a party since it was taken back from it alone, it has again: it is not told. */
  async #had({
    target,
    parts,
    from,
  }: Telling): Promise<readonly { party: string; parts: readonly number[] }[]> {
    if (from === undefined) return this.#sources.recipients(target, parts, null);
    const had = await this.#sources.recipients(target, parts, from.at + grace);
    const concerned = had.filter(({ party }) => from.parties.includes(party));
    return Promise.all(
      concerned.map(async ({ party, parts }) => {
        const withheld = await this.#sources.withheld(party, target, parts);
        return { party, parts: parts.filter((n) => withheld.has(n)) };
      }),
    );
  }

  async #tell(telling: Telling): Promise<void> {
    const { cause, room, target: targetIndex, by: byIndex } = telling;
    const had = await this.#had(telling);
    if (had.length === 0) return;
    const [target, by] = await this.#refs(targetIndex, byIndex);
    const told = await this.#sources.toldBy(byIndex);
    for (const recipient of had) {
      // The originator knows.
      if (recipient.party === target.party) continue;
      const mine = told.filter((one) => one.party === recipient.party && one.target === targetIndex);
      const known = new Set(mine.flatMap(({ parts }) => parts));
      const numbers = [...new Set(recipient.parts)].filter((n) => !known.has(n)).sort((a, b) => a - b);
      if (numbers.length === 0) continue;
      // An answer that left just after the recall may have held more: that is another notice.
      const key = [cause, named(target), named(by), recipient.party, numbers.join()].join('\n');
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
