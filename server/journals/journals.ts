/** What the centre itself observed: accesses, sessions, erasures, and the digests that commit to the accesses. */
import { Accesses } from './accesses.ts';
import { Challenges } from './challenges.ts';
import { Digests } from './digests.ts';
import { Erasures } from './erasures.ts';
import { GroupCommit } from './group-commit.ts';
import type { JournalStore } from './ports.ts';
import { Sessions } from './sessions.ts';
import { type KyselyOn, sqliteJournals } from './sqlite.ts';
import { migrate } from './tables.ts';

export interface Journals {
  readonly accesses: Accesses;
  readonly sessions: Sessions;
  readonly challenges: Challenges;
  readonly erasures: Erasures;
  readonly digests: Digests;
  /** An online copy, to be taken after the log's. @throws store.present */
  backupTo(path: string): Promise<void>;
  /** Finishes what waits, takes nothing more. */
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly kyselyOn: KyselyOn;
  /** Told once when nobody knows whether a write has persisted; from then on every write is refused. */
  readonly onDoubt: (cause: unknown) => void;
}

/**
 * Opens the journals in the SQLite file at the path, and makes or migrates it.
 * @throws store.newer, store.corrupt
 */
export async function openJournals(path: string, { kyselyOn, onDoubt }: JournalOptions): Promise<Journals> {
  return journalsOn(sqliteJournals(path, kyselyOn), onDoubt);
}

/** The journals on any store; they own it from here on. */
export async function journalsOn(store: JournalStore, onDoubt: (cause: unknown) => void): Promise<Journals> {
  await prepare(store);
  const group = new GroupCommit(store, onDoubt);
  const accesses = new Accesses(store.db, group.commit);
  return {
    accesses,
    sessions: new Sessions(store.db, group.commit),
    challenges: new Challenges(),
    erasures: new Erasures(store.db, group.commit),
    digests: new Digests(store.db, group.commit, accesses),
    backupTo: (path) => store.backupTo(path),
    close: async () => {
      await group.close();
      await store.close();
    },
  };
}

async function prepare(store: JournalStore): Promise<void> {
  try {
    await store.transaction((db) => migrate(db, store.spelling));
  } catch (error) {
    await store.close();
    throw error;
  }
}
