/** What replicas tell a centre in a folder: a small file of each, written whole. It is a word, not a record: not synced. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Acknowledged, type ReplicaStore, replicaName } from '../log/replicas.ts';

export function folderReplicas(folder: string): ReplicaStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    async acknowledge({ name, size, at }) {
      const beside = join(folder, `.${name}-${randomUUID()}`);
      writeFileSync(beside, `${size} ${at}\n`, { mode: 0o600 });
      renameSync(beside, join(folder, name));
    },
    all: async () =>
      readdirSync(folder)
        .filter((name) => replicaName.test(name))
        .flatMap((name) => wordIn(folder, name)),
    onChanged(listener) {
      // Where files cannot be watched, whoever listens looks by itself from time to time.
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === null || replicaName.test(String(name))) listener();
      });
      watcher.on('error', () => {});
      return () => watcher.close();
    },
    close: async () => {},
  };
}

function wordIn(folder: string, name: string): Acknowledged[] {
  try {
    const [, size, at] = /^(\d{1,15}) (\d{1,15})\n$/.exec(readFileSync(join(folder, name), 'latin1')) ?? [];
    return size && at ? [{ name, size: Number(size), at: Number(at) }] : [];
  } catch {
    return []; // Somebody has removed it.
  }
}
