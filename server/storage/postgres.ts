/**
 * The store in PostgreSQL, for several instances on one database. A commit locks the one row of `head` before it reads
 * anything: that row, compared and swapped, is all that keeps instances from each other. What waits for it goes on from
 * where the one before has left the log.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Refusal } from '@parley/core/errors.ts';
import type { Kysely } from 'kysely';
import type { Commit, Snapshot, Store } from '../log/ports.ts';
import type { Vault } from '../vault/vault.ts';
import { type ColumnSeals, projectionSeals } from './column-seals.ts';
import { kyselyBy } from './kysely-postgres.ts';
import { type Connection, Scope, type Target } from './postgres-connection.ts';
import { told } from './postgres-errors.ts';
import { vacuum } from './postgres-forget.ts';
import { PostgresLogReader, PostgresLogWriter } from './postgres-log.ts';
import { Listening } from './postgres-moved.ts';
import { Pool } from './postgres-pool.ts';
import { createSchema, dropSchemas, openSchema, schemas } from './postgres-schema.ts';
import { spelling } from './postgres-spelling.ts';
import { transaction } from './postgres-transaction.ts';
import { RecordCache } from './record-cache.ts';
import { type RecordSeal, recordSeal } from './record-seal.ts';

export interface PostgresOptions {
  /** Snapshots only: for every thread and command but the one that writes. */
  readonly readOnly?: boolean;
  /** How many snapshots are open at once; more wait. */
  readonly readers?: number;
  /** What seals it; null, and left out: it stands plain. */
  readonly vault?: Vault | null;
}

/** Makes the tables of the log in a database that is there. @throws store.present, store.absent, store.away */
export async function createPostgres(url: string, vault: Vault | null = null): Promise<void> {
  await createSchema(url, vault);
}

/** All of it, journals and files too: of a centre that did not come to be. */
export async function dropPostgres(url: string): Promise<void> {
  await dropSchemas(url);
}

/**
 * Opens a store; one that was made by an older version is brought up to date unless it is only read.
 * @throws store.absent, store.corrupt, store.newer, store.away, config.value, encryption.…
 */
export async function openPostgres<DB>(
  url: string,
  { readOnly = false, readers = 4, vault = null }: PostgresOptions = {},
): Promise<Store<DB>> {
  const target: Target = { url, schema: schemas.log };
  await openSchema(target, { vault, readOnly });
  const sealed: Sealed = {
    cache: new RecordCache(),
    records: recordSeal(vault),
    columns: projectionSeals(vault),
  };
  const reading = new Pool(target, readers, (connection) => new Reader<DB>(connection, sealed));
  const held = { ...target, holds: true };
  const writing = readOnly ? null : new Pool(held, 1, (connection) => new Writer<DB>(connection, sealed));
  return new Postgres(target, writing, reading);
}

/** What all connections to one store share. */
interface Sealed {
  readonly cache: RecordCache;
  readonly records: RecordSeal;
  readonly columns: ColumnSeals | null;
}

const beginning = 'begin isolation level repeatable read, read only; select size from head';
const locking = 'begin isolation level read committed; select size from head for update';

class Reader<DB> {
  readonly connection: Connection;
  readonly #scope: Scope;
  readonly #log: PostgresLogReader;
  readonly #db: Kysely<DB>;

  constructor(connection: Connection, { cache, records, columns }: Sealed) {
    this.connection = connection;
    this.#scope = new Scope(connection);
    this.#log = new PostgresLogReader(this.#scope, cache, records);
    this.#db = kyselyBy<DB>(async (text, values) => this.#scope.connection.query(text, values), columns);
  }

  /** PostgreSQL takes its moment with the first read. What the work asks is sent right behind it. */
  async snapshot<T>(work: (moment: Snapshot<DB>) => Promise<T>): Promise<T> {
    const begun = this.connection.run(beginning).then(([, head]) => Number(head?.rows[0]?.size ?? 0));
    // Where it fails, what comes after it fails, too.
    begun.catch(() => {});
    this.#log.begin(begun);
    const result = await this.#scope.during(() => work({ log: this.#log, db: this.#db }));
    await begun;
    return result;
  }
}

class Writer<DB> {
  readonly connection: Connection;
  readonly #scope: Scope;
  readonly #log: PostgresLogWriter;
  readonly #db: Kysely<DB>;
  #depth = 0;

  constructor(connection: Connection, { cache, records, columns }: Sealed) {
    this.connection = connection;
    this.#scope = new Scope(connection);
    this.#log = new PostgresLogWriter(this.#scope, cache, records);
    this.#db = kyselyBy<DB>(async (text, values) => this.#scope.connection.query(text, values), columns);
  }

  commit<T>(work: (commit: Commit<DB>) => Promise<T>): Promise<T> {
    return transaction(this.connection, locking, ([, head]) => {
      this.#log.begin(head?.rows[0]?.size ?? 0);
      const about = { spelling, savepoint: this.#savepoint };
      return this.#scope.during(() => work({ log: this.#log, db: this.#db, ...about }));
    });
  }

  readonly #savepoint = async <T>(work: () => Promise<T>): Promise<T> => {
    const { connection } = this.#scope;
    const name = `s${this.#depth++}`;
    try {
      // Answered before whatever the work asks; where it fails, so does the whole transaction.
      connection.run(`savepoint ${name}`).catch(() => {});
      const result = await work();
      connection.run(`release ${name}`).catch(() => {});
      return result;
    } catch (error) {
      // What still runs beside the failed work must not write after it was undone.
      await connection.idle(turn);
      if (!connection.lost) await connection.run(`rollback to ${name}; release ${name}`);
      throw error;
    } finally {
      this.#depth--;
    }
  };
}

class Postgres<DB> implements Store<DB> {
  readonly #target: Target;
  readonly #writing: Pool<Writer<DB>> | null;
  readonly #reading: Pool<Reader<DB>>;
  readonly #listening: Listening;
  readonly #ending = new AbortController();
  #forgetting: Promise<void> = Promise.resolve();

  constructor(target: Target, writing: Pool<Writer<DB>> | null, reading: Pool<Reader<DB>>) {
    this.#target = target;
    this.#writing = writing;
    this.#reading = reading;
    this.#listening = new Listening(target);
  }

  async snapshot<T>(work: (moment: Snapshot<DB>) => Promise<T>): Promise<T> {
    try {
      return await this.#reading.use(
        (reader) => reader.snapshot(work),
        ({ connection }) => connection.run('rollback'),
      );
    } catch (error) {
      throw told(error);
    }
  }

  async commit<T>(work: (commit: Commit<DB>) => Promise<T>): Promise<T> {
    if (!this.#writing) throw new Refusal('fault', { detail: 'the store was opened for reading' });
    return this.#writing.use((writer) => writer.commit(work));
  }

  onMoved(listener: () => void): () => void {
    return this.#listening.add(listener);
  }

  /** Dead rows and what they held. One after another: a later one begins with what is dead by then. */
  async forget(): Promise<void> {
    const { signal } = this.#ending;
    const after = this.#forgetting.catch(() => {});
    this.#forgetting = after.then(() => vacuum(this.#target, signal));
    return this.#forgetting;
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    this.#ending.abort(new Refusal('stopping'));
    await Promise.all([
      this.#listening.close(),
      this.#reading.close(),
      this.#writing?.close(),
      this.#forgetting.catch(() => {}),
    ]);
  }
}
