/**
 * A centre from one place to another: its folder with keys, configuration and what this machine remembers stays, log,
 * journals and files go. Broken off anywhere, the same again goes on: until the new place has been verified as a whole
 * nothing of the old one changes, and from then on nothing of it is needed.
 */
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { parseJson } from '@parley/core/json.ts';
import { refuseOlder } from './behind.ts';
import { type CentreReport, type CheckProgress, checkCentre } from './check-centre.ts';
import type { Counts } from './copying/equal.ts';
import { PlaceCopy } from './copying/place-copy.ts';
import { holdFolder } from './folder-lock.ts';
import { logsIn } from './log/logs.ts';
import { openLog, type Place } from './place.ts';
import { hasLeft, leave, leaveFolder, leftAt } from './retire.ts';
import { writeWhole } from './vault/whole-file.ts';

export interface Moved {
  /** Of the new place; null where all but the end was done before. */
  readonly report: CentreReport | null;
  /** Rows of the journals. */
  readonly journals: Counts | null;
  /** What still holds all that was said. */
  readonly left: readonly string[];
}

export interface MoveProgress {
  readonly step: 'copying' | CheckProgress['step'];
  readonly done: number;
  readonly of: number;
}

/**
 * @param to in the same folder
 * @throws store.held, store.absent, store.present, store.behind, proof.consistency, store.corrupt, store.moved
 */
export async function moveCentre(
  from: Place,
  to: Place,
  progress: (progress: MoveProgress) => void = () => {},
): Promise<Moved> {
  const held = holdFolder(from.paths.folder);
  try {
    if (!(await hasLeft(from))) return { ...(await carried(from, to, progress)), left: leftAt(from) };
    // It was verified before anything was left, and may have gone on since.
    await needNoLess(to);
    if (from.database === null) leaveFolder(from.paths);
    return { report: null, journals: null, left: leftAt(from) };
  } finally {
    held.release();
  }
}

async function carried(
  from: Place,
  to: Place,
  progress: (progress: MoveProgress) => void,
): Promise<{ report: CentreReport; journals: Counts }> {
  if (await hasLeft(to)) throw leftBefore(to);
  const copying = (done: number, of: number) => progress({ step: 'copying', done, of });
  const copy = await PlaceCopy.open(from, to, { progress: copying });
  let size: number;
  try {
    size = (await copy.catchUp()).head.size;
    await copy.follow();
    await copy.complete();
    await copy.clear();
  } finally {
    await copy[Symbol.asyncDispose]();
  }
  const report = await checkCentre({ ...to, folder: to.paths.folder }, progress);
  let journals: Counts = {};
  await leave(from, size, async () => {
    await using again = await PlaceCopy.open(from, to);
    journals = await again.needEqual();
  });
  return { report, journals };
}

/** That the new place is not another one than was named before. @throws store.absent, store.behind */
async function needNoLess(to: Place): Promise<void> {
  const store = await openLog(to, { readOnly: true, readers: 1 });
  try {
    await store.snapshot(async ({ log }) => refuseOlder(to.paths.checkpoint, log, await logsIn(log)));
  } finally {
    await store.close();
  }
}

function leftBefore(to: Place): Refusal {
  return new Refusal('store.present', {
    at: leftAt(to)[0] ?? to.paths.folder,
    detail: 'remove what an earlier move has left there',
  });
}

/**
 * The configuration names where the centre now lies; nothing else in it changes.
 * @param passwordFile of the database; left out: as it stands
 * @throws file.unreadable
 */
export function setDatabase(path: string, database: string | null, passwordFile?: string): void {
  const { mode } = statSync(path);
  const content = contentOf(path);
  const { database: _, databasePasswordFile: password, ...rest } = content;
  const named =
    database === null
      ? {}
      : {
          database,
          ...(passwordFile !== undefined
            ? { databasePasswordFile: passwordFile }
            : password !== undefined
              ? { databasePasswordFile: password }
              : {}),
        };
  writeWhole(path, utf8(`${JSON.stringify({ ...rest, ...named }, null, 2)}\n`));
  chmodSync(path, mode & 0o777);
}

function contentOf(path: string): Record<string, unknown> {
  try {
    return parseJson(utf8(readFileSync(path, 'utf8'))) as Record<string, unknown>;
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: path, cause });
  }
}
