/**
 * The log that follows, opened by whoever runs the centre while it stands still: after a loss, or under new keys. What
 * is about to be said is planned and shown first; the keys are made before its record and the old ones end after it.
 */
import { existsSync, rmSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import { logNumber, logOrigin } from '@parley/core/log-names.ts';
import { formatVkey } from '@parley/core/note.ts';
import type { Policy } from '@parley/core/policy.ts';
import type { Succession } from '@parley/core/succession.ts';
import { checkShape } from './admission/check.ts';
import { causeOf } from './centre/digests.ts';
import { Voice } from './centre/voice.ts';
import { forgetLost } from './journals/lost.ts';
import { migrate } from './journals/tables.ts';
import { type LastKnown, lastKnown } from './last-known.ts';
import { createLogKeys, loadLogKeys, logVkeys, saveLogKeys, settledKeys } from './log/keys.ts';
import { type KeptLog, logsIn } from './log/logs.ts';
import type { Head } from './log/ports.ts';
import { openJournalStore, openLog, type Place } from './place.ts';
import { loadSigner } from './signer.ts';
import { openWriter } from './writer.ts';

/** What is going to be said, and what somebody should know before. */
export interface Plan {
  readonly centre: string;
  readonly log: string;
  readonly before: Succession['body']['before'];
  readonly missing: Succession['body']['missing'];
  readonly why: Succession['body']['why'];
  /** Records that the store holds. */
  readonly held: number;
  /** Who knew of more; null: nobody. */
  readonly known: string | null;
  /** Witnesses that did not answer. */
  readonly silent: readonly string[];
}

export interface Searching {
  readonly policy: Policy | null;
  /** Paths of checkpoints or receipts that members brought. */
  readonly files?: readonly string[];
}

/** Under new keys, and nothing else. @throws store.behind where anybody knows of more than the store holds */
export async function planRotation(place: Place, searching: Searching): Promise<Plan> {
  const { head, current, centre, last, silent } = await search(place, searching);
  if (last)
    throw new Refusal('store.behind', {
      detail: `${last.from} knows of ${last.size} records of ${last.log}, the store holds ${head.size}: find the newest store, or "parley restore --succeed"`,
      params: { signed: last.size, held: head.size },
    });
  const before = { log: current.origin, size: head.size, checkpoint: head.checkpoint };
  const log = following(centre, before.log);
  return { centre, log, before, missing: null, why: 'rotation', held: head.size, known: null, silent };
}

/**
 * After a loss.
 * @param unknown that something is lost is known, and by nobody here how much
 * @throws succession.needless where nobody knows of more than the store holds
 */
export async function planLoss(place: Place, searching: Searching & { unknown?: boolean }): Promise<Plan> {
  const { head, current, centre, last, silent } = await search(place, searching);
  if (!last && !searching.unknown)
    throw new Refusal('succession.needless', {
      detail:
        'nobody that was asked knows of more than the store holds. If members do, give what they have with --checkpoint FILE, a checkpoint or a receipt; if you know of a loss and nobody knows how much it is, --unknown',
      params: { held: head.size },
    });
  const { log, size, checkpoint }: Omit<LastKnown, 'from'> = last ?? {
    ...{ log: current.origin, size: head.size },
    checkpoint: head.checkpoint,
  };
  return {
    ...{ centre, log: following(centre, log), before: { log, size, checkpoint } },
    missing: { from: head.size, to: last ? size : null },
    ...{ why: 'loss', held: head.size, known: last?.from ?? null, silent },
  };
}

function following(centre: string, log: string): string {
  return logOrigin(centre, (logNumber(centre, log) ?? 0) + 1);
}

interface Found {
  readonly centre: string;
  readonly head: Head;
  readonly current: KeptLog;
  readonly last: LastKnown | null;
  readonly silent: readonly string[];
}

async function search(place: Place, { policy, files = [] }: Searching): Promise<Found> {
  const store = await openLog(place);
  try {
    return await store.snapshot(async ({ log }) => {
      const [head, logs] = [await log.head(), await logsIn(log)];
      const current = logs.at(-1);
      if (!head || !current) throw new Refusal('store.absent', { detail: 'the log has no record yet' });
      const [first] = await log.range(0, 1);
      const { last, silent } = await lastKnown({ place, log, logs, head, policy, files });
      return { centre: first?.header.centre ?? '', head, current, last, silent };
    });
  } finally {
    await store.close();
  }
}

export interface OpenedLog {
  readonly log: string;
  /** What readers and witnesses trust from now on. */
  readonly keys: readonly string[];
  /** Of the record that opened it. */
  readonly index: number;
  /** Its first. */
  readonly checkpoint: string;
}

/**
 * Opens the log that the plan names. Broken off at any point it can be done again; once its record is committed, the
 * next start goes on with it.
 * @throws clock.centre, store.moved where the store is not the one that was planned for
 */
export async function openNextLog(
  place: Place,
  plan: Plan,
  { clockConfirmed = false }: { readonly clockConfirmed?: boolean } = {},
): Promise<OpenedLog> {
  const { paths, vault, database } = place;
  // Made anew, whatever was left here: nobody has seen those of an opening that never was.
  rmSync(paths.nextLogKeys, { force: true });
  saveLogKeys(createLogKeys(), paths.nextLogKeys, vault);
  const keys = logVkeys(loadLogKeys(paths.nextLogKeys, vault), plan.log);
  const { log, before, missing, why } = plan;
  if (missing) await forgetObserved(place, plan);
  const head = await said(place, { log, keys: keys.map(formatVkey), before, missing, why }, plan, {
    ...{ folder: paths.folder, database, key: vault?.key ?? null, clockConfirmed, centre: plan.centre },
    succeeding: log,
  });
  settledKeys(paths, vault, { origin: log, keys });
  // All recalls are looked at again: who was told may stand in what is lost.
  rmSync(paths.told, { force: true });
  return { log, keys: keys.map(formatVkey), index: head.size - 1, checkpoint: head.checkpoint };
}

async function said(
  place: Place,
  body: Succession['body'],
  plan: Plan,
  options: Parameters<typeof openWriter>[0],
): Promise<Head> {
  let committed: Head | null = null;
  let doubt: unknown = null;
  const writer = await openWriter(options, {
    committed: (head) => {
      committed = head;
    },
    erased: () => {},
    trouble: () => {},
    fault: (cause) => {
      doubt = cause;
    },
    doubt: (cause) => {
      doubt = cause;
    },
  });
  try {
    const voice = await voiceAt(place, plan, (statement) => writer.submit(checkShape(statement, [])));
    await voice.say('centre.succeed/1', body.log, { body });
  } catch (error) {
    throw doubt ?? sinceThePlan(error);
  } finally {
    await writer.stop();
  }
  if (!committed) throw new Refusal('store.moved', { detail: `${body.log} was opened before` });
  return committed;
}

/** Of several instances on one database, one has gone on. */
function sinceThePlan(error: unknown): unknown {
  if (!(error instanceof Refusal && error.code === 'rule.broken' && error.at === '/body/missing'))
    return error;
  const detail = 'something was said since it was looked at: stop every instance, and begin again';
  return new Refusal('store.moved', { detail, cause: error });
}

async function voiceAt(
  { paths, vault }: Place,
  { centre }: Plan,
  say: ConstructorParameters<typeof Voice>[0]['say'],
): Promise<Voice> {
  const signer = await loadSigner(paths.centreKey, vault);
  return new Voice({ centre, party: signer.device, signer, say, now: () => Date.now() * 1000 });
}

/** Before the first of the lost places is taken by another record. */
async function forgetObserved(place: Place, plan: Plan): Promise<void> {
  if (place.database === null && !existsSync(place.paths.journals)) return;
  const voice = await voiceAt(place, plan, async () => {});
  const [log, journals] = [await openLog(place), await openJournalStore(place)];
  try {
    await journals.transaction((db) => migrate(db, journals.spelling));
    await journals.transaction((db) =>
      forgetLost(db, plan.held, (from) =>
        log.snapshot(async (moment) => {
          return (await moment.log.find(voice.refOf('access.digest/1', causeOf(from)))) !== null;
        }),
      ),
    );
  } finally {
    await journals.close();
    await log.close();
  }
}
