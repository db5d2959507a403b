/** Whether two places hold the same: what a move must know before it lets go of what it moved. */
import { createHash } from 'node:crypto';
import { equal } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { sql } from 'kysely';
import type { Tables } from '../folds.ts';
import type { JournalDb } from '../journals/ports.ts';
import type { Store } from '../log/ports.ts';
import {
  type Changeable,
  changeable,
  type Growing,
  growing,
  named,
  type Row,
  rowsOf,
  textOf,
} from './rows.ts';

const atOnce = 1_000;

/** Rows of the journals by table. */
export type Counts = Readonly<Record<string, number>>;

/** @throws store.corrupt with what differs */
export async function needEqualHeads(source: Store<Tables>, target: Store<Tables>): Promise<void> {
  const [from, to] = [await headOf(source), await headOf(target)];
  const same =
    from && to && from.size === to.size && equal(from.root, to.root) && from.checkpoint === to.checkpoint;
  if (!same || from.instant !== to.instant)
    throw new Refusal('store.corrupt', { at: 'head', detail: 'the copy ends elsewhere' });
}

function headOf(store: Store<Tables>) {
  return store.snapshot(({ log }) => log.head());
}

/** Row for row, but for sessions. @throws store.corrupt with what differs */
export async function needEqualJournals(source: JournalDb, target: JournalDb): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const table of [...Object.keys(growing), ...Object.keys(changeable)] as (Growing | Changeable)[]) {
    const [from, to] = [await digestOf(source, table), await digestOf(target, table)];
    if (from.rows !== to.rows || from.digest !== to.digest)
      throw new Refusal('store.corrupt', {
        at: `journals/${table}`,
        detail: `the copy is another: ${from.rows} rows there, ${to.rows} here`,
      });
    counts[table] = to.rows;
  }
  return counts;
}

async function digestOf(
  db: JournalDb,
  table: Growing | Changeable,
): Promise<{ rows: number; digest: string }> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const batch of table in growing ? grown(db, table as Growing) : small(db, table as Changeable))
    for (const text of batch) {
      hash.update(`${text}\n`);
      rows++;
    }
  return { rows, digest: hash.digest('hex') };
}

/** In an order that does not depend on how a database sorts. */
async function* small(db: JournalDb, table: Changeable): AsyncGenerator<string[]> {
  yield (await rowsOf(db, table)).map(textOf).sort();
}

async function* grown(db: JournalDb, table: Growing): AsyncGenerator<string[]> {
  const key = growing[table];
  const columns = sql.raw(key.join(', '));
  for (let last: Row | undefined; ; ) {
    const after = last && sql.join(key.map((column) => last?.[column]));
    let query = named(db).selectFrom(table).selectAll();
    for (const column of key) query = query.orderBy(column);
    if (after) query = query.where(sql<boolean>`(${columns}) > (${after})`);
    const rows = await query.limit(atOnce).execute();
    yield rows.map(textOf);
    if (rows.length < atOnce) return;
    last = rows.at(-1);
  }
}
