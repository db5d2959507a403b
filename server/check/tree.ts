/** Records to commitments to leaves to tiles to the root that the log has signed. */
import { existsSync, readFileSync } from 'node:fs';
import { equal, utf8 } from '@parley/core/bytes.ts';
import { type Checkpoint, openCheckpoint, type Trust } from '@parley/core/checkpoint.ts';
import type { Instant } from '@parley/core/fields.ts';
import { emptyRoot, verifyConsistency } from '@parley/core/merkle.ts';
import { formatVkey } from '@parley/core/note.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import { isA } from '@parley/core/statement.ts';
import { edgeTiles, fullWidth, newTiles } from '@parley/core/tiles.ts';
import { sql } from 'kysely';
import { loadLogKeys, logVkeys } from '../log/keys.ts';
import { type KeptLog, logsIn, trustOf } from '../log/logs.ts';
import type { Head, LogReader, StoredRecord } from '../log/ports.ts';
import { consistencyProofAt } from '../log/proofs.ts';
import { type ChangedTile, Tree } from '../log/tree.ts';
import type { Paths } from '../paths.ts';
import { loadSigner } from '../signer.ts';
import type { Moment } from '../sources.ts';
import type { Vault } from '../vault/vault.ts';
import { checking, corrupt } from './corrupt.ts';

/** Grows a tree of its own from what is stored, and compares. */
export class TreeCheck {
  readonly #log: LogReader;
  #tree = Tree.empty;
  #free: Instant = 0;

  constructor(log: LogReader) {
    this.#log = log;
  }

  /** The next records, as many as fill a tile, or the last ones. */
  async take(records: readonly StoredRecord[]): Promise<void> {
    const from = this.#tree.size;
    const entries = await this.#log.commitments(from, from + records.length);
    for (const [i, record] of records.entries()) {
      const at = `records/${from + i}`;
      if (record.index !== from + i) throw corrupt(at, 'the record is missing');
      if (record.instant < this.#free || record.span < 1) throw corrupt(at, 'the instants do not rise');
      this.#free = record.instant + record.span;
      const entry = entries[i];
      if (!entry || !equal(commitment(record, record.envelope), entry))
        throw corrupt(at, 'the commitment is another');
    }
    const { tree, tiles } = this.#tree.grow(entries.map(recordLeaf));
    for (const tile of tiles) await checking(`tiles/${tile.level}/${tile.index}`, () => this.#compare(tile));
    this.#tree = tree;
  }

  /** A tile that is not full yet may be wider in the store than in this tree. */
  async #compare({ level, index, data }: ChangedTile): Promise<void> {
    const stored = await this.#log.tile(level, index);
    const full = data.length === fullWidth * 32;
    if (!stored || !equal(full ? stored : stored.subarray(0, data.length), data))
      throw corrupt(`tiles/${level}/${index}`, 'not what its records give');
  }

  /** @returns how many tiles there are */
  async finish({ db, log }: Moment): Promise<number> {
    const { size, root } = this.#tree;
    for (const { level, index, width } of edgeTiles(size))
      if ((await log.tile(level, index))?.length !== width * 32)
        throw corrupt(`tiles/${level}/${index}`, 'of another width');
    const tiles = newTiles(0, size).length;
    const { rows } = await sql<{ n: number }>`select count(*) as n from tiles`.execute(db);
    if (Number(rows[0]?.n) !== tiles) throw corrupt('tiles', `${rows[0]?.n} instead of ${tiles}`);
    const head = await log.head();
    if ((head?.size ?? 0) !== size || !equal(head?.root ?? emptyRoot, root))
      throw corrupt('head', 'not the size and root that the records give');
    if (head && head.instant !== this.#free) throw corrupt('head', 'another first free instant');
    return tiles;
  }
}

/**
 * The logs that the records name, one after another; null before the first record. The keys of the last are those of
 * the key file, where that is.
 */
export async function logsFrom(
  log: LogReader,
  paths: Paths,
  centre: string | undefined,
  vault: Vault | null,
): Promise<readonly KeptLog[] | null> {
  const [first] = await log.range(0, 1);
  if (!first) return null;
  if (!isA(first.header, 'centre.open/1')) throw corrupt('records/0', 'not the opening of a centre');
  if (centre !== undefined && first.header.centre !== centre)
    throw corrupt('records/0', `the log of ${first.header.centre}, not of ${centre}`);
  const logs = await logsIn(log);
  for (const { from, succession } of logs)
    if (succession && (succession.body.missing?.from ?? succession.body.before.size) !== from)
      throw corrupt(`records/${from}`, 'it says that the log before ended elsewhere');
  if (existsSync(paths.centreKey)) {
    const { device } = await loadSigner(paths.centreKey, vault);
    if (device !== first.header.party)
      throw corrupt(paths.centreKey, 'not the key of the party that is the centre');
  }
  const last = logs.at(-1);
  if (last && existsSync(paths.logKeys) && !existsSync(paths.nextLogKeys)) {
    const own = logVkeys(loadLogKeys(paths.logKeys, vault), last.origin).map(formatVkey);
    if (own.join('\n') !== last.keys.map(formatVkey).join('\n'))
      throw corrupt(paths.logKeys, `not the keys of ${last.origin}`);
  }
  return logs;
}

/** What the log has signed: the head, what witnesses cosigned, and what this machine remembers. */
export async function checkNotes(
  log: LogReader,
  head: Head | null,
  logs: readonly KeptLog[],
  paths: Paths,
): Promise<void> {
  const last = logs.at(-1);
  if (!head || !last) return;
  const signed = await opened('head/checkpoint', head.checkpoint, trustOf(last));
  if (signed.size !== head.size || !equal(signed.root, head.root))
    throw corrupt('head/checkpoint', 'not that of the head');
  const cosigned = await log.cosigned();
  if (cosigned) {
    const known = await openedOf('cosigned', cosigned.note, logs);
    if (known.size !== cosigned.size) throw corrupt('cosigned', 'of another size');
    await checkContinued(log, known, head, 'cosigned');
  }
  if (existsSync(paths.checkpoint)) {
    const known = await openedOf('last-checkpoint', readFileSync(paths.checkpoint, 'utf8'), logs);
    const next = logs[logs.findIndex(({ origin }) => origin === known.origin) + 1];
    // A running centre has signed more since this moment of its store, and what was lost is gone.
    if (known.size <= (next?.from ?? head.size)) await checkContinued(log, known, head, 'last-checkpoint');
  }
}

async function openedOf(at: string, note: string, logs: readonly KeptLog[]): Promise<Checkpoint> {
  const kept = logs.find(({ origin }) => note.startsWith(`${origin}\n`));
  if (!kept) throw corrupt(at, 'of a log that no record names');
  return opened(at, note, trustOf(kept));
}

/** Both keys of the log must have signed, and both signatures be right. */
async function opened(at: string, note: string, trust: Trust): Promise<Checkpoint> {
  const { checkpoint, log } = await checking(at, () => openCheckpoint(utf8(note), trust));
  const valid = log.filter(({ result }) => result === 'valid').length;
  if (valid !== trust.logs.length) throw corrupt(at, `${valid} of ${trust.logs.length} keys have signed`);
  return checkpoint;
}

async function checkContinued(log: LogReader, old: Checkpoint, head: Head, at: string): Promise<void> {
  await checking(at, async () => {
    const proof = await consistencyProofAt(log, old.size, head.size);
    verifyConsistency(old.size, old.root, head.size, head.root, proof);
  });
}
