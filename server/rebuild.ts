/** Law 2 for operators: drops the projections, folds the log again, and says whether anything was different. */
import { existsSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import { holdFolder } from './folder-lock.ts';
import { foldVersion, foldVersionOf, projectionDigests, rebuild, type Tables } from './folds.ts';
import type { Store } from './log/ports.ts';
import { openLog, type Place } from './place.ts';

export interface Rebuilt {
  /** Records folded. */
  readonly size: number;
  readonly tables: number;
  /** Whether the tables are as they were; null where older folds had made them, or there were none to read. */
  readonly equal: boolean | null;
  /** Tables that are different now. */
  readonly different: readonly string[];
}

/** @throws store.absent, store.held, store.corrupt */
export async function rebuildProjections(
  place: Place,
  progress?: (done: number, of: number) => void,
): Promise<Rebuilt> {
  const { folder } = place.paths;
  if (!existsSync(folder)) throw new Refusal('store.absent', { at: folder });
  const held = holdFolder(folder);
  try {
    const store = await openLog<Tables>(place);
    await using _ = { [Symbol.asyncDispose]: () => store.close() };
    const before = await digestsOf(store);
    await rebuild(store, progress);
    const after = (await digestsOf(store)) ?? new Map<string, string>();
    const size = (await store.snapshot(({ log }) => log.head()))?.size ?? 0;
    const different = before
      ? [...after.keys()].filter((table) => before.get(table) !== after.get(table))
      : [];
    return { size, tables: after.size, equal: before && different.length === 0, different };
  } finally {
    held.release();
  }
}

/** Null where there is nothing to compare with. */
function digestsOf(store: Store<Tables>): Promise<ReadonlyMap<string, string> | null> {
  return store.snapshot(async ({ db }) => {
    if ((await foldVersionOf(db)) !== foldVersion) return null;
    // A table may be gone or broken: that is why somebody folds again.
    return projectionDigests(db).catch(() => null);
  });
}
