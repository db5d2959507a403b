/** Files that lie sealed in whatever keeps them. Their names are hashes, and stay readable. */
import type { FileStore } from '../files/ports.ts';
import { openStream, sealStream } from './streams.ts';
import type { Vault } from './vault.ts';

export function sealedFiles(store: FileStore, vault: Vault | null): FileStore {
  if (!vault) return store;
  return {
    put: (name, pieces, before) => store.put(name, sealStream(vault, name, pieces), before),
    settle: (name, work) => store.settle(name, work),
    async open(name) {
      const pieces = await store.open(name);
      return pieces && openStream(vault, name, pieces);
    },
    has: (name) => store.has(name),
    remove: (names) => store.remove(names),
    list: (age) => store.list(age),
    close: () => store.close(),
  };
}
