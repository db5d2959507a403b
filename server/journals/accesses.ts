/**
 * Who had what, when, for which purpose. A response with content leaves only after its access is durable here.
 *
 * The originator may learn the reading party, the purpose, the instant and the parts. Device, justification and
 * route stay with the reader's own party, and who supervises it: only `ofParty` and `ofParties` give them.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Instant } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { sql } from 'kysely';
import { lastEnd } from './intervals.ts';
import { normal, pack, partsOf, type RecordParts, unpack } from './packing.ts';
import type { Commit, JournalDb } from './ports.ts';

/** One response to one device. */
export interface Access {
  readonly at: Instant;
  readonly party: PartyId;
  readonly device: string;
  /** A pseudonym, or null where none was given. */
  readonly person?: string | null;
  readonly purpose: string;
  readonly justification: string | null;
  /** The route's pattern, never a path with what the reader put into it. */
  readonly route: string;
  readonly list: readonly RecordParts[];
}

/** What an originator may learn of one access to one of its records. */
export interface Reader {
  readonly party: PartyId;
  readonly purpose: string;
  readonly at: Instant;
  readonly parts: readonly number[];
}

export interface Recipient {
  readonly party: PartyId;
  readonly parts: readonly number[];
}

/** One access to all records it touched. */
export interface Reading extends Omit<Reader, 'parts'> {
  readonly list: readonly RecordParts[];
}

const page = 500;
/** Rows of one `insert`: every database allows more than three times as many parameters. */
const chunk = 1_000;
const blockSize = 32;

export class Accesses {
  readonly #db: JournalDb;
  readonly #commit: Commit;

  constructor(db: JournalDb, commit: Commit) {
    this.#db = db;
    this.#commit = commit;
  }

  /**
   * Resolves once durable. An instant in an hour whose digest is closed becomes that hour's end, so that each access
   * is in one digest.
   * @throws stopping, fault
   */
  async recordAccess(access: Access): Promise<void> {
    const { party, device, person = null, purpose, justification, route } = access;
    const list = normal(access.list);
    await this.#commit(async (db) => {
      const at = Math.max(access.at, await lastEnd(db));
      const { id } = await db
        .insertInto('accesses')
        .values({ at, party, device, person, purpose, justification, route, list: pack(list) })
        .returning('id')
        .executeTakeFirstOrThrow();
      const rows = blocksOf(list).map((block) => ({ ...block, access: id }));
      for (let i = 0; i < rows.length; i += chunk)
        await db
          .insertInto('access_records')
          .values(rows.slice(i, i + chunk))
          .execute();
    });
  }

  /** One row for each access to the record, oldest first. The author's own are among them. */
  async readersOf(index: number): Promise<Reader[]> {
    const readers: Reader[] = [];
    for await (const { at, party, purpose, list } of this.#touching(index, 0))
      readers.push({ at, party, purpose, parts: partsOf(list, index) });
    return readers.sort((a, b) => a.at - b.at);
  }

  /**
   * The parties that had any of these parts (null: any part), and which of them, by party id. Who had only the
   * header is not among them; the author is, where it read its own.
   * @param since leaves out what was read before
   * @param until leaves out what was read after; null: nothing
   */
  async recipients(
    index: number,
    parts: readonly number[] | null,
    since: Instant = 0,
    until: Instant | null = null,
  ): Promise<Recipient[]> {
    const wanted = parts && new Set(parts);
    const had = new Map<PartyId, Set<number>>();
    for await (const { at, party, list } of this.#touching(index, since)) {
      if (until !== null && at > until) continue;
      const known = had.get(party) ?? new Set();
      if (wanted && known.size === wanted.size) continue;
      for (const n of partsOf(list, index)) if (!wanted || wanted.has(n)) known.add(n);
      if (known.size > 0) had.set(party, known);
    }
    return [...had]
      .map(([party, known]) => ({ party, parts: [...known].sort((a, b) => a - b) }))
      .sort((a, b) => (a.party < b.party ? -1 : 1));
  }

  /**
   * What the party's own devices have read, newest first.
   * @param after `next` of the page before, or null
   */
  async ofParty(
    party: PartyId,
    after: number | null,
    limit: number,
  ): Promise<{ accesses: Access[]; next: number | null }> {
    const { accesses, next } = await this.ofParties([party], after, limit);
    return { accesses: accesses.map(({ place: _, ...access }) => access), next };
  }

  /** The same of several, each with its place in the journal: for who supervises them. */
  async ofParties(
    parties: readonly PartyId[],
    after: number | null,
    limit: number,
  ): Promise<{ accesses: (Access & { readonly place: number })[]; next: number | null }> {
    const rows = await this.#db
      .selectFrom('accesses')
      .selectAll()
      .where('party', 'in', parties)
      .$if(after !== null, (query) => query.where('id', '<', after ?? 0))
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const shown = rows.slice(0, limit);
    return {
      accesses: shown.map(({ id: place, ...access }) => ({ ...access, place, list: unpack(access.list) })),
      next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  /** Every access from `from` (inclusive) to `to` (exclusive), by instant. */
  async *between(from: Instant, to: Instant): AsyncGenerator<Reading> {
    let last = { at: from, id: -1 };
    for (let more = true; more; await turn()) {
      const rows = await this.#db
        .selectFrom('accesses')
        .select(['id', 'at', 'party', 'purpose', 'list'])
        .where(sql<boolean>`(at, id) > (${last.at}, ${last.id})`)
        .where('at', '<', to)
        .orderBy('at')
        .orderBy('id')
        .limit(page)
        .execute();
      for (const { at, party, purpose, list } of rows) yield { at, party, purpose, list: unpack(list) };
      last = rows.at(-1) ?? last;
      more = rows.length === page;
    }
  }

  async *#touching(index: number, since: Instant) {
    let last = -1;
    for (let more = true; more; await turn()) {
      const rows = await this.#db
        .selectFrom('access_records as touched')
        .innerJoin('accesses', 'accesses.id', 'touched.access')
        .select(['accesses.id', 'at', 'party', 'purpose', 'list'])
        .where('touched.block', '=', Math.floor(index / blockSize))
        .where(sql<boolean>`touched.mask & ${bitOf(index)} <> 0`)
        .where('touched.access', '>', last)
        .where('at', '>=', since)
        .orderBy('touched.access')
        .limit(page)
        .execute();
      yield* rows;
      last = rows.at(-1)?.id ?? last;
      more = rows.length === page;
    }
  }
}

/** The rows of `access_records` that an access to these has. */
export function blocksOf(list: readonly RecordParts[]): { block: number; mask: number }[] {
  const masks = new Map<number, number>();
  for (const { index } of list) {
    const block = Math.floor(index / blockSize);
    masks.set(block, (masks.get(block) ?? 0) + bitOf(index));
  }
  return [...masks].map(([block, mask]) => ({ block, mask }));
}

/** By arithmetic: `1 << 31` is negative. */
function bitOf(index: number): number {
  return 2 ** (index % blockSize);
}
