/**
 * A place that a centre has left. What it held stays there until somebody removes it, under names that no centre opens:
 * of two stores that could go on, each would be a history of its own.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import type { Paths } from './paths.ts';
import type { Place } from './place.ts';
import { leftInPostgres, postgresStanding, retirePostgres } from './storage/postgres-retire.ts';
import { shownTarget } from './storage/postgres-target.ts';
import { syncFolder } from './vault/whole-file.ts';

const suffix = '.moved';

/** For people: never a password. */
export function shownPlace({ paths, database }: Pick<Place, 'paths' | 'database'>): string {
  return database === null ? paths.folder : shownTarget(database);
}

/** Whether a centre has left it, wholly or half. @throws store.present where it stands beside what an earlier one left */
export async function hasLeft(place: Place): Promise<boolean> {
  const { live, left } = await standingOf(place);
  if (live && left)
    throw new Refusal('store.present', {
      at: leftAt(place)[0] ?? shownPlace(place),
      detail: 'remove what an earlier move has left there',
    });
  return left;
}

async function standingOf({ paths, database }: Place): Promise<{ live: boolean; left: boolean }> {
  if (database !== null) return postgresStanding(database);
  return { live: existsSync(paths.log), left: existsSync(`${paths.log}${suffix}`) };
}

/**
 * The log first: where it has gone, the rest only follows.
 * @param size of the log that was moved
 * @param check what must hold when nobody writes there any more
 * @throws store.moved, and what `check` throws
 */
export async function leave(
  { paths, database }: Place,
  size: number,
  check: () => Promise<void>,
): Promise<void> {
  if (database !== null) return retirePostgres(database, size, check);
  await check();
  leaveFolder(paths);
}

/** Each step as often as it takes: an end in between is gone on from. */
export function leaveFolder(paths: Paths): void {
  for (const path of [paths.log, paths.journals]) {
    if (existsSync(path)) renameSync(path, `${path}${suffix}`);
    // After it: without what stands in its write-ahead log, a database would be an older one.
    if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${path}${suffix}-wal`);
    rmSync(`${path}-shm`, { force: true });
  }
  if (existsSync(paths.files)) renameSync(paths.files, `${paths.files}${suffix}`);
  syncFolder(paths.folder);
}

/** What still holds all that was said, for whoever removes it. */
export function leftAt({ paths, database }: Place): string[] {
  if (database !== null) return leftInPostgres(database);
  const databases = [paths.log, paths.journals].map((path) => `${path}${suffix}`);
  // The write-ahead logs beside them hold as much.
  return [...databases.flatMap((path) => [path, `${path}-wal`]), `${paths.files}${suffix}`].filter(
    existsSync,
  );
}
