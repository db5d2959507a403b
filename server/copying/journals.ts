/**
 * The journals of one store brought into another, ids and all. Accesses are only ever added, and come from the last one
 * on; the rest is small, and is compared and replaced. Sessions stay behind: whoever is at work signs in again.
 */

import { sql } from 'kysely';
import { blocksOf } from '../journals/accesses.ts';
import { unpack } from '../journals/packing.ts';
import type { JournalDb, JournalStore } from '../journals/ports.ts';
import { migrate } from '../journals/tables.ts';
import { goneBack, twoHistories } from './comparing.ts';
import { type Changeable, changeable, keyOf, named, type Row, rowsOf, textOf } from './rows.ts';

const atOnce = 500;

export class JournalsCopy {
  readonly #source: JournalStore;
  readonly #target: JournalStore;
  /** Of each table that changes, what the target holds, by key. */
  readonly #known = new Map<Changeable, ReadonlyMap<string, Row>>();
  readonly #counts: boolean;
  #lastAccess: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(source: JournalStore, target: JournalStore, counts: boolean, lastAccess: number) {
    this.#source = source;
    this.#target = target;
    this.#counts = counts;
    this.#lastAccess = lastAccess;
  }

  /**
   * @param counts whether the target counts ids up beside its rows, and must be told of those that were given (PostgreSQL)
   * @throws store.newer, store.behind, proof.consistency where the target has what the source has not
   */
  static async open(source: JournalStore, target: JournalStore, counts: boolean): Promise<JournalsCopy> {
    await target.transaction((db) => migrate(db, target.spelling));
    const last = await newestAccess(target.db);
    if (last) await refuseOtherAccesses(source.db, last);
    return new JournalsCopy(source, target, counts, last ? Number(last.id) : -1);
  }

  /**
   * What the log may speak of, and what cannot be had again: accesses, the digests of them, and the keys of connectors.
   * To be called after the log was copied, so that nothing is missing that the log speaks of.
   */
  follow(): Promise<void> {
    return this.#inTurn(() => this.#follow());
  }

  /** All of them. */
  catchUp(): Promise<void> {
    return this.#inTurn(() => this.#catchUp());
  }

  /** Rounds may overlap where they are asked for, never where they write. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #follow(): Promise<void> {
    await this.#accesses();
    await this.#digests();
    await this.#replace('connectors');
  }

  async #catchUp(): Promise<void> {
    await this.#follow();
    for (const name of Object.keys(changeable) as Changeable[])
      if (name !== 'connectors') await this.#replace(name);
  }

  /** What was brought and waits to be shared. */
  async staged(): Promise<string[]> {
    const rows = await this.#target.db.selectFrom('staged').select('file').execute();
    return rows.map(({ file }) => file);
  }

  async #accesses(): Promise<void> {
    for (;;) {
      const rows = await this.#source.db
        .selectFrom('accesses')
        .selectAll()
        .where('id', '>', this.#lastAccess)
        .orderBy('id')
        .limit(atOnce)
        .execute();
      const last = rows.at(-1);
      if (!last) return;
      // Which records each touched follows from its list, as when it was recorded.
      const touched = rows.flatMap(({ id, list }) =>
        blocksOf(unpack(list)).map((block) => ({ ...block, access: id })),
      );
      await this.#target.transaction(async (db) => {
        await inserted(db, 'accesses', rows);
        await inserted(db, 'access_records', touched);
        if (this.#counts)
          await sql`select setval(pg_get_serial_sequence('accesses', 'id'), ${last.id})`.execute(db);
      });
      this.#lastAccess = last.id;
    }
  }

  /** One that is closed and not built changes once more; with its root it has its leaves, and stays as it is. */
  async #digests(): Promise<void> {
    const [open, last] = [await this.#digest('open'), await this.#digest('last')];
    const changed = await this.#source.db
      .selectFrom('digests')
      .selectAll()
      .where('since', '>=', open ?? last ?? 0)
      .orderBy('since')
      .execute();
    for (const digest of changed) {
      const { since, root } = digest;
      if (since === last && open === null) continue;
      const leaves =
        root === null
          ? []
          : await this.#source.db
              .selectFrom('digest_leaves')
              .selectAll()
              .where('since', '=', since)
              .execute();
      await this.#target.transaction(async (db) => {
        await db.deleteFrom('digest_leaves').where('since', '=', since).execute();
        await db.deleteFrom('digests').where('since', '=', since).execute();
        await inserted(db, 'digests', [digest]);
        await inserted(db, 'digest_leaves', leaves);
      });
    }
  }

  /** The first that is not built yet, or the last one, in the target. */
  async #digest(which: 'open' | 'last'): Promise<number | null> {
    const digests = this.#target.db.selectFrom('digests').select('since');
    const row = await (which === 'open'
      ? digests.where('root', 'is', null).orderBy('since')
      : digests.orderBy('since', 'desc')
    )
      .limit(1)
      .executeTakeFirst();
    return row?.since ?? null;
  }

  async #replace(table: Changeable): Promise<void> {
    const known = this.#known.get(table) ?? byKey(table, await rowsOf(this.#target.db, table));
    const now = byKey(table, await rowsOf(this.#source.db, table));
    this.#known.set(table, known);
    const gone = [...known].filter(([key, row]) => !same(now.get(key), row)).map(([, row]) => row);
    const fresh = [...now].filter(([key, row]) => !same(known.get(key), row)).map(([, row]) => row);
    if (gone.length + fresh.length === 0) return;
    await this.#target.transaction(async (db) => {
      for (const row of gone) await removed(db, table, row);
      await inserted(db, table, fresh);
    });
    this.#known.set(table, now);
  }
}

function byKey(table: Changeable, rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [keyOf(table, row), row]));
}

function same(a: Row | undefined, b: Row): boolean {
  return a !== undefined && textOf(a) === textOf(b);
}

async function newestAccess(db: JournalDb): Promise<Row | undefined> {
  return db.selectFrom('accesses').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst();
}

async function refuseOtherAccesses(source: JournalDb, mine: Row): Promise<void> {
  const id = Number(mine.id);
  const theirs = await source.selectFrom('accesses').selectAll().where('id', '=', id).executeTakeFirst();
  if (!theirs) throw goneBack(id, Number((await newestAccess(source))?.id ?? 0), 'accesses');
  if (textOf(theirs) !== textOf(mine)) throw twoHistories('the accesses');
}

async function inserted(db: JournalDb, table: string, rows: readonly Row[]): Promise<void> {
  for (let i = 0; i < rows.length; i += atOnce)
    await named(db)
      .insertInto(table)
      .values(rows.slice(i, i + atOnce))
      .execute();
}

async function removed(db: JournalDb, table: Changeable, row: Row): Promise<void> {
  let query = named(db).deleteFrom(table);
  for (const column of changeable[table]) query = query.where(column, '=', row[column]);
  await query.execute();
}
