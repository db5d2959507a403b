/** Files that were brought and that no statement has named yet. */
import type { Instant } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import type { Commit, JournalDb } from './ports.ts';

export interface StagedRow {
  readonly name: string;
  readonly party: PartyId;
  readonly size: number;
  readonly type: string;
  readonly at: Instant;
}

const columns = ['file as name', 'party', 'size', 'type', 'at'] as const;

export class Staged {
  readonly #db: JournalDb;
  readonly #commit: Commit;

  constructor(db: JournalDb, commit: Commit) {
    this.#db = db;
    this.#commit = commit;
  }

  /** Durable when it resolves. Brought again, it waits from then on. */
  async put({ name, party, size, type, at }: StagedRow): Promise<void> {
    await this.#commit((db) =>
      db
        .insertInto('staged')
        .values({ file: name, party, size, type, at })
        .onConflict((conflict) => conflict.column('file').doUpdateSet({ size, type, at }))
        .execute(),
    );
  }

  async claim(name: string, at: Instant): Promise<StagedRow | null> {
    const row = await this.#commit((db) =>
      db.updateTable('staged').set({ at }).where('file', '=', name).returning(columns).executeTakeFirst(),
    );
    return row ?? null;
  }

  async waits(name: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('staged')
      .select('file')
      .where('file', '=', name)
      .executeTakeFirst();
    return row !== undefined;
  }

  async removeStale(name: string, since: Instant): Promise<boolean> {
    const { numDeletedRows } = await this.#commit((db) =>
      db.deleteFrom('staged').where('file', '=', name).where('at', '<=', since).executeTakeFirstOrThrow(),
    );
    return numDeletedRows === 1n;
  }

  async remove(name: string): Promise<void> {
    await this.#commit((db) => db.deleteFrom('staged').where('file', '=', name).execute());
  }

  async bytesOf(party: PartyId): Promise<number> {
    const row = await this.#db
      .selectFrom('staged')
      .select(({ fn }) => fn.sum<number | null>('size').as('bytes'))
      .where('party', '=', party)
      .executeTakeFirst();
    return Number(row?.bytes ?? 0);
  }

  /** Oldest first. */
  all(): Promise<readonly StagedRow[]> {
    return this.#db.selectFrom('staged').select(columns).orderBy('at').orderBy('file').execute();
  }
}
