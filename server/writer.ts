/** The one that writes: sequencer, folds and erasure on the store's write connection. */
import { renameSync, writeFileSync } from 'node:fs';
import type { Bytes } from '@parley/core/bytes.ts';
import { admit } from './admission/admit.ts';
import { diskFiles } from './files/disk.ts';
import { ensureProjections, foldLive, type Tables } from './folds.ts';
import type { Checked } from './log/checked.ts';
import type { Clock } from './log/clock.ts';
import { loadLogKeys } from './log/keys.ts';
import type { Head, PartNumber } from './log/ports.ts';
import type { Admitted } from './log/queue.ts';
import { createSequencer } from './log/sequencer.ts';
import type { Paths } from './paths.ts';
import { readFiles } from './projections/files/read.ts';
import { readersAt } from './sources.ts';
import { openSqlite } from './storage/sqlite.ts';
import { vaultOf } from './vault/vault.ts';

export interface WriterOptions {
  readonly centre: string;
  readonly origin: string;
  readonly paths: Paths;
  /** The data key of a sealed folder, since no object crosses into a thread. */
  readonly key: Bytes | null;
  /** Someone has looked at the clock after a long pause. */
  readonly clockConfirmed: boolean;
  /** The system's, unless a test brings its own. */
  readonly clock?: Clock;
}

/** What the writer says by itself. */
export interface WriterEvents {
  readonly committed: (head: Head) => void;
  readonly erased: (numbers: readonly PartNumber[]) => void;
  /** Erased bytes may still stand in the write-ahead log. */
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
  const { centre, origin, paths } = options;
  const vault = vaultOf(options.key);
  const store = openSqlite<Tables>(paths.log, { vault });
  await ensureProjections(store);
  const files = diskFiles(paths.files);
  const sequencer = await createSequencer<Tables>({
    store,
    keys: loadLogKeys(paths.logKeys, vault),
    origin,
    clockConfirmed: options.clockConfirmed,
    ...(options.clock ? { clock: options.clock } : {}),
    admit: (checked, commit, instant) => admit(checked, readersAt(commit, centre), instant),
    fold: (record, parts, commit, objects) =>
      foldLive({ record, parts, objects: objects.length > 0 ? objects : undefined }, commit),
    onCommit: ({ head }) => {
      remember(paths.checkpoint, head.checkpoint);
      events.committed(head);
    },
    // Before that commit: a file that is gone and whose part still waits for it is erased again, and nothing is lost.
    erasing: async (numbers, { db }) => files.remove([...(await readFiles(db).names(numbers)).values()]),
    onErased: (numbers, left) => {
      events.erased(numbers);
      // Erased bytes leave the write-ahead log too, once no reader needs it.
      if (left === 0) store.truncateWal().catch(events.trouble);
    },
    onFault: events.fault,
    onDoubt: events.doubt,
  });
  return {
    submit: (checked) => sequencer.submit(checked),
    ready: async () => sequencer.ready(),
    putCosigned: (size, note) => store.commit(({ log }) => log.putCosigned(size, note)),
    async stop() {
      await sequencer.stop();
      await store.close();
    },
  };
}

/** This machine's memory of the log, apart from the store: an old backup put in its place is found out at start. */
function remember(path: string, checkpoint: string): void {
  writeFileSync(`${path}.new`, checkpoint, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
