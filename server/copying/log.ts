/**
 * The records of one store brought into another store of the same log. What is there is compared first and never
 * changed; each record is verified on its way; and the target's head moves only to a tree that the log has signed and
 * that the target's own records give. So a copy never needs the log's key, and never says anything new.
 *
 * Into an empty store it goes in slices, and what an end in between leaves has no head yet: the next run goes on there.
 * A store with a head gets all that has come since in one transaction: it can take over at any moment.
 */
import { type Bytes, equal, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { recordLeaf } from '@parley/core/record.ts';
import { isA } from '@parley/core/statement.ts';
import { ensureProjections, foldLive, refuseOtherFolds, type Tables } from '../folds.ts';
import { logsIn, trustOf } from '../log/logs.ts';
import type { Commit, Head, LogReader, Store } from '../log/ports.ts';
import { type ChangedTile, Tree } from '../log/tree.ts';
import { readFiles } from '../projections/files/read.ts';
import { withParts } from '../with-parts.ts';
import { goneBack, heldBeyond, refuseOtherLog, twoHistories } from './comparing.ts';
import { type FilesCopy, filesBetween, missingFiles } from './files.ts';
import { verifyRecord } from './verified.ts';

export interface LogCopyOptions {
  readonly source: Store<Tables>;
  readonly target: Store<Tables>;
  readonly files: FilesCopy;
  /** Before a head of the source is taken over: what must be there with it. */
  readonly before?: (head: Head) => void;
  readonly progress?: (done: number, of: number) => void;
  /** Records of one transaction while the target has no head. */
  readonly slice?: number;
}

/** Where a copy stands once it has caught up. */
export interface Caught {
  readonly head: Head;
  /** Records that came with it. */
  readonly records: number;
  /** What it says of accesses must be in the journals that stand beside it. */
  readonly digests: boolean;
}

const recordsAtOnce = 256;
const leavesAtOnce = 4_096;
const erasedAtOnce = 64;
/** What is shared and taken back while it is copied makes it look again: it is then a moment later. */
const attempts = 5;

export class LogCopy {
  readonly #about: LogCopyOptions;
  /** Of the target: its tree, which is that of its head, and how many records it holds beyond that. */
  #tree: Tree;
  #held: number;
  /** What was verified last, so that a head that stays is not verified again. */
  #verified: string | null = null;

  private constructor(about: LogCopyOptions, tree: Tree, held: number) {
    this.#about = about;
    this.#tree = tree;
    this.#held = held;
  }

  /** @throws store.absent, store.behind, proof.consistency where the target is not a beginning of the source */
  static async open(about: LogCopyOptions): Promise<LogCopy> {
    const { source, target } = about;
    const begun = await target.snapshot(async ({ log }) => {
      const tree = await Tree.load(log);
      return { tree, held: await heldBeyond(log, tree.size) };
    });
    if (begun.held > begun.tree.size && (await ensureProjections(target)))
      throw new Refusal('store.newer', {
        detail: 'another version began this copy: remove it and begin anew',
      });
    await ensureProjections(target);
    await source.snapshot((from) => target.snapshot((to) => refuseOtherLog(from.log, to.log, begun.held)));
    return new LogCopy(about, begun.tree, begun.held);
  }

  get size(): number {
    return this.#tree.size;
  }

  /** Up to a head of the source. Its files come with it. @throws store.corrupt, store.behind, proof.consistency */
  async catchUp(): Promise<Caught> {
    const { source } = this.#about;
    const from = this.#held;
    let digests = false;
    for (let failed = 0; ; ) {
      await this.#bringFiles();
      const done = await source.snapshot(({ log }) => this.#slice(log));
      if (done.missing.length > 0 && ++failed === attempts) throw missingFiles(done.missing);
      digests ||= done.digests;
      if (done.head) return { head: done.head, records: this.#held - from, digests };
    }
  }

  /** What was taken back leaves the target, too. @returns whether there was anything */
  async erase(): Promise<boolean> {
    const { target, files } = this.#about;
    let any = false;
    for (let more = true; more; any ||= more) {
      more = await target.commit(async ({ log, db }) => {
        const numbers = await log.erase(erasedAtOnce);
        // Before the commit, as the centre does: what an end in between leaves is erased again.
        if (numbers.length > 0) await files.remove([...(await readFiles(db).names(numbers)).values()]);
        return numbers.length > 0;
      });
    }
    if (any) await target.forget();
    return any;
  }

  /** Large ones take long: no moment of the source is held for them. What has gone meanwhile is looked at again. */
  async #bringFiles(): Promise<void> {
    const { source, files } = this.#about;
    const wanted = await source.snapshot(async ({ log }) => {
      const head = await log.head();
      return Array.fromAsync(filesBetween(log, this.#held, this.#to(head?.size ?? 0)));
    });
    for (const some of wanted) await files.bring(some);
  }

  #to(size: number): number {
    const { slice = 2_000 } = this.#about;
    return this.#tree.size > 0 ? size : Math.min(this.#held + slice, size);
  }

  async #slice(log: LogReader): Promise<{ head: Head | null; digests: boolean; missing: string[] }> {
    const { target, files, before = () => {}, progress = () => {} } = this.#about;
    const head = await this.#headOf(log);
    const [from, to] = [this.#held, this.#to(head.size)];
    const missing: string[] = [];
    for await (const some of filesBetween(log, from, to)) missing.push(...(await files.bring(some)));
    if (missing.length > 0) return { head: null, digests: false, missing };
    const whole = to === head.size;
    const cosigned = whole ? await log.cosigned() : null;
    if (from === to && this.#tree.size === to && !(await this.#isNews(cosigned))) {
      before(head);
      return { head, digests: false, missing };
    }
    const { tree, digests } = await target.commit(async (commit) => {
      await refuseOtherFolds(commit.db);
      const digests = await appendBetween(log, commit, from, to);
      const tree = whole ? await this.#advance(commit, head) : this.#tree;
      if (cosigned) await commit.log.putCosigned(cosigned.size, cosigned.note);
      // Not before the copy's own records have given its tree.
      if (whole) before(head);
      return { tree, digests };
    });
    this.#tree = tree;
    this.#held = to;
    progress(to, head.size);
    return { head: whole ? head : null, digests, missing };
  }

  /** That the log has signed what the source says, and that it says no less than before. */
  async #headOf(log: LogReader): Promise<Head> {
    const head = await log.head();
    if (!head) throw new Refusal('store.absent', { detail: 'the log has no record yet' });
    if (head.checkpoint === this.#verified) return head;
    const { size, root } = this.#tree;
    if (head.size < size) throw goneBack(size, head.size);
    if (head.size === size && !equal(head.root, root)) throw twoHistories(`the first ${size} records`);
    const last = (await logsIn(log)).at(-1);
    if (!last) throw new Refusal('store.corrupt', { at: 'records/0', detail: 'not the opening of a centre' });
    const { checkpoint } = await openCheckpoint(utf8(head.checkpoint), trustOf(last));
    if (checkpoint.size !== head.size || !equal(checkpoint.root, head.root))
      throw new Refusal('store.corrupt', { detail: 'the checkpoint is not that of the head' });
    this.#verified = head.checkpoint;
    return head;
  }

  async #isNews(cosigned: { readonly note: string } | null): Promise<boolean> {
    const known = await this.#about.target.snapshot(({ log }) => log.cosigned());
    return cosigned !== null && cosigned.note !== known?.note;
  }

  /** The tree that the target's own records give must be the one that the log has signed. */
  async #advance({ log }: Commit<Tables>, head: Head): Promise<Tree> {
    const tiles = new Map<string, ChangedTile>();
    let tree = this.#tree;
    for (let from = tree.size; from < head.size; from = tree.size) {
      const entries = await log.commitments(from, Math.min(from + leavesAtOnce, head.size));
      if (entries.length === 0)
        throw new Refusal('store.corrupt', { at: `records/${from}`, detail: 'missing' });
      const growth = tree.grow(entries.map(recordLeaf));
      for (const tile of growth.tiles) tiles.set(`${tile.level}/${tile.index}`, tile);
      tree = growth.tree;
    }
    if (!equal(tree.root, head.root)) throw twoHistories(`its ${head.size} records`);
    for (const { level, index, data } of tiles.values()) await log.putTile(level, index, data);
    if (tree.size > this.#tree.size) await log.advance(this.#tree.size, head);
    return tree;
  }
}

/** @returns whether the centre has said something of accesses among them */
async function appendBetween(
  log: LogReader,
  commit: Commit<Tables>,
  from: number,
  to: number,
): Promise<boolean> {
  let digests = false;
  for (let at = from; at < to; at += recordsAtOnce) {
    const end = Math.min(at + recordsAtOnce, to);
    const [records, entries] = [await log.range(at, end), await log.commitments(at, end)];
    if (records.length < end - at || entries.length < end - at)
      throw new Refusal('store.corrupt', { at: `records/${at}..${end - 1}`, detail: 'a record is missing' });
    for await (const { record, parts } of withParts(records, log)) {
      const entry = entries[record.index - at];
      verifyRecord(record, entry, parts);
      await commit.log.append(record, entry as Bytes, parts);
      await foldLive({ record, parts }, commit);
      digests ||= isA(record.header, 'access.digest/1');
    }
  }
  return digests;
}
