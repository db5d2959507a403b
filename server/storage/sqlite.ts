/** The embedded store: one SQLite file in WAL mode, one connection that writes, a few that read. */
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '@parley/core/errors.ts';
import type { Kysely } from 'kysely';
import type { Commit, Snapshot, Store } from '../log/ports.ts';
import type { Vault } from '../vault/vault.ts';
import { type ColumnSeals, projectionSeals } from './column-seals.ts';
import { kyselyOn } from './kysely-sqlite.ts';
import { RecordCache } from './record-cache.ts';
import { type RecordSeal, recordSeal } from './record-seal.ts';
import { Connection, createFile } from './sqlite-connection.ts';
import { SqliteLogReader, SqliteLogWriter } from './sqlite-log.ts';
import { checkSchema, migrate } from './sqlite-schema.ts';
import { projectionSpelling } from './sqlite-spelling.ts';
import { checkBinding } from './vault-binding.ts';

export interface SqliteOptions {
  /** Snapshots only: for every thread and command but the one that writes. */
  readonly readOnly?: boolean;
  /** How many snapshots are open at once; more wait. */
  readonly readers?: number;
  /** What seals it; null, and left out: it stands plain. */
  readonly vault?: Vault | null;
}

/** Makes the file with the tables of the log, readable by its owner only. @throws store.present */
export function createSqlite(path: string, vault: Vault | null = null): void {
  createFile(path);
  const connection = new Connection(path, { readOnly: false });
  try {
    migrate(connection, vault);
  } finally {
    connection.close();
  }
}

/**
 * Opens a store; one that was made by an older version is brought up to date unless it is only read.
 * @throws store.absent, store.corrupt, store.newer, encryption.needed, encryption.wrong-key, encryption.absent
 */
export function openSqlite<DB>(
  path: string,
  { readOnly = false, readers = 4, vault = null }: SqliteOptions = {},
): Store<DB> {
  const sealed: Sealed = {
    cache: new RecordCache(),
    records: recordSeal(vault),
    columns: projectionSeals(vault),
  };
  const opened: Connection[] = [];
  const connect = (readOnly: boolean) => {
    const connection = new Connection(path, { readOnly });
    opened.push(connection);
    return connection;
  };
  try {
    const first = connect(readOnly);
    checkSchema(first, { exactly: readOnly, also: () => checkBinding(first, vault, path) });
    if (!readOnly) migrate(first, vault);
    const writer = readOnly ? null : new Writer<DB>(first, sealed);
    const pool = Array.from({ length: readers }, () => new Reader<DB>(connect(true), sealed));
    return new Sqlite(writer, pool, () => {
      for (const connection of opened) connection.close();
    });
  } catch (error) {
    for (const connection of opened) connection.close();
    throw error;
  }
}

/** What all connections to one store share. */
interface Sealed {
  readonly cache: RecordCache;
  readonly records: RecordSeal;
  readonly columns: ColumnSeals | null;
}

class Reader<DB> {
  readonly #connection: Connection;
  readonly #log: SqliteLogReader;
  readonly #db: Kysely<DB>;

  constructor(connection: Connection, { cache, records, columns }: Sealed) {
    this.#connection = connection;
    this.#log = new SqliteLogReader(connection, cache, records);
    this.#db = kyselyOn<DB>(connection.prepareWithin, columns);
  }

  snapshot<T>(work: (moment: Snapshot<DB>) => Promise<T>): Promise<T> {
    return this.#connection.moment(() => {
      this.#log.begin();
      return work({ log: this.#log, db: this.#db });
    });
  }
}

class Writer<DB> {
  readonly connection: Connection;
  readonly #log: SqliteLogWriter;
  readonly #db: Kysely<DB>;
  #depth = 0;

  constructor(connection: Connection, { cache, records, columns }: Sealed) {
    this.connection = connection;
    this.#log = new SqliteLogWriter(connection, cache, records);
    this.#db = kyselyOn<DB>(connection.prepareWithin, columns);
  }

  commit<T>(work: (transaction: Commit<DB>) => Promise<T>): Promise<T> {
    return this.connection.transaction(() => {
      this.#log.begin();
      const about = { spelling: projectionSpelling, savepoint: this.#savepoint };
      return work({ log: this.#log, db: this.#db, ...about });
    });
  }

  readonly #savepoint = async <T>(work: () => Promise<T>): Promise<T> => {
    const { connection } = this;
    const name = `s${this.#depth++}`;
    connection.prepare(`savepoint ${name}`).run();
    try {
      const result = await work();
      connection.prepare(`release ${name}`).run();
      return result;
    } catch (error) {
      // Where SQLite has ended the whole transaction itself, every further use of it fails.
      if (connection.db.isTransaction) connection.db.exec(`rollback to ${name}; release ${name}`);
      throw error;
    } finally {
      this.#depth--;
    }
  };
}

class Sqlite<DB> implements Store<DB> {
  readonly #writer: Writer<DB> | null;
  readonly #inTurn = oneAtATime();
  readonly #idle: Reader<DB>[];
  readonly #waiting: ((reader: Reader<DB>) => void)[] = [];
  readonly #busy = new Set<Promise<unknown>>();
  readonly #release: () => void;
  #closed = false;

  constructor(writer: Writer<DB> | null, readers: Reader<DB>[], release: () => void) {
    this.#writer = writer;
    this.#idle = readers;
    this.#release = release;
  }

  snapshot<T>(work: (moment: Snapshot<DB>) => Promise<T>): Promise<T> {
    return this.#track(async () => {
      const reader =
        this.#idle.pop() ?? (await new Promise<Reader<DB>>((resolve) => this.#waiting.push(resolve)));
      try {
        return await reader.snapshot(work);
      } finally {
        const next = this.#waiting.shift();
        if (next) next(reader);
        else this.#idle.push(reader);
      }
    });
  }

  commit<T>(work: (transaction: Commit<DB>) => Promise<T>): Promise<T> {
    return this.#track(() => this.#inTurn(() => this.#writing().commit(work)));
  }

  /** One process writes in a folder: nobody else moves the head. */
  onMoved(): () => void {
    return () => {};
  }

  /** The write-ahead log. */
  async forget(): Promise<void> {
    for (let delay = 5; ; delay = Math.min(2 * delay, 500)) {
      const { connection } = this.#writing();
      if (await this.#track(() => this.#inTurn(async () => truncated(connection)))) return;
      await pause(delay);
    }
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    this.#release();
  }

  #writing(): Writer<DB> {
    if (!this.#writer) throw new Refusal('fault', { detail: 'the store was opened for reading' });
    return this.#writer;
  }

  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Refusal('stopping');
    const running = work();
    this.#busy.add(running);
    try {
      return await running;
    } finally {
      this.#busy.delete(running);
    }
  }
}

function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

/** One attempt that waits for nobody: readers in this thread could not end while it waits. */
function truncated({ db }: Connection): boolean {
  const { timeout } = db.prepare('pragma busy_timeout').get() as { timeout: number };
  db.exec('pragma busy_timeout = 0');
  try {
    return (db.prepare('pragma wal_checkpoint(truncate)').get() as { busy: number }).busy === 0;
  } finally {
    db.exec(`pragma busy_timeout = ${timeout}`);
  }
}
