/** The journals in a schema of their own: one connection writes, a few read what is committed. */
import type { JournalDb, JournalStore } from '../journals/ports.ts';
import type { JournalTables } from '../journals/tables.ts';
import type { Vault } from '../vault/vault.ts';
import { type ColumnSeals, journalSeals } from './column-seals.ts';
import { kyselyBy } from './kysely-postgres.ts';
import { Connection, Scope } from './postgres-connection.ts';
import { told } from './postgres-errors.ts';
import { Pool } from './postgres-pool.ts';
import { checkJournalSchema, openJournalSchema, schemas } from './postgres-schema.ts';
import { spelling } from './postgres-spelling.ts';
import { transaction } from './postgres-transaction.ts';
import { tokenSeal } from './token-seal.ts';

const readers = 3;

/**
 * Opens the journals, and makes their schema where there is none.
 * @throws store.absent, store.away, config.value, encryption.needed, encryption.wrong-key, encryption.absent
 */
export async function postgresJournals(url: string, vault: Vault | null = null): Promise<JournalStore> {
  const target = { url, schema: schemas.journals };
  await openJournalSchema(target, vault);
  const seals = journalSeals(vault);
  const reading = new Pool(target, readers, (connection) => ({ connection }));
  const writing = new Pool({ ...target, holds: true }, 1, (connection) => new Writer(connection, seals));
  return {
    tokens: tokenSeal(vault),
    db: kyselyBy<JournalTables>(
      (text, values) =>
        reading
          .use(({ connection }) => connection.query(text, values))
          .catch((error) => {
            throw told(error);
          }),
      seals,
    ),
    spelling,
    transaction: (work) => writing.use((writer) => writer.transaction(work)),
    close: async () => {
      await Promise.all([writing.close(), reading.close()]);
    },
  };
}

/** One moment of journals that somebody else may write. @throws store.absent, and as `postgresJournals` */
export async function readPostgresJournals<T>(
  url: string,
  vault: Vault | null,
  work: (db: JournalDb) => Promise<T>,
): Promise<T> {
  const target = { url, schema: schemas.journals };
  await checkJournalSchema(target, vault);
  const connection = await Connection.open(target);
  try {
    await connection.run('begin isolation level repeatable read, read only');
    return await work(kyselyBy((text, values) => connection.query(text, values), journalSeals(vault)));
  } catch (error) {
    throw told(error);
  } finally {
    await connection.close();
  }
}

const locking = `begin isolation level read committed; select 1 from meta where key = 'turn' for update`;

class Writer {
  readonly connection: Connection;
  readonly #scope: Scope;
  readonly #db: JournalDb;

  constructor(connection: Connection, seals: ColumnSeals | null) {
    this.connection = connection;
    this.#scope = new Scope(connection);
    this.#db = kyselyBy<JournalTables>(
      async (text, values) => this.#scope.connection.query(text, values),
      seals,
    );
  }

  /**
   * Groups of several instances come one after another, so that each goes on from where the one before has ended.
   * @throws store.away where nothing was taken
   */
  transaction<T>(work: (db: JournalDb) => Promise<T>): Promise<T> {
    return transaction(this.connection, locking, () => this.#scope.during(() => work(this.#db)));
  }
}
