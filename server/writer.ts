/** The one that writes: sequencer, folds and erasure on the store's write connection. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { logOrigin } from '@parley/core/log-names.ts';
import { partNumber, recordIndexOf } from '@parley/core/parts.ts';
import { sql } from 'kysely';
import { admit } from './admission/admit.ts';
import { ensureProjections, foldLive, refuseOtherFolds, type Tables } from './folds.ts';
import { logEnded } from './heads.ts';
import type { Checked } from './log/checked.ts';
import type { Clock } from './log/clock.ts';
import { loadLogKeys, settledKeys } from './log/keys.ts';
import { logsIn, trustOf } from './log/logs.ts';
import type { Commit, Head, PartNumber } from './log/ports.ts';
import { askAnew, keepAnswers } from './log/prepared.ts';
import type { Admitted } from './log/queue.ts';
import { createSequencer } from './log/sequencer.ts';
import { type Openers, openers, placeAt } from './place.ts';
import { readFiles } from './projections/files/read.ts';
import { Remembered } from './remembered.ts';
import { readersAt } from './sources.ts';
import { vaultOf } from './vault/vault.ts';

export interface WriterOptions {
  readonly centre: string;
  /** The log that follows, which its first statement opens under the next keys; null: the one that is there goes on. */
  readonly succeeding?: string | null;
  readonly folder: string;
  /** As of `Place`. */
  readonly database: string | null;
  /** The data key of a sealed folder, since no object crosses into a thread. */
  readonly key: Bytes | null;
  /** Someone has looked at the clock after a long pause. */
  readonly clockConfirmed: boolean;
  /** The system's, unless a test brings its own. */
  readonly clock?: Clock;
  /** How the stores are opened, where it is otherwise than as usual. */
  readonly openers?: Openers;
}

/** What the writer says by itself. */
export interface WriterEvents {
  readonly committed: (head: Head) => void;
  /** Parts of records of which nothing waits to be erased any more. */
  readonly erased: (numbers: readonly PartNumber[]) => void;
  /** Erased bytes may still stand beside the rows of the store. */
  readonly trouble: (cause: unknown) => void;
  /** Judging or folding a statement failed, and it was refused. */
  readonly fault: (cause: unknown) => void;
  /** Nobody knows what the store holds: the process must stop. */
  readonly doubt: (cause: unknown) => void;
}

export interface Writer {
  submit(checked: Checked): Promise<Admitted>;
  /** @throws what a statement would be refused with now */
  ready(): Promise<void>;
  putCosigned(size: number, note: string): Promise<void>;
  /** See `Sequencer`; and this machine remembers it. */
  saw(head: Head): void;
  stop(): Promise<void>;
}

/** @throws store.absent, store.corrupt, file.unreadable */
export async function openWriter(options: WriterOptions, events: WriterEvents): Promise<Writer> {
  const { centre, succeeding = null } = options;
  const vault = vaultOf(options.key);
  const place = placeAt(options.folder, { vault, database: options.database });
  const { paths } = place;
  const { openLog, openFileStore } = options.openers ?? openers;
  const store = await openLog<Tables>(place);
  await ensureProjections(store);
  const files = openFileStore(place);
  const remembered = new Remembered(paths.checkpoint, events.trouble);
  let known = 0;
  const remember = ({ size, checkpoint }: Head) => {
    if (size <= known) return;
    known = size;
    remembered.set(checkpoint);
  };
  const asked = new Asked();
  const forget = () =>
    store.forget().catch((cause) => {
      // What is left undone by then is done at the next start.
      if (!(cause instanceof Refusal && cause.code === 'stopping')) events.trouble(cause);
    });
  const current = (await store.snapshot(({ log }) => logsIn(log))).at(-1) ?? null;
  /** Another instance has moved the head, under another log's name. */
  const clear = (cause: unknown) => {
    if (!(cause instanceof Refusal && cause.code === 'checkpoint.origin' && current)) return cause;
    if (succeeding === null) return logEnded(current.origin, undefined, cause);
    const detail = 'an instance has written while the next log was being opened: stop all of them';
    return new Refusal('store.moved', { detail, cause });
  };
  let unfinished: number | null = null;
  const sequencer = await createSequencer<Tables>({
    store,
    ...(succeeding === null
      ? { keys: settledKeys(paths, vault, current), origin: current?.origin ?? logOrigin(centre, 1) }
      : { keys: loadLogKeys(paths.nextLogKeys, vault), origin: succeeding }),
    ...(succeeding !== null && current ? { before: trustOf(current) } : {}),
    clockConfirmed: options.clockConfirmed,
    ...(options.clock ? { clock: options.clock } : {}),
    admit: (checked, commit, instant) => {
      asked.of(commit, checked.statement.header.kind);
      return admit(checked, readersAt(commit, centre, succeeding), instant);
    },
    fold: (record, parts, commit, objects) =>
      foldLive({ record, parts, objects: objects.length > 0 ? objects : undefined }, commit),
    onCommit: ({ head }) => {
      remember(head);
      events.committed(head);
    },
    // Before that commit: a file that is gone and whose part still waits for it is erased again, and nothing is lost.
    erasing: async (numbers, { db }) => {
      await files.remove([...(await readFiles(db).names(numbers)).values()]);
      unfinished = await unfinishedBy(numbers, db);
    },
    onErased: (numbers, left) => {
      const whole = numbers.filter((number) => recordIndexOf(number) !== unfinished);
      if (whole.length > 0) events.erased(whole);
      // Erased bytes leave what the store keeps beside its rows too, once no reader needs it.
      if (left === 0) forget();
    },
    beforeBatch: ({ db }) => refuseOtherFolds(db),
    onFault: events.fault,
    onDoubt: (cause) => events.doubt(clear(cause)),
  });
  // The process may have ended between the commit that erased and this.
  forget();
  return {
    submit: (checked) => sequencer.submit(checked),
    ready: async () => sequencer.ready(),
    putCosigned: (size, note) => store.commit(({ log }) => log.putCosigned(size, note)),
    saw(head) {
      sequencer.saw(head);
      remember(head);
    },
    async stop() {
      await sequencer.stop();
      await Promise.all([store.close(), files.close(), remembered.settled()]);
    },
  };
}

/** The record that a slice has begun with and not ended, since condemned parts are erased in their order. */
async function unfinishedBy(
  numbers: readonly PartNumber[],
  db: Commit<Tables>['db'],
): Promise<number | null> {
  if (numbers.length === 0) return null;
  const last = recordIndexOf(Math.max(...numbers));
  const { rows } = await sql`
    select number from condemned where number < ${partNumber(last + 1, 0)} limit 1`.execute(db);
  return rows.length > 0 ? last : null;
}

/**
 * Whose device speaks, for which party, in which room, under which terms: shares ask it again and again within one
 * transaction, and change nothing of it. Whatever else is said may, and so may what others write in between.
 */
class Asked {
  #commit: Commit<Tables> | null = null;
  #kind: KindName | null = null;

  of(commit: Commit<Tables>, kind: KindName): void {
    if (kind !== 'share/1') askAnew(commit.db);
    else if (commit !== this.#commit || this.#kind !== 'share/1') keepAnswers(commit.db);
    this.#commit = commit;
    this.#kind = kind;
  }
}
