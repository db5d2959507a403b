/**
 * What the centre refused each connector, and by which rule: its owner may ask. Gathered in memory and written every
 * other second, because a client that is refused asks again and again; what a crash takes with it is a second of that.
 */
import type { Code } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { DeviceId } from '@parley/core/keys.ts';
import { sql } from 'kysely';
import { keepNewest } from './newest.ts';
import type { Commit, JournalDb } from './ports.ts';

export interface Refused {
  readonly device: DeviceId;
  readonly at: Instant;
  /** Verb and pattern of the path, never a path with what the client put into it. */
  readonly route: string;
  readonly code: Code;
  /** By which rule, from a short list of the API's. */
  readonly rule: string;
  /** Where, and what would have been right; empty: nowhere in particular. */
  readonly place: string;
  readonly detail: string;
}

/** The same within an hour is one row: place and detail are those of the last. */
export interface RefusalRow extends Omit<Refused, 'at' | 'code' | 'device'> {
  readonly code: string;
  readonly first: Instant;
  readonly last: Instant;
  readonly count: number;
}

const hour = 3_600 * 1_000_000;
const every = 1_000;
/** Rows of a connector that are kept, and rows that are gathered at once. */
const kept = 500;
const gathered = 2_000;
/** Characters of a place and a detail. */
const longest = 300;

/** A place may name what the sender chose; not every database can hold U+0000. */
function shortened(text: string): string {
  return text.slice(0, longest).replaceAll('\0', '\ufffd');
}

export class Refusals {
  readonly #db: JournalDb;
  readonly #commit: Commit;
  #waiting = new Map<string, Refused & { first: Instant; count: number }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(db: JournalDb, commit: Commit) {
    this.#db = db;
    this.#commit = commit;
  }

  note(refused: Refused): void {
    const { device, at, route, code, rule, place, detail } = refused;
    const key = [device, Math.floor(at / hour), route, code, rule].join('\n');
    const before = this.#waiting.get(key);
    if (!before && this.#waiting.size >= gathered) return;
    this.#waiting.set(key, {
      ...{ device, at, route, code, rule },
      ...{ place: shortened(place), detail: shortened(detail) },
      first: before?.first ?? at,
      count: (before?.count ?? 0) + 1,
    });
    this.#timer ??= setTimeout(() => this.flush().catch(() => {}), every).unref();
  }

  /** Newest first. */
  async of(device: DeviceId): Promise<readonly RefusalRow[]> {
    await this.flush();
    return this.#db
      .selectFrom('connector_refusals')
      .select(['route', 'code', 'rule', 'first', 'last', 'count', 'place', 'detail'])
      .where('device', '=', device)
      .orderBy('last', 'desc')
      .limit(kept)
      .execute();
  }

  /** Writes what was gathered. What fails is lost: it may not stop anything. */
  async flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const rows = [...this.#waiting.values()];
    this.#waiting = new Map();
    if (rows.length === 0) return;
    await this.#commit(async (db) => {
      for (const row of rows) await add(db, row);
      for (const device of new Set(rows.map((row) => row.device)))
        await keepNewest(db, 'connector_refusals', device, kept);
    });
  }
}

async function add(db: JournalDb, row: Refused & { first: Instant; count: number }): Promise<void> {
  const { device, route, code, rule, first, at: last, count, place, detail } = row;
  await db
    .insertInto('connector_refusals')
    .values({ device, hour: Math.floor(last / hour), route, code, rule, first, last, count, place, detail })
    .onConflict((conflict) =>
      conflict.columns(['device', 'hour', 'route', 'code', 'rule']).doUpdateSet(({ ref }) => ({
        last,
        place,
        detail,
        count: sql<number>`${ref('connector_refusals.count')} + excluded.count`,
      })),
    )
    .execute();
}
