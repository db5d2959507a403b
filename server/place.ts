/**
 * Where a centre lies: a folder with its keys and what this machine remembers, and its log, journals and files: beside
 * them, in SQLite and in the folder itself, or in a PostgreSQL database. The only way to any of them.
 */
import { diskFiles } from './files/disk.ts';
import type { FileStore } from './files/ports.ts';
import type { JournalDb, JournalStore } from './journals/ports.ts';
import type { Store } from './log/ports.ts';
import type { ReplicaStore } from './log/replicas.ts';
import { type Paths, pathsIn } from './paths.ts';
import { folderReplicas } from './storage/folder-replicas.ts';
import { createPostgres, dropPostgres, openPostgres } from './storage/postgres.ts';
import { postgresFiles } from './storage/postgres-files.ts';
import { postgresJournals, readPostgresJournals } from './storage/postgres-journals.ts';
import { postgresReplicas } from './storage/postgres-replicas.ts';
import { createSqlite, openSqlite } from './storage/sqlite.ts';
import { readSqliteJournals, sqliteJournals } from './storage/sqlite-journals.ts';
import { sealedFiles } from './vault/files.ts';
import type { Vault } from './vault/vault.ts';

export interface Place {
  readonly paths: Paths;
  /** What seals it; null: it stands plain. */
  readonly vault: Vault | null;
  /** `postgres://…`, where log, journals and files stand in a database; null: in the folder. */
  readonly database: string | null;
}

export interface OpenOptions {
  /** Snapshots only: for every thread and command but the one that writes. */
  readonly readOnly?: boolean;
  /** How many snapshots are open at once; more wait. */
  readonly readers?: number;
}

export function placeAt(
  folder: string,
  about: { readonly vault?: Vault | null; readonly database?: string | null } = {},
): Place {
  return { paths: pathsIn(folder), vault: about.vault ?? null, database: about.database ?? null };
}

/** An empty log. @throws store.present, and of a database store.absent, store.away */
export async function createLog({ paths, vault, database }: Place): Promise<void> {
  if (database === null) createSqlite(paths.log, vault);
  else await createPostgres(database, vault);
}

/** Undoes `createLog` for a centre that did not come to be. What lies in the folder goes with the folder. */
export async function discardLog({ database }: Place): Promise<void> {
  if (database !== null) await dropPostgres(database);
}

/**
 * @throws store.absent, store.corrupt, store.newer, encryption.needed, encryption.wrong-key, encryption.absent, and of a
 * database store.away
 */
export async function openLog<DB>(
  { paths, vault, database }: Place,
  options: OpenOptions = {},
): Promise<Store<DB>> {
  const about = { ...options, vault };
  return database === null ? openSqlite<DB>(paths.log, about) : openPostgres<DB>(database, about);
}

/** Made where there are none. @throws store.corrupt, encryption.…, and of a database store.away */
export async function openJournalStore({ paths, vault, database }: Place): Promise<JournalStore> {
  return database === null ? sqliteJournals(paths.journals, vault) : postgresJournals(database, vault);
}

/** Where replicas of this place tell how far they are. */
export async function openReplicaStore({ paths, database }: Place): Promise<ReplicaStore> {
  return database === null ? folderReplicas(paths.replicas) : postgresReplicas(database);
}

/** One moment of journals that somebody else may write. @throws store.absent, and as `openJournalStore` */
export async function readJournals<T>(
  { paths, vault, database }: Place,
  work: (db: JournalDb) => Promise<T>,
): Promise<T> {
  return database === null
    ? readSqliteJournals(paths.journals, vault, work)
    : readPostgresJournals(database, vault, work);
}

/** How a place is opened by who runs a centre there: a test puts faults in between. */
export interface Openers {
  readonly openLog: typeof openLog;
  readonly openJournalStore: typeof openJournalStore;
  readonly openFileStore: typeof openFileStore;
}

/** What is sealed opens, and what is put there is sealed. */
export function openFileStore({ paths, vault, database }: Place): FileStore {
  return sealedFiles(database === null ? diskFiles(paths.files) : postgresFiles(database), vault);
}

export const openers: Openers = { openLog, openJournalStore, openFileStore };
