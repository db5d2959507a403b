/**
 * A second store on other hardware that follows every commit of a centre, and can take over. It reads the centre's own
 * store, verifies what it takes, and tells the centre how far it holds it: `log/replicas.ts` says what that is worth.
 */
import { statSync, watch } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { PlaceCopy } from './copying/place-copy.ts';
import { holdFolder } from './folder-lock.ts';
import type { Head } from './log/ports.ts';
import type { ReplicaStore } from './log/replicas.ts';
import { openReplicaStore, type Place } from './place.ts';
import { Remembered } from './remembered.ts';
import { carryKeys, carryVault, readyFolder } from './replica-folder.ts';
import { hasLeft, shownPlace } from './retire.ts';
import { sameDatabase } from './storage/postgres-identity.ts';

export interface ReplicateOptions {
  /** What the centre knows it by. */
  readonly name: string;
  /** Also the private keys, without which it cannot take over. */
  readonly withKeys: boolean;
  /** Catches up and ends; else it goes on until the signal. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  /** Where it stands: at first, and from then on now and then while that changes. */
  readonly told: (standing: Standing) => void;
  readonly progress?: (done: number, of: number) => void;
  /** What does not end it. */
  readonly trouble?: (cause: unknown) => void;
}

export interface Standing {
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** That the log signed of it. */
  readonly checkpoint: string;
}

/** Milliseconds. What tells of a commit may be lost on the way. */
const lookEvery = 100;
/** After it was told of something. */
const hurried = { every: 2, for: 100 } as const;
/** Between words to the centre that it lives, rounds of the journals, rounds of all of them, and reports. */
const every = { beat: 1_000, journals: 200, complete: 10_000, report: 10_000 } as const;
/** Until the database is asked again. */
const patience = 1_000;

/**
 * @param target with what seals the source: both are under one data key
 * @throws command.usage where it is the source itself, store.held, store.behind, proof.consistency where the source is not what was copied before, store.corrupt,
 * store.absent where the centre has gone elsewhere
 */
export async function replicate(source: Place, target: Place, options: ReplicateOptions): Promise<Standing> {
  refuseOwnFolder(source, target);
  readyFolder(source.paths, target.paths);
  const held = holdFolder(target.paths.folder);
  try {
    for (;;) {
      try {
        return await follow(source, target, options);
      } catch (error) {
        if (error instanceof Replaced) continue;
        const passing = error instanceof Refusal && error.code === 'store.away';
        if (!passing) await refuseLeft(source);
        if (!passing || options.once || options.signal.aborted) throw error;
        options.trouble?.(error);
        await pause(patience, undefined, { signal: options.signal }).catch(() => {});
      }
    }
  } finally {
    held.release();
  }
}

/** What it acknowledged would be its own word. @throws command.usage */
function refuseOwnFolder({ paths: { folder } }: Place, target: Place): void {
  const idOf = (path: string) => statSync(path, { bigint: true, throwIfNoEntry: false });
  const [from, to] = [idOf(folder), idOf(target.paths.folder)];
  if (from && to && from.dev === to.dev && from.ino === to.ino)
    throw new Refusal('command.usage', { at: '--to', detail: 'that is the folder of the centre itself' });
}

/** @throws command.usage, store.away */
async function refuseOwnDatabase(source: Place, target: Place): Promise<void> {
  if (source.database === null || target.database === null) return;
  if (await sameDatabase(source.database, target.database))
    throw new Refusal('command.usage', { at: '--to', detail: 'that is the database of the centre itself' });
}

/** Under the name of the source lies another file than the one that was opened: it is looked at anew. */
class Replaced extends Error {}

/** Which file that is. A database says by itself that its tables have gone. */
function fileOf({ paths, database }: Place): string | null {
  if (database !== null) return null;
  const { dev, ino } = statSync(paths.log, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 };
  return `${dev}:${ino}`;
}

/** @throws store.absent where the centre has been moved */
async function refuseLeft(source: Place): Promise<void> {
  if (!(await hasLeft(source).catch(() => false))) return;
  throw new Refusal('store.absent', {
    at: shownPlace(source),
    detail:
      'the centre has moved from here: begin this again with its configuration as it stands now, and the replica goes on',
  });
}

async function follow(source: Place, target: Place, options: ReplicateOptions): Promise<Standing> {
  const { name, withKeys, once, signal, trouble = () => {}, progress } = options;
  await using ending = new AsyncDisposableStack();
  await refuseOwnDatabase(source, target);
  const opened = fileOf(source);
  const stays = () => fileOf(source) === opened;
  // Whoever runs the centre may give the store another outer key, or the log other keys, while this goes on.
  const keys = () => {
    if (!stays()) throw new Replaced();
    carryVault(source.paths, target.paths);
    if (withKeys) carryKeys(source.paths, target.paths);
  };
  const copy = await PlaceCopy.open(source, target, {
    before: keysOf(keys),
    ...(progress ? { progress } : {}),
  });
  ending.defer(() => copy[Symbol.asyncDispose]());
  const remembered = new Remembered(target.paths.checkpoint, trouble);
  ending.defer(() => remembered.settled());
  const first = await caughtUp(copy, remembered);
  await copy.follow();
  await copy.complete();
  await copy.clear();
  const following = new Following(copy, remembered, first, options);
  if (once) return following.standing;
  const store = await openReplicaStore(source);
  ending.defer(() => store.close());
  const changed = changesOf(source, copy, ending);
  ending.defer(following.telling(name, store, stays));
  ending.defer(() => following.settled());
  while (!signal.aborted) {
    if (!stays()) throw new Replaced();
    await following.round(store, keys);
    await changed(signal);
  }
  // Those of a log that has ended do not stay behind.
  keys();
  return following.standing;
}

