/** All that a centre has, from one place to another, again and again: log, files and journals. */
import { mkdirSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import type { FileStore } from '../files/ports.ts';
import type { Tables } from '../folds.ts';
import type { JournalStore } from '../journals/ports.ts';
import { liveFiles } from '../live-files.ts';
import type { Head, Store } from '../log/ports.ts';
import { createLog, openFileStore, openJournalStore, openLog, type Place } from '../place.ts';
import { type Counts, needEqualHeads, needEqualJournals } from './equal.ts';
import { FilesCopy } from './files.ts';
import { JournalsCopy } from './journals.ts';
import { type Caught, LogCopy } from './log.ts';

export interface CopyOptions {
  /** Before a head of the source is taken over: what must be there with it. */
  readonly before?: (head: Head) => void;
  readonly progress?: (done: number, of: number) => void;
  readonly slice?: number;
}

interface Side {
  readonly log: Store<Tables>;
  readonly journals: JournalStore;
  readonly files: FileStore;
}

export class PlaceCopy implements AsyncDisposable {
  readonly source: Store<Tables>;
  readonly #from: Side;
  readonly #to: Side;
  readonly #log: LogCopy;
  readonly #journals: JournalsCopy;
  readonly #files: FilesCopy;
  readonly #close: () => Promise<void>;

  private constructor(
    [from, to]: readonly [Side, Side],
    [log, journals, files]: readonly [LogCopy, JournalsCopy, FilesCopy],
    close: () => Promise<void>,
  ) {
    this.source = from.log;
    [this.#from, this.#to] = [from, to];
    [this.#log, this.#journals, this.#files] = [log, journals, files];
    this.#close = close;
  }

  /** @throws store.absent, store.behind, proof.consistency where the target is not a beginning of the source */
  static async open(source: Place, target: Place, options: CopyOptions = {}): Promise<PlaceCopy> {
    await using opening = new AsyncDisposableStack();
    const from = await sideOf(source, await openLog<Tables>(source, { readOnly: true, readers: 2 }), opening);
    const to = await sideOf(target, await openedOrMade(target), opening);
    const files = new FilesCopy(from.files, to.files);
    const log = await LogCopy.open({ ...options, source: from.log, target: to.log, files });
    const counts = target.database !== null;
    const journals = await JournalsCopy.open(from.journals, to.journals, counts);
    const opened = opening.move();
    return new PlaceCopy([from, to], [log, journals, files], () => opened.disposeAsync());
  }

  /** Records of the target that the log has signed. */
  get size(): number {
    return this.#log.size;
  }

  /** Up to a head of the source, with its files, and with the journals of what the log speaks of. */
  async catchUp(): Promise<Caught> {
    const caught = await this.#log.catchUp();
    if (caught.digests) await this.#journals.follow();
    return caught;
  }

  /** What follows a commit at leisure: accesses, digests, connectors; what was taken back leaves the copy. */
  async follow(): Promise<void> {
    await this.#journals.follow();
    await this.#log.erase();
  }

  /** All of the journals. */
  async journals(): Promise<void> {
    await this.#journals.catchUp();
  }

  /** The rest of the journals, and files that wait to be shared. */
  async complete(): Promise<void> {
    await this.journals();
    await this.#files.bringStaged(await this.#journals.staged());
  }

  /** What the target has of files that nobody names: what an end in between has left. */
  async clear(): Promise<void> {
    const live = await this.#to.log.snapshot(liveFiles);
    await this.#files.clear(new Set([...live, ...(await this.#journals.staged())]));
  }

  /** Both ends hold the same, but for sessions. Nobody may write at the source. @throws store.corrupt */
  async needEqual(): Promise<Counts> {
    await needEqualHeads(this.#from.log, this.#to.log);
    return needEqualJournals(this.#from.journals.db, this.#to.journals.db);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

async function sideOf(place: Place, log: Store<Tables>, opening: AsyncDisposableStack): Promise<Side> {
  opening.defer(() => log.close());
  const files = openFileStore(place);
  opening.defer(() => files.close());
  const journals = await openJournalStore(place);
  opening.defer(() => journals.close());
  return { log, journals, files };
}

async function openedOrMade(place: Place): Promise<Store<Tables>> {
  try {
    return await openLog<Tables>(place);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'store.absent') throw error;
    mkdirSync(place.paths.folder, { recursive: true, mode: 0o700 });
    await createLog(place);
    return openLog<Tables>(place);
  }
}
