/** When what was taken back was erased from storage: the log says that it must be, only the store knows when it was. */
import type { Instant } from '@parley/core/fields.ts';
import { type PartNumber, recordIndexOf } from '@parley/core/parts.ts';
import type { Commit, JournalDb } from './ports.ts';

const chunk = 1_000;

export class Erasures {
  readonly #db: JournalDb;
  readonly #commit: Commit;

  constructor(db: JournalDb, commit: Commit) {
    this.#db = db;
    this.#commit = commit;
  }

  /** Of records of which nothing waits to be erased. Said again after a crash, it keeps the later instant. */
  recordErased(numbers: readonly PartNumber[], at: Instant): Promise<void> {
    const records = [...new Set(numbers.map(recordIndexOf))];
    return this.#commit(async (db) => {
      for (let i = 0; i < records.length; i += chunk)
        await upsert(
          db,
          records.slice(i, i + chunk).map((record) => ({ record, at })),
        );
    });
  }

  /** By record, when the last of its parts that were erased was erased. */
  async noted(): Promise<ReadonlyMap<number, Instant>> {
    const rows = await this.#db.selectFrom('erasures').select(['record', 'at']).execute();
    return new Map(rows.map(({ record, at }) => [record, at]));
  }

  /** When the last of the record's parts that were erased was erased; null: none was. */
  async erasedAt(index: number): Promise<Instant | null> {
    const row = await this.#db
      .selectFrom('erasures')
      .select('at')
      .where('record', '=', index)
      .executeTakeFirst();
    return row?.at ?? null;
  }
}

async function upsert(db: JournalDb, rows: readonly { record: number; at: Instant }[]): Promise<void> {
  await db
    .insertInto('erasures')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('record')
        .doUpdateSet(({ ref }) => ({ at: ref('excluded.at') }))
        .whereRef('erasures.at', '<', 'excluded.at'),
    )
    .execute();
}
