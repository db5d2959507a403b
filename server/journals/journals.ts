/** What the centre itself observed: accesses, sessions, connectors, refusals, erasures, and the digests of the accesses. */
import { randomBytes } from 'node:crypto';
import type { Bytes } from '@parley/core/bytes.ts';
import { Accesses } from './accesses.ts';
import { Attempts } from './attempts.ts';
import { Challenges } from './challenges.ts';
import { Connectors } from './connectors.ts';
import { Digests } from './digests.ts';
import { Erasures } from './erasures.ts';
import { GroupCommit } from './group-commit.ts';
import type { JournalStore } from './ports.ts';
import { Refusals } from './refusals.ts';
import { Sessions } from './sessions.ts';
import { Staged } from './staged.ts';
import { migrate } from './tables.ts';

export interface Journals {
  readonly accesses: Accesses;
  readonly sessions: Sessions;
  readonly challenges: Challenges;
  readonly erasures: Erasures;
  readonly digests: Digests;
  readonly staged: Staged;
  readonly connectors: Connectors;
  readonly refusals: Refusals;
  readonly attempts: Attempts;
  /** Finishes what waits, takes nothing more. */
  close(): Promise<void>;
}

/**
 * The journals on a store, which they own from here on; its tables are made or migrated.
 * @param onDoubt told once when nobody knows whether a write has persisted; from then on every write is refused
 * @param challengeKey 32 bytes, the same for all instances of a centre; left out, challenges end with the process
 * @throws store.newer
 */
export async function openJournals(
  store: JournalStore,
  onDoubt: (cause: unknown) => void,
  challengeKey: Bytes = new Uint8Array(randomBytes(32)),
): Promise<Journals> {
  await prepare(store);
  const group = new GroupCommit(store, onDoubt);
  const accesses = new Accesses(store.db, group.commit);
  const refusals = new Refusals(store.db, group.commit);
  return {
    accesses,
    sessions: new Sessions(store, group.commit),
    challenges: new Challenges(challengeKey, group.commit),
    erasures: new Erasures(store.db, group.commit),
    digests: new Digests(store.db, group.commit, accesses),
    staged: new Staged(store.db, group.commit),
    connectors: new Connectors(store, group.commit),
    refusals,
    attempts: new Attempts(store.db, group.commit),
    close: async () => {
      await refusals.flush().catch(() => {});
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
