/**
 * One process writes in a folder at a time. The lock is one of SQLite's, on a file without content: it ends with the
 * process, however that ends.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '@parley/core/errors.ts';

export interface Held {
  release(): void;
}

/** @throws store.held, store.absent */
export function holdFolder(folder: string): Held {
  const lock = open(folder);
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
  } catch (cause) {
    lock.close();
    throw new Refusal('store.held', { at: folder, cause });
  }
  return { release: () => lock.close() };
}

function open(folder: string): DatabaseSync {
  try {
    return new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  } catch (cause) {
    throw new Refusal('store.absent', { at: folder, cause });
  }
}
