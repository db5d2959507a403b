/**
 * The log as one device sees it. Nothing is believed before it leads to a checkpoint that the log signed and that
 * continues the last one this device remembers.
 */
import { type Bytes, equal, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { type OpenedCheckpoint, openCheckpoint, type Trust } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { consistencyNodes, consistencyProof, type Hash, verifyConsistency } from '@parley/core/merkle.ts';
import { meets, type Policy, type Tally } from '@parley/core/policy.ts';
import { provenTiles, type ReadTile, type TileReader, tileReader } from '@parley/core/tile-reader.ts';
import { type EntryBundle, fullWidth, type Tile, tilePath } from '@parley/core/tiles.ts';
import { readBytes, type Transport } from './transport.ts';

/** A checkpoint that meets the policy, and by how many witnesses of how many. */
export interface Witnessed extends OpenedCheckpoint {
  readonly tally: Tally;
}

export interface LogView {
  readonly trust: Trust;
  /** With a policy: the newest checkpoint that meets it, as of the last refresh. */
  readonly witnessed: Witnessed | null;
  /** The newest checkpoint: signed, continuing what was seen before and what is cosigned as the policy asks; kept. */
  refresh(): Promise<OpenedCheckpoint>;
  /**
   * That what the centre shows continues what this device remembers: to be known before anything is said or believed.
   * Asks once, and nothing where nothing is remembered. @throws proof.consistency
   */
  continued(): Promise<void>;
  /** That the log holds this leaf at this index. @throws receipt.commitment, proof.*, tile.malformed, note.* */
  holds(index: number, leaf: Hash): Promise<void>;
  /** Whether what the centre shows now holds this leaf there, even where it does not continue what was seen before. */
  shows(index: number, leaf: Hash): Promise<boolean>;
  /** That a checkpoint which came with a receipt and has been opened is of the same history. @throws proof.consistency */
  agrees(opened: OpenedCheckpoint, note: Bytes): Promise<void>;
  /** From the centre each time, proven by nothing. */
  readonly tile: ReadTile;
  readonly entries: (bundle: EntryBundle) => Promise<Bytes>;
}

export interface LogSource {
  readonly transport: Transport;
  /** Below the base, such as `log/1`. */
  readonly prefix: string;
  readonly trust: Trust;
  readonly policy: Policy | null;
  /** The remembered note. */
  readonly known: string | null;
  readonly save: (note: string) => Promise<void>;
}

interface Head {
  readonly opened: OpenedCheckpoint;
  readonly tiles: TileReader;
}

/** 8 MiB of full tiles, which never change. */
const keptTiles = 1024;
const tileBytes = fullWidth * 32;
const bundleBytes = fullWidth * (2 + 32);
const noteBytes = 1024 * 1024;

export async function viewLog(source: LogSource): Promise<LogView> {
  const { trust, known } = source;
  const remembered = known === null ? null : await openCheckpoint(utf8(known), trust);
  return new View(source, remembered);
}

class View implements LogView {
  readonly trust: Trust;
  readonly tile: ReadTile;
  witnessed: Witnessed | null = null;
  readonly #source: LogSource;
  readonly #full = new Map<string, Bytes>();
  #remembered: OpenedCheckpoint | null;
  #head: Head | null = null;
  #continued = false;
  /** One change of the head at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: LogSource, remembered: OpenedCheckpoint | null) {
    this.#source = source;
    this.#remembered = remembered;
    this.trust = source.trust;
    this.tile = (tile) => this.#fetch(tile, tileBytes);
  }

  entries(bundle: EntryBundle): Promise<Bytes> {
    return this.#fetch(bundle, bundleBytes);
  }

  refresh(): Promise<OpenedCheckpoint> {
    return this.#inTurn(async () => (await this.#refresh()).opened);
  }

  async continued(): Promise<void> {
    const known = () => this.#head !== null || this.#continued || this.#remembered === null;
    if (known()) return;
    await this.#inTurn(async () => {
      if (known()) return;
      const { opened, note } = await this.#fetchNote('checkpoint');
      const head = await this.#prove(opened);
      this.#continued = true;
      // With a policy a head is believed only once it was held against what is cosigned.
      if (!this.#source.policy) await this.#keep(head, note);
    });
  }

  async holds(index: number, leaf: Hash): Promise<void> {
    const { tiles } = await this.#headWith(index);
    const node = { level: 0, index };
    const get = await tiles.nodes([node]).catch((error: unknown) => this.#forget(error));
    if (!equal(get(node), leaf)) throw new Refusal('receipt.commitment', { params: { index } });
  }

  /** To tell what was done to a log that was rewritten: believed for nothing else, and kept nowhere. */
  async shows(index: number, leaf: Hash): Promise<boolean> {
    const { checkpoint } = (await this.#fetchNote('checkpoint')).opened;
    if (index >= checkpoint.size) return false;
    const node = { level: 0, index };
    const tiles = tileReader(
      checkpoint.size,
      provenTiles(checkpoint, (tile) => this.tile(tile)),
    );
    return equal((await tiles.nodes([node]))(node), leaf);
  }

  agrees(opened: OpenedCheckpoint, note: Bytes): Promise<void> {
    return this.#inTurn(async () => {
      const head = this.#head ?? (await this.#refresh());
      if (opened.checkpoint.size <= head.opened.checkpoint.size)
        return continues(opened, head.opened, head.tiles);
      const proven = await this.#prove(opened).catch(unlessAbsent);
      if (proven) return void (await this.#keep(proven, note));
      // Of a log that the centre does not show, or no longer.
      const now = await this.#refresh();
      await continues(opened, now.opened, now.tiles);
    });
  }

  /** A statement may be newer than the checkpoint: then there must be a newer one. */
  async #headWith(index: number): Promise<Head> {
    const holds = (head: Head | null): head is Head => head !== null && index < head.opened.checkpoint.size;
    if (holds(this.#head)) return this.#head;
    return this.#inTurn(async () => {
      const head = holds(this.#head) ? this.#head : await this.#refresh();
      if (!holds(head))
        throw new Refusal('proof.inclusion', { detail: 'the log is not that long', params: { index } });
      return head;
    });
  }

  async #refresh(): Promise<Head> {
    // Before the newest, so that it is never longer.
    const witnessed = await this.#fetchWitnessed();
    const { opened, note } = await this.#fetchNote('checkpoint');
    const head = await this.#prove(opened);
    if (witnessed) await continues(witnessed, opened, head.tiles);
    this.witnessed = witnessed;
    return this.#keep(head, note);
  }

  /** What was just said is not cosigned yet: so the newest checkpoint has only to continue one that is. */
  async #fetchWitnessed(): Promise<Witnessed | null> {
    const { policy } = this.#source;
    if (!policy) return null;
    const { opened } = await this.#fetchNote('cosigned').catch((cause: unknown) => {
      const none = cause instanceof Refusal && cause.class === 'absent';
      throw none ? new Refusal('policy.unmet', { detail: 'no checkpoint is cosigned', cause }) : cause;
    });
    return { ...opened, tally: meets(policy, opened.cosigned) };
  }

  async #fetchNote(name: 'checkpoint' | 'cosigned'): Promise<{ opened: OpenedCheckpoint; note: Bytes }> {
    const { transport, prefix } = this.#source;
    const note = await readBytes(await transport.open(`${prefix}/${name}`), noteBytes);
    return { opened: await openCheckpoint(note, this.trust), note };
  }

  async #keep(head: Head, note: Bytes): Promise<Head> {
    await this.#source.save(fromUtf8(note));
    this.#remembered = head.opened;
    this.#head = head;
    return head;
  }

  async #prove(opened: OpenedCheckpoint): Promise<Head> {
    const { size, root } = opened.checkpoint;
    const tiles = tileReader(
      size,
      provenTiles({ size, root }, (tile) => this.#cached(tile)),
    );
    if (this.#remembered)
      await continues(this.#remembered, opened, tiles).catch((error: unknown) => this.#forget(error));
    // The same tree, now proven equal: what was proven of it stays proven.
    const same = this.#head?.opened.checkpoint.size === size;
    return { opened, tiles: same && this.#head ? this.#head.tiles : tiles };
  }

  /** Tiles are kept before they are proven: after a wrong one, all are read again. */
  #forget(error: unknown): never {
    this.#full.clear();
    this.#head = null;
    throw error;
  }

  async #cached(tile: Tile): Promise<Bytes> {
    const path = tilePath(tile);
    const before = this.#full.get(path);
    if (before) return before;
    const data = await this.tile(tile);
    if (tile.width === fullWidth) this.#full.set(path, data);
    for (const oldest of this.#full.keys()) {
      if (this.#full.size <= keptTiles) break;
      this.#full.delete(oldest);
    }
    return data;
  }

  async #fetch(tile: Tile | EntryBundle, limit: number): Promise<Bytes> {
    const { transport, prefix } = this.#source;
    const get = async (path: string) => readBytes(await transport.open(`${prefix}/${path}`), limit);
    try {
      return await get(tilePath(tile));
    } catch (error) {
      // A log may delete partial tiles once they are full (tlog-tiles, Partial Tiles).
      const partial = tile.width < fullWidth && error instanceof Refusal && error.class === 'absent';
      if (!partial) throw error;
      return get(tilePath({ ...tile, width: fullWidth }));
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function unlessAbsent(error: unknown): null {
  if (error instanceof Refusal && error.class === 'absent') return null;
  throw error;
}

/** @throws proof.consistency when the log shrank or was forked */
async function continues(old: OpenedCheckpoint, now: OpenedCheckpoint, tiles: TileReader): Promise<void> {
  const before = old.checkpoint;
  const { size, root } = now.checkpoint;
  const grown = before.size <= size;
  const proof = grown
    ? consistencyProof(before.size, size, await tiles.nodes(consistencyNodes(before.size, size)))
    : [];
  try {
    verifyConsistency(before.size, before.root, size, root, proof);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const params = { before: before.size, now: size };
    throw new Refusal('proof.consistency', { detail: whatWasDone(old, now), params, cause });
  }
}

/** In words for whoever is shown it: what was there before is not what is there now. */
function whatWasDone(old: OpenedCheckpoint, now: OpenedCheckpoint): string {
  const [before, size] = [old.checkpoint.size, now.checkpoint.size];
  const seconds = Math.max(...old.log.map(({ time }) => time), 0);
  const when = seconds === 0 ? 'before' : `on ${new Date(seconds * 1000).toISOString()}`;
  if (size < before)
    return `the centre shows a log of ${size} records, shorter than the one of ${before} that it signed ${when}: an old copy speaks for it, or the last records were dropped`;
  const which =
    size === before
      ? `other ${before} records than those that it signed ${when}`
      : `a log that does not begin with the ${before} records that it signed ${when}`;
  return `the centre shows ${which}: a record was changed, dropped, added or moved, or another history is shown to others`;
}