async function caughtUp(copy: PlaceCopy, remembered: Remembered): Promise<Head> {
  const { head } = await copy.catchUp();
  remembered.set(head.checkpoint);
  return head;
}

/** With a log that follows there are other keys, which must be there before its first head is. */
function keysOf(carry: () => void): (head: Head) => void {
  let known = '';
  return ({ checkpoint }) => {
    const [origin = ''] = checkpoint.split('\n', 1);
    if (origin !== known) carry();
    known = origin;
  };
}

class Following {
  readonly #copy: PlaceCopy;
  readonly #remembered: Remembered;
  readonly #options: ReplicateOptions;
  readonly #last = { journals: 0, complete: performance.now(), report: performance.now() };
  #head: Head;
  #reported: number;
  #name = '';
  #stays = () => true;
  #at = 0;
  #beside: Promise<void> | null = null;
  #failed: { readonly cause: unknown } | null = null;

  constructor(copy: PlaceCopy, remembered: Remembered, head: Head, options: ReplicateOptions) {
    this.#copy = copy;
    this.#remembered = remembered;
    this.#head = head;
    this.#options = options;
    this.#reported = head.size;
    options.told(this.standing);
  }

  get standing(): Standing {
    const { size, root, checkpoint } = this.#head;
    return { size, root: base64(root), checkpoint };
  }

  /**
   * Tells the centre now, and again and again that it lives.
   * @param stays that it is the centre whose records this holds: else another would take its word for its own
   * @returns stops it
   */
  telling(name: string, store: ReplicaStore, stays: () => boolean): () => void {
    this.#name = name;
    this.#stays = stays;
    const beat = setInterval(() => this.#tell(store), every.beat);
    this.#tell(store);
    return () => clearInterval(beat);
  }

  /** What nobody waits for comes beside the commits, and not with every one. */
  async round(store: ReplicaStore, keys: () => void): Promise<void> {
    if (this.#failed) throw this.#failed.cause;
    const head = await caughtUp(this.#copy, this.#remembered);
    const news = head.size !== this.#head.size;
    this.#head = head;
    if (news) this.#tell(store);
    this.#beside ??= this.#rest(keys)
      .catch((cause: unknown) => {
        this.#failed = { cause };
      })
      .finally(() => {
        this.#beside = null;
      });
    if (this.#due('report') && this.#reported !== head.size) {
      this.#reported = head.size;
      this.#options.told(this.standing);
    }
  }

  /** Resolves when nothing runs beside. */
  async settled(): Promise<void> {
    await this.#beside;
  }

  async #rest(keys: () => void): Promise<void> {
    if (this.#due('journals')) await this.#copy.follow();
    if (!this.#due('complete')) return;
    keys();
    await this.#copy.complete();
  }

  /** It holds what it says, durably: this is after the commit. Lost, it is said again. */
  #tell(store: ReplicaStore): void {
    if (!this.#stays()) return;
    store
      .acknowledge({ name: this.#name, size: this.#head.size, at: this.#next() })
      .catch((cause: unknown) => this.#options.trouble?.(cause));
  }

  #next(): number {
    this.#at = Math.max(Date.now(), this.#at + 1);
    return this.#at;
  }

  #due(what: 'journals' | 'complete' | 'report'): boolean {
    const now = performance.now();
    if (now < this.#last[what] + every[what]) return false;
    this.#last[what] = now;
    return true;
  }
}

/** Resolves when the source may have changed; soon at the latest. */
function changesOf(
  source: Place,
  copy: PlaceCopy,
  ending: AsyncDisposableStack,
): (signal: AbortSignal) => Promise<void> {
  let hurriedUntil = 0;
  let wake = () => {};
  const told = () => {
    hurriedUntil = performance.now() + hurried.for;
    wake();
  };
  if (source.database !== null) ending.defer(copy.source.onMoved(told));
  else {
    // A commit writes to the write-ahead log before it is synced and can be seen: whoever is told looks again and again.
    const log = basename(source.paths.log);
    const watcher = watch(source.paths.folder, { persistent: false }, (_, name) => {
      if (name === null || String(name).startsWith(log)) told();
    });
    watcher.on('error', () => {});
    ending.defer(() => watcher.close());
  }
  return (signal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(done, performance.now() < hurriedUntil ? hurried.every : lookEvery);
      signal.addEventListener('abort', done, { once: true });
      wake = done;
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
    });
}
