/**
 * Erasures that were never noted: between the commit that erased and the journal that says when, the process ended, or
 * the journals were away. They are noted at the next start, or once the journals are back, with that instant: then at
 * the latest the bytes were gone.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '@parley/core/fields.ts';
import { sql } from 'kysely';
import type { Tables } from './folds.ts';
import type { Journals } from './journals/journals.ts';
import type { PartNumber, Store } from './log/ports.ts';
import { readLaw } from './projections/law/read.ts';
import { readObjects } from './projections/objects/read.ts';
import type { Moment } from './sources.ts';

/** Milliseconds until the journals are asked again. */
const patience = 1_000;

/** Notes at the start, and after each `note`, what was not: for as long as it takes. */
export class Unnoted {
  readonly #ending = new AbortController();
  readonly #round: () => Promise<void>;
  readonly #failed: (cause: unknown) => void;
  #wanted = false;
  #running: Promise<void> | null = null;

  constructor(round: () => Promise<void>, failed: (cause: unknown) => void) {
    this.#round = round;
    this.#failed = failed;
  }

  note(): void {
    this.#wanted = true;
    this.#running ??= this.#rounds().finally(() => {
      this.#running = null;
    });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #rounds(): Promise<void> {
    const { signal } = this.#ending;
    while (this.#wanted && !signal.aborted) {
      this.#wanted = false;
      try {
        await this.#round();
      } catch (cause) {
        this.#failed(cause);
        this.#wanted = true;
        await pause(patience, undefined, { signal }).catch(() => {});
      }
    }
  }
}

export async function noteErasures(
  store: Pick<Store<Tables>, 'snapshot'>,
  { erasures }: Pick<Journals, 'erasures'>,
  now: () => Instant,
): Promise<void> {
  const noted = await erasures.noted();
  const { parts, instant } = await store.snapshot(async (moment) => ({
    parts: await erasedSince(moment, noted),
    instant: (await moment.log.head())?.instant ?? 0,
  }));
  // Not before the record that led to it: a burst of records may run ahead of the clock.
  if (parts.length > 0) await erasures.recordErased(parts, Math.max(now(), instant));
}

/** Parts that are gone from storage, of records of which nothing, or only something older, is noted. */
async function erasedSince(
  { db }: Moment,
  noted: ReadonlyMap<number, Instant>,
): Promise<readonly PartNumber[]> {
  const found: PartNumber[] = [];
  const ended = await lastEnds(db);
  const recalls = await db
    .selectFrom('recall')
    .select(['idx', 'target', 'at'])
    .where('from_parties', 'is', null)
    .execute();
  for (const { idx, target, at } of recalls) {
    if ((noted.get(target) ?? 0) >= Math.max(at, ended.get(target) ?? 0)) continue;
    const taken = await readObjects(db).takenBy(idx);
    const held = await readLaw(db).held(taken);
    const due = taken.filter((part) => !held.has(part));
    // What still waits is erased by the writer, which says so.
    if (due.length > 0 && !(await anyLeft(db, due))) found.push(...due);
  }
  return found;
}

/** What a hold kept is erased once it has ended. */
async function lastEnds(db: Moment['db']): Promise<ReadonlyMap<number, Instant>> {
  const rows = await db
    .selectFrom('hold')
    .select((select) => ['target', select.fn.max('ended_at').as('at')])
    .where('ended_at', 'is not', null)
    .groupBy('target')
    .execute();
  return new Map(rows.map(({ target, at }) => [target, Number(at)]));
}

async function anyLeft(db: Moment['db'], parts: readonly PartNumber[]): Promise<boolean> {
  const { rows } = await sql<{ number: number }>`
    select number from parts where number in (${sql.join(parts)}) and bytes is not null limit 1`.execute(db);
  return rows.length > 0;
}
