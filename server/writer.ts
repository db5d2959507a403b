/** The one that writes: sequencer, folds and erasure on the store's write connection. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { logOrigin } from '@parley/core/log-names.ts';
import { admit } from './admission/admit.ts';
import { ensureProjections, foldLive, refuseOtherFolds, type Tables } from './folds.ts';
import type { Checked } from './log/checked.ts';
import type { Clock } from './log/clock.ts';
import { loadLogKeys, settledKeys } from './log/keys.ts';
import { logsIn, trustOf } from './log/logs.ts';
import type { Commit, Head, PartNumber } from './log/ports.ts';
import { askAnew, keepAnswers } from './log/prepared.ts';
import type { Admitted } from './log/queue.ts';
import { createSequencer } from './log/sequencer.ts';
import { type Opening, opening, placeAt } from './place.ts';
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
  readonly opening?: Opening;
}

/** What the writer says by itself. */
export interface WriterEvents {
  readonly committed: (head: Head) => void;
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
  stop(): Promise<void>;
}

/** @throws store.absent, store.corrupt, file.unreadable */
export async function openWriter(options: WriterOptions, events: WriterEvents): Promise<Writer> {
  const { centre, succeeding = null } = options;
  const vault = vaultOf(options.key);
  const place = placeAt(options.folder, { vault, database: options.database });
  const { paths } = place;
  const { openLog, openFileStore } = options.opening ?? opening;
  const store = await openLog<Tables>(place);
  await ensureProjections(store);
  const files = openFileStore(place);
  const remembered = new Remembered(paths.checkpoint, events.trouble);
  const asked = new Asked();
  const forget = () =>
    store.forget().catch((cause) => {
      // What is left undone by then is done at the next start.
      if (!(cause instanceof Refusal && cause.code === 'stopping')) events.trouble(cause);
    });
  const current = (await store.snapshot(({ log }) => logsIn(log))).at(-1) ?? null;
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
      remembered.set(head.checkpoint);
      events.committed(head);
    },
    // Before that commit: a file that is gone and whose part still waits for it is erased again, and nothing is lost.
    erasing: async (numbers, { db }) => files.remove([...(await readFiles(db).names(numbers)).values()]),
    onErased: (numbers, left) => {
      events.erased(numbers);
      // Erased bytes leave what the store keeps beside its rows too, once no reader needs it.
      if (left === 0) forget();
    },
    beforeBatch: ({ db }) => refuseOtherFolds(db),
    onFault: events.fault,
    onDoubt: events.doubt,
  });
  // The process may have ended between the commit that erased and this.
  forget();
  return {
    submit: (checked) => sequencer.submit(checked),
    ready: async () => sequencer.ready(),
    putCosigned: (size, note) => store.commit(({ log }) => log.putCosigned(size, note)),
    async stop() {
      await sequencer.stop();
      await Promise.all([store.close(), files.close(), remembered.settled()]);
    },
  };
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
