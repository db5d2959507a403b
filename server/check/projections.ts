/** Law 2: the log folded again, in a database of its own, gives the projections that are there. */
import { DatabaseSync } from 'node:sqlite';
import { foldInto, foldVersion, foldVersionOf, projectionDigests, type Tables } from '../folds.ts';
import type { Moment } from '../sources.ts';
import { projectionSeals } from '../storage/column-seals.ts';
import { kyselyOn } from '../storage/kysely-sqlite.ts';
import { projectionSpelling } from '../storage/sqlite-spelling.ts';
import type { Vault } from '../vault/vault.ts';
import { checking, corrupt } from './corrupt.ts';

/** @returns how many tables are equal, or null where older folds made them: the next start folds again */
export async function checkProjections(
  { log, db }: Moment,
  vault: Vault | null,
  progress: (done: number, of: number) => void,
): Promise<number | null> {
  const version = await foldVersionOf(db);
  if (version !== null && version !== foldVersion) return null;
  // A private database without a name: in memory while it is small, and gone with its connection. It may spill to
  // the disk, and rows are digested in the order of their keys: so it is sealed alike.
  const scratch = new DatabaseSync('');
  try {
    const folded = kyselyOn<Tables>((text) => scratch.prepare(text), projectionSeals(vault));
    scratch.exec('pragma synchronous = off; begin');
    await checking('projections', () =>
      foldInto({ log, db: folded, spelling: projectionSpelling }, progress),
    );
    const there = await checking('projections', () => projectionDigests(db));
    const right = await projectionDigests(folded);
    for (const [table, digest] of right)
      if (there.get(table) !== digest) throw corrupt(`projections/${table}`, 'not what the log folds to');
    return right.size;
  } finally {
    scratch.close();
  }
}
