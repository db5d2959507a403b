/**
 * The one invariant checker: reads everything again from storage and verifies it. One moment of a centre's folder,
 * stopped or running; nothing is written.
 */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import { emptyRoot } from '@parley/core/merkle.ts';
import { checking, corrupt } from './check/corrupt.ts';
import { FilesCheck, type FilesReport } from './check/files.ts';
import { DigestsCheck } from './check/journals.ts';
import { PartsCheck } from './check/parts.ts';
import { checkProjections } from './check/projections.ts';
import { SpeakersCheck } from './check/speakers.ts';
import { checkNotes, logsFrom, TreeCheck } from './check/tree.ts';
import { checkViewers } from './check/viewers.ts';
import type { Tables } from './folds.ts';
import { openFileStore, openLog, type Place, placeAt } from './place.ts';
import type { Moment } from './sources.ts';
import type { Vault } from './vault/vault.ts';

export interface CheckOptions {
  readonly folder: string;
  /** Origin name, where it is known. */
  readonly centre?: string;
  /** What seals the folder; left out: it stands plain. */
  readonly vault?: Vault | null;
  /** As of `Place`; left out: none. */
  readonly database?: string | null;
  /** The clock that `until` is compared with, in microseconds. */
  readonly now?: Instant;
}

export interface CheckProgress {
  readonly step: 'log' | 'projections' | 'viewers';
  readonly done: number;
  readonly of: number;
}

export interface CentreReport {
  /** Null while nothing was said. */
  readonly centre: string | null;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  readonly devices: number;
  readonly tiles: number;
  readonly parts: number;
  readonly erased: number;
  /** Hidden already, and soon erased. */
  readonly condemned: number;
  /** Files beside the log that are what was shared, and those that no statement names. */
  readonly files: number;
  readonly unnamed: number;
  /** Commitments to accesses. */
  readonly digests: number;
  /** Tables equal to what the log folds to; null where an older version made them, and the next start folds again. */
  readonly projections: number | null;
  readonly viewers: number;
  /** What these viewers may see, judged one by one and by pages. */
  readonly rows: number;
}

const atOnce = 256;

/** @throws store.corrupt with what and where, store.absent, store.newer, file.unreadable */
export async function checkCentre(
  options: CheckOptions,
  progress: (progress: CheckProgress) => void = () => {},
): Promise<CentreReport> {
  const place = placeAt(options.folder, options);
  const { paths } = place;
  if (place.database === null) for (const path of [paths.log, paths.journals]) await checkFile(path);
  const store = await openLog<Tables>(place, { readOnly: true, readers: 1 });
  const fileStore = openFileStore(place);
  try {
    const files = new FilesCheck();
    const report = await store.snapshot((moment) => checkMoment(moment, place, options, files, progress));
    // Outside of that moment: large files must not keep the store from forgetting what was before.
    return { ...report, ...(await files.finish(store, fileStore)) };
  } finally {
    await Promise.all([store.close(), fileStore.close()]);
  }
}

/** What SQLite itself finds: pages, and indexes against their tables. */
async function checkFile(path: string): Promise<void> {
  if (!existsSync(path)) throw new Refusal('store.absent', { at: path });
  await checking(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    try {
      const found = database.prepare('pragma integrity_check(1)').get() as { integrity_check: string };
      if (found.integrity_check !== 'ok') throw corrupt(path, 'SQLite finds its pages or indexes broken');
    } finally {
      database.close();
    }
  });
}

async function checkMoment(
  moment: Moment,
  place: Place,
  { centre, now = Date.now() * 1000 }: CheckOptions,
  files: FilesCheck,
  progress: (progress: CheckProgress) => void,
): Promise<Omit<CentreReport, keyof FilesReport>> {
  const { paths, vault } = place;
  const { log } = moment;
  const head = await log.head();
  const size = head?.size ?? 0;
  const [first] = await checking('records/0', () => log.range(0, 1));
  const logs = await checking('records/0', () => logsFrom(log, paths, centre, vault));
  const [tree, speakers, parts] = [new TreeCheck(log), new SpeakersCheck(), new PartsCheck(moment)];
  const digests = new DigestsCheck();
  for (let from = 0; from < size; from += atOnce) {
    const to = Math.min(from + atOnce, size);
    const at = `records/${from}..${to - 1}`;
    const records = await checking(at, () => log.range(from, to));
    if (records.length < to - from) throw corrupt(at, 'a record is missing');
    await checking(at, () => tree.take(records));
    await checking(at, () => speakers.take(records, log));
    await checking(at, () => parts.take(records));
    digests.take(records);
    files.take(records);
    progress({ step: 'log', done: to, of: size });
  }
  const tiles = await tree.finish(moment);
  if (logs) await checkNotes(log, head, logs, paths);
  const counted = await parts.finish();
  const said = await digests.finish(place);
  const report = (step: CheckProgress['step']) => (done: number, of: number) => progress({ step, done, of });
  const projections = await checkProjections(moment, vault, report('projections'));
  const seen =
    projections === null
      ? { viewers: 0, rows: 0 }
      : await checkViewers(moment, now, counted.parts, report('viewers'));
  return {
    centre: first?.header.centre ?? null,
    size,
    root: base64(head?.root ?? emptyRoot),
    devices: speakers.devices,
    tiles,
    ...counted,
    digests: said,
    projections,
    ...seen,
  };
}
