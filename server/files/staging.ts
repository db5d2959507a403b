/**
 * Files that were brought and are not shared yet: each for an hour, and for one statement. What stays is durable before
 * it is answered; what is left over, by whatever end, is purged at the next start.
 */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { Upload } from '@parley/core/files.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { clearBegun, spoolPath } from './disk.ts';
import { inspect } from './inspect.ts';
import { fileName } from './names.ts';
import type { FileStore } from './ports.ts';
import type { Scanner } from './scanner.ts';
import { bytesFrom, Spool, spooled } from './spool.ts';
import { atMost } from './turns.ts';

/** Microseconds for which a file waits for its statement. */
export const stagedFor = 3_600_000_000;

export interface StagedFile {
  readonly name: string;
  readonly party: PartyId;
  readonly size: number;
  readonly type: string;
  readonly at: Instant;
}

/**
 * The journal of what was brought. A row comes, waits anew, and goes for its age, only while its file is held
 * (`FileStore.put`, `FileStore.settle`): so that, on every instance, a row that waits has its bytes.
 */
export interface StagedJournal {
  put(file: StagedFile): Promise<void>;
  /** Finds it, and lets it wait anew from then on, so that nobody purges it meanwhile. */
  claim(name: string, at: Instant): Promise<StagedFile | null>;
  waits(name: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Unless it waits anew by now. @param since brought at that instant or before */
  removeStale(name: string, since: Instant): Promise<boolean>;
  /** Bytes of a party's that wait. */
  bytesOf(party: PartyId): Promise<number>;
  all(): Promise<readonly StagedFile[]>;
}

/** What the log says of names. */
export interface NamedInLog {
  /** Those that a statement has named, whether they were taken back or not. */
  named(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those of them that are not erased. */
  live(names: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface FileLimits {
  /** Bytes of one file. */
  readonly file: number;
  /** Bytes of a party that wait to be shared. */
  readonly staged: number;
  readonly types: readonly string[];
}

export interface StagingOptions {
  readonly folder: string;
  readonly store: FileStore;
  readonly journal: StagedJournal;
  readonly log: NamedInLog;
  readonly limits: FileLimits;
  readonly scanner: Scanner | null;
  /** Other instances bring files into the same store. */
  readonly shared: boolean;
  readonly now: () => Instant;
}

export interface Brought {
  readonly leaf: string;
  readonly size: number;
  readonly type: string;
  /** When it is purged, unless a statement has named it. */
  readonly until: Instant;
}

/** Files of one statement, which nothing else may use meanwhile. */
export interface Claim {
  /** By part; null: not brought, or not for this statement. */
  readonly files: ReadonlyMap<number, { readonly size: number; readonly type: string } | null>;
  /** The statement was taken. */
  used(): Promise<void>;
  /** It was not. */
  release(): void;
}

/** Files that come in at once: of all parties, and of one. */
const atOnce = 32;
const atOnceOf = 8;
/** Files that are looked into at once: each may keep a processor busy, and holds archives within archives in memory. */
const inspectedAtOnce = 2;

export class Staging {
  readonly #about: StagingOptions;
  /** Coming in now, or being purged: nothing else touches these. */
  readonly #busy = new Set<string>();
  readonly #coming = new Map<PartyId, { files: number; bytes: number }>();
  /** Of names, the statement that is about to use them, and how often it was sent. */
  readonly #claimed = new Map<string, { readonly by: string; times: number }>();
  readonly #inspecting = atMost(inspectedAtOnce);

  constructor(about: StagingOptions) {
    this.#about = about;
  }

  /**
   * To be called once its device was checked.
   * @throws file.type, file.too-large, file.quota, file.known, file.size, file.hash, file.bomb, file.infected,
   * file.unscanned, queue.full
   */
  async receive(upload: Upload, pieces: AsyncIterable<Uint8Array>): Promise<Brought> {
    const { limits, now } = this.#about;
    if (!limits.types.includes(upload.type))
      throw new Refusal('file.type', {
        at: '/payload/type',
        detail: `this centre takes ${limits.types.join(', ')}`,
      });
    if (upload.size > limits.file)
      throw new Refusal('file.too-large', { at: '/payload/size', params: { limit: limits.file } });
    const name = fileName(upload.party, bytesFrom(upload.leaf));
    await this.#unnamed(name);
    await this.#within(upload, name, () => this.#take(upload, name, pieces));
    return { leaf: upload.leaf, size: upload.size, type: upload.type, until: now() + stagedFor };
  }

  async #within(upload: Upload, name: string, work: () => Promise<void>): Promise<void> {
    const { party, size } = upload;
    const coming = this.#coming.get(party) ?? { files: 0, bytes: 0 };
    const all = [...this.#coming.values()].reduce((sum, { files }) => sum + files, 0);
    // A name that a statement is about to use is its own from then on, though the log does not say so yet.
    const taken = this.#busy.has(name) || this.#claimed.has(name);
    if (taken || coming.files >= atOnceOf || all >= atOnce)
      throw new Refusal('queue.full', { params: { after: 5 } });
    this.#busy.add(name);
    this.#coming.set(party, coming);
    coming.files++;
    coming.bytes += size;
    try {
      const limit = this.#about.limits.staged;
      if ((await this.#about.journal.bytesOf(party)) + coming.bytes > limit)
        throw new Refusal('file.quota', {
          detail: 'share what was brought, or wait an hour until it is forgotten',
          params: { limit },
        });
      await work();
    } finally {
      this.#busy.delete(name);
      coming.files--;
      coming.bytes -= size;
      if (coming.files === 0) this.#coming.delete(party);
    }
  }

  async #take(upload: Upload, name: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const { folder, store, journal, scanner, now } = this.#about;
    const { party, size, type } = upload;
    await using spool = await Spool.open(spoolPath(folder));
    await spooled(upload, pieces, spool);
    await this.#inspecting(() => inspect(spool, type, scanner));
    await store.put(name, spool.read(), async () => {
      // Asked when it was not held yet, the log may have named it since, and what it named may be erased by now. Held,
      // nothing claims it, and this stays so.
      await this.#unnamed(name);
      await journal.put({ name, party, size, type, at: now() });
    });
  }

  async #unnamed(name: string): Promise<void> {
    if ((await this.#about.log.named([name])).has(name))
      throw new Refusal('file.known', { at: '/payload/leaf' });
  }

  /** @param by the statement's identity: sent twice at once, it may have them twice, and is taken once */
  async claim(party: PartyId, by: string, leaves: ReadonlyMap<number, Uint8Array>): Promise<Claim> {
    const mine: string[] = [];
    const release = () => {
      for (const name of mine.splice(0)) this.#unclaim(name);
    };
    const files = new Map<number, StagedFile | null>();
    try {
      for (const [n, leaf] of leaves) {
        const name = fileName(party, leaf);
        // One file is one part: named twice, it is not there the second time.
        const claimed = !mine.includes(name) && this.#claims(name, by);
        if (claimed) mine.push(name);
        files.set(n, claimed ? await this.#found(name) : null);
      }
    } catch (error) {
      release();
      throw error;
    }
    const used = async () => {
      try {
        for (const name of mine) await this.#about.journal.remove(name);
      } finally {
        release();
      }
    };
    return { files, used, release };
  }

  /** What the journal says may be older than the files, after a restore or an end in between. */
  #found(name: string): Promise<StagedFile | null> {
    const { store, journal, now } = this.#about;
    return store.settle(name, async (there) => ({
      stays: true,
      result: there ? await journal.claim(name, now()) : null,
    }));
  }

  #claims(name: string, by: string): boolean {
    const claimed = this.#claimed.get(name);
    if (this.#busy.has(name) || (claimed && claimed.by !== by)) return false;
    this.#claimed.set(name, { by, times: (claimed?.times ?? 0) + 1 });
    return true;
  }

  #unclaim(name: string): void {
    const claimed = this.#claimed.get(name);
    if (!claimed) return;
    if (--claimed.times === 0) this.#claimed.delete(name);
  }

  /** What has waited for too long. @param since brought before then */
  async purge(since: Instant = this.#about.now() - stagedFor): Promise<void> {
    for (const { name, at } of await this.#about.journal.all())
      if (at <= since && !this.#busy.has(name) && !this.#claimed.has(name)) await this.#forget(name, since);
  }

  async #forget(name: string, since: Instant): Promise<void> {
    const { store, journal, log } = this.#about;
    this.#busy.add(name);
    try {
      await store.settle(name, async () => {
        // The row first: a file without one is found at the next start. What was erased does not stay because it was named.
        const stale = await journal.removeStale(name, since);
        return { stays: !stale || (await log.live([name])).has(name), result: null };
      });
    } finally {
      this.#busy.delete(name);
    }
  }

  /** At start, before anything comes in: what an end in between has left. @returns how many files were removed */
  async clear(): Promise<number> {
    const { folder, store, journal, log, shared } = this.#about;
    let removed = await clearBegun(folder);
    const waiting = new Set<string>();
    // Its bytes may just be coming where others bring some: then the row goes with its age.
    for (const { name } of await journal.all())
      if ((await log.named([name])).has(name) || !(shared || (await store.has(name))))
        await journal.remove(name);
      else waiting.add(name);
    for await (const names of batches(store.list(shared ? stagedFor / 1_000 : 0))) {
      const live = await log.live(names);
      for (const name of names.filter((name) => !waiting.has(name) && !live.has(name)))
        if (await this.#clearLeft(name)) removed++;
    }
    await this.purge();
    return removed;
  }

  /** Another instance may have come to it since it was listed. @returns whether it was left over */
  #clearLeft(name: string): Promise<boolean> {
    const { store, journal, log } = this.#about;
    return store.settle(name, async () => {
      const stays = (await journal.waits(name)) || (await log.live([name])).has(name);
      return { stays, result: !stays };
    });
  }
}

async function* batches(names: AsyncIterable<string>): AsyncGenerator<string[], void> {
  let batch: string[] = [];
  for await (const name of names) {
    batch.push(name);
    if (batch.length < 500) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
