/** One connection to a SQLite file, with its settings and its prepared statements. */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Refusal } from '@parley/core/errors.ts';

/** Queries come from the code alone and are few, but an insert of n rows is one for each n. */
const keptStatements = 256;
/** Milliseconds to wait for another process that writes, such as a command on the same machine. */
const patience = 5_000;

/** KiB, as SQLite counts them: there are several readers, and what they do not keep the system does. */
const [readerCache, writerCache] = [-6_144, -16_384];

/**
 * `synchronous = FULL`: a commit is on the disk when it returns. `secure_delete`: what is erased is overwritten.
 * `wal_autocheckpoint`: 8 MiB, since a page that many commits touch is written to its place once for all of them; with
 * more, the commit that has to do it would keep others waiting.
 * `temp_store`: sorting leaves no content in temporary files. `fullfsync` matters on macOS alone.
 */
const settings = `
  pragma synchronous = full;
  pragma fullfsync = on;
  pragma checkpoint_fullfsync = on;
  pragma secure_delete = on;
  pragma temp_store = memory;
  pragma wal_autocheckpoint = 2048;
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
      this.db.exec(`pragma cache_size = ${readOnly ? readerCache : writerCache}`);
      if (!readOnly) this.db.exec('pragma journal_mode = wal');
    } catch (cause) {
      this.db.close();
      throw new Refusal('store.corrupt', { at: path, detail: 'SQLite cannot read it', cause });
    }
  }

  readonly prepare = (sql: string): StatementSync => {
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

  /** Within a transaction only: what a caller forgot to await must not write after it, or read another moment. */
  readonly prepareWithin = (sql: string): StatementSync => {
    if (!this.db.isTransaction) throw new Refusal('fault', { detail: 'used after its transaction' });
    return this.prepare(sql);
  };

  /** `Row` names what the statement selects; integers are numbers, since all of ours are below 2^53. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.prepareWithin(sql).all(...values) as unknown as Row[];
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.prepareWithin(sql).get(...values) as unknown as Row | undefined;
  }

  /** How many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepareWithin(sql).run(...values).changes);
  }

  /** One transaction that writes; where the work throws, nothing of it is left. One at a time. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    this.prepare('begin immediate').run();
    try {
      const result = await work();
      this.prepare('commit').run();
      return result;
    } finally {
      this.rollback();
    }
  }

  /** One moment for all reads of the work. SQLite takes it with the first of them. */
  async moment<T>(work: () => Promise<T>): Promise<T> {
    this.prepare('begin').run();
    try {
      return await work();
    } finally {
      this.rollback();
    }
  }

  /** Undoes what is open. SQLite may have done so itself, as it does when the disk is full. */
  rollback(): void {
    if (this.db.isTransaction) this.prepare('rollback').run();
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }
}

/** Readable by its owner only; SQLite gives the files beside it the same permissions. @throws store.present */
export function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw new Refusal('store.present', { at: path });
    throw cause;
  }
}

/** Nothing of it stands in the write-ahead log any more, which is gone. For a database that nobody has open. */
export function intoOneFile(path: string): void {
  const connection = new Connection(path, { readOnly: false });
  try {
    connection.db.exec('pragma journal_mode = delete');
  } finally {
    connection.close();
  }
}

/**
 * An online copy of one moment, also beside a running centre. From a connection of its own that holds the moment: a
 * copy would start again with every commit otherwise.
 * @throws store.present, store.absent, store.corrupt
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  createFile(to);
  try {
    const connection = new Connection(from, { readOnly: true });
    try {
      await connection.moment(async () => {
        connection.get('select count(*) from sqlite_schema');
        await backup(connection.db, to, { rate: 4096 });
      });
    } finally {
      connection.close();
    }
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}
