/** One connection to a SQLite file, with its settings and its prepared statements. */
import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Refusal } from '@parley/core/errors.ts';

const keptStatements = 256;
/** Milliseconds to wait for another process that writes, such as a command on the same machine. */
const patience = 5_000;

/**
 * `synchronous = FULL`: a commit is on the disk when it returns. `secure_delete`: what is erased is overwritten.
 * `temp_store`: sorting leaves no content in temporary files. `fullfsync` matters on macOS alone.
 */
const settings = `
  pragma synchronous = full;
  pragma fullfsync = on;
  pragma checkpoint_fullfsync = on;
  pragma secure_delete = on;
  pragma temp_store = memory;
  pragma cache_size = -16384;
`;

export class Connection {
  readonly db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws store.absent, store.corrupt */
  constructor(path: string, { readOnly }: { readonly readOnly: boolean }) {
    if (!existsSync(path)) throw new Refusal('store.absent', { at: path });
    this.db = new DatabaseSync(path, { readOnly, timeout: patience, enableForeignKeyConstraints: false });
    try {
      this.db.exec(settings);
      if (!readOnly) this.db.exec('pragma journal_mode = wal');
    } catch (cause) {
      this.db.close();
      throw new Refusal('store.corrupt', { at: path, detail: 'SQLite cannot read it', cause });
    }
  }

  /** Within a transaction only: what a caller forgot to await must not write after it, or read another moment. */
  readonly prepare = (sql: string): StatementSync => {
    if (!this.db.isTransaction) throw new Refusal('fault', { detail: 'used after its transaction' });
    const known = this.#statements.get(sql);
    if (known) this.#statements.delete(sql);
    const statement = known ?? this.db.prepare(sql);
    this.#statements.set(sql, statement);
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= keptStatements) break;
      this.#statements.delete(oldest);
    }
    return statement;
  };

  /** `Row` names what the statement selects; integers are numbers, since all of ours are below 2^53. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.prepare(sql).all(...values) as unknown as Row[];
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as unknown as Row | undefined;
  }

  /** How many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  /** Undoes the open transaction. SQLite may have done so itself, as it does when the disk is full. */
  rollback(): void {
    if (this.db.isTransaction) this.db.exec('rollback');
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }
}
