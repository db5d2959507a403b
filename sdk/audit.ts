/**
 * A centre audited from outside, by a member: what the log says of itself, and what this viewer may see of it. It
 * cannot find what was never shown to anybody, nor say what others were shown: for that, compare checkpoints.
 */
import { equal } from '@parley/core/bytes.ts';
import { type OpenedCheckpoint, parseCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import { rootFrom, rootNodes } from '@parley/core/merkle.ts';
import { parseNote } from '@parley/core/note.ts';
import type { Tally } from '@parley/core/policy.ts';
import { parseProof } from '@parley/core/proof.ts';
import { type Receipt, verifyReceipt } from '@parley/core/receipt.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import { verdictOn } from '@parley/core/succession.ts';
import { provenTiles, tileReader } from '@parley/core/tile-reader.ts';
import { fullWidth, parseEntriesTile, type Tile, verifyEntries } from '@parley/core/tiles.ts';
import { ahead } from './ahead.ts';
import type { LogView } from './log.ts';
import { placeOf, Seen } from './seen.ts';
import type { Session } from './session.ts';
import type { PastLog } from './succession.ts';

export interface AuditProgress {
  readonly step: 'log' | 'statements' | 'receipts';
  readonly done: number;
  /** Null where the number is not known beforehand. */
  readonly total: number | null;
}

export interface AuditOptions {
  readonly onProgress?: (progress: AuditProgress) => void;
  /** Receipts that this device kept. Each must still be of this log, and what the own party said still be shown. */
  readonly kept?: Iterable<Receipt> | AsyncIterable<Receipt>;
  /** Microseconds since 1970, by the clock of who looks. */
  readonly now?: () => Instant;
}

export interface AuditReport {
  readonly origin: string;
  readonly size: number;
  /** Base64 is for whoever shows it: 32 bytes. */
  readonly root: Uint8Array;
  /** Keys of the log that signed the checkpoint; a browser may not know ML-DSA. */
  readonly signed: readonly { readonly name: string; readonly result: 'valid' | 'not checked' }[];
  /** With a policy: how much of the log witnesses have cosigned, how many of how many, who, and when, in seconds since 1970. */
  readonly witnessed: number;
  readonly policy: Tally | null;
  readonly cosigned: readonly { readonly name: string; readonly time: number }[];
  /** Tiles read again, and entries that their hashes were made from. */
  readonly tiles: number;
  readonly entries: number;
  /** Statements that this viewer may see, by kind; the parties and devices that said them. */
  readonly statements: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly parties: number;
  readonly devices: number;
  readonly revoked: number;
  /** Devices that brought a party back after its own were lost, of those that spoke. */
  readonly recovered: readonly {
    readonly party: string;
    readonly device: string;
    readonly by: 'recovery' | 'guardians';
  }[];
  readonly receipts: number;
  /** Of those, the ones whose records were lost with a log that ended, as the centre has said; come back or not. */
  readonly lost: readonly {
    readonly party: string;
    readonly id: string;
    readonly index: number;
    readonly again: boolean;
  }[];
}

/** @throws the first lie that was found, with its place */
export async function audit(session: Session, options: AuditOptions = {}): Promise<AuditReport> {
  const { log, info } = session.centre;
  const kept = await collected(options.kept ?? []);
  const opened = await session.centre.checkpoint().catch(async (error: unknown) => {
    throw await located(error, log, kept);
  });
  const tiles = await rereadLog(log, opened, options);
  const seen = await rereadStatements(session, options);
  seen.needLiveSpeakers();
  seen.needRisingInstants();
  if (log.witnessed) seen.needWitnessed(log.witnessed.checkpoint.size, (options.now ?? clock)());
  seen.needLogKeys(info.party, info.logs);
  const { receipts, lost } = await recheckReceipts(session, seen, kept, options);
  const { origin, size, root } = opened.checkpoint;
  return {
    origin,
    size,
    root,
    signed: opened.log.map(({ key, result }) => ({ name: key.name, result })),
    witnessed: log.witnessed?.checkpoint.size ?? 0,
    policy: log.witnessed?.tally ?? null,
    cosigned: log.witnessed?.cosigned ?? [],
    tiles,
    entries: size,
    ...seen.counts(),
    receipts,
    lost,
  };
}

const inFlight = 4;
const clock = (): Instant => Date.now() * 1000;

/** Every tile anew, each proven up to the signed root, and every entry against its tile. Returns how many tiles. */
async function rereadLog(
  log: LogView,
  { checkpoint }: OpenedCheckpoint,
  { onProgress }: AuditOptions,
): Promise<number> {
  const { size, root } = checkpoint;
  const read = new Set<string>();
  const proven = provenTiles(checkpoint, (tile) => {
    read.add(`${tile.level} ${tile.index}`);
    return log.tile(tile);
  });
  let done = 0;
  for await (const width of ahead(leafTiles(size), inFlight, async (tile) => {
    const entries = parseEntriesTile(await log.entries({ ...tile, level: 'entries' }));
    // A log may give the full bundle for a partial one.
    verifyEntries(entries.slice(0, tile.width), tile, await proven(tile));
    return tile.width;
  })) {
    done += width;
    onProgress?.({ step: 'log', done, total: size });
  }
  const nodes = await tileReader(size, proven).nodes(rootNodes(size));
  if (!equal(rootFrom(size, nodes), root)) throw new Refusal('tile.malformed', { detail: 'another root' });
  return read.size;
}

async function* leafTiles(size: number): AsyncGenerator<Tile> {
  for (let index = 0; index * fullWidth < size; index++)
    yield { level: 0, index, width: Math.min(fullWidth, size - index * fullWidth) };
}

/**
 * The reader checks signature, chain, ends and that the leaf made from the commitment is the log's; the entries were
 * checked against the leaves, so that the commitment is the entry.
 */
async function rereadStatements(session: Session, { onProgress }: AuditOptions): Promise<Seen> {
  const seen = new Seen();
  for await (const statement of session.statements()) {
    seen.take(statement);
    onProgress?.({ step: 'statements', done: seen.size, total: null });
  }
  return seen;
}

/** Those of this log, and of logs that ended before it began. */
async function recheckReceipts(
  session: Session,
  seen: Seen,
  kept: readonly Receipt[],
  { onProgress }: AuditOptions,
): Promise<Pick<AuditReport, 'receipts' | 'lost'>> {
  const lost: AuditReport['lost'][number][] = [];
  const past = pastLogs(session);
  let done = 0;
  for (const receipt of kept) {
    const { header } = receipt.statement;
    const { origin, size } = parseCheckpoint(parseNote(parseProof(receipt.proof).checkpoint).text);
    const ended = origin === session.centre.trust.origin ? null : await past(origin);
    const { checkpoint } = await verifyReceipt(receipt, ended?.trust ?? session.centre.trust, header.party);
    if (ended && receipt.record.index >= ended.ended) {
      // Signed by a log of the centre, and gone: it must have said so.
      if (verdictOn(ended.next, ended.ended, size) === 'denied')
        throw new Refusal('succession.denied', {
          at: placeOf(receipt),
          detail: `there is a receipt for record ${receipt.record.index} of ${origin}, which the log that followed leaves out`,
        });
      const { party, id } = header;
      lost.push({ party, id, index: receipt.record.index, again: seen.said({ party, id }) });
    } else await recheckHeld(session, seen, receipt, ended && size > ended.ended ? null : checkpoint);
    done++;
    onProgress?.({ step: 'receipts', done, total: kept.length });
  }
  return { receipts: done, lost };
}

/** @param opened null: of a tree of which the end is lost, so that nothing can continue it */
async function recheckHeld(
  session: Session,
  seen: Seen,
  receipt: Receipt,
  opened: OpenedCheckpoint | null,
): Promise<void> {
  const { log } = session.centre;
  if (opened) await log.agrees(opened, parseProof(receipt.proof).checkpoint);
  await log.holds(receipt.record.index, leafOf(receipt));
  // An author sees its own always, and headers stay when content is taken back.
  if (receipt.statement.header.party === session.party && !seen.has(receipt.record.index))
    throw new Refusal('read.unproven', {
      at: placeOf(receipt),
      detail: `there is a receipt for record ${receipt.record.index}, and the centre no longer shows it`,
    });
}

function pastLogs({ centre }: Session): (origin: string) => Promise<PastLog> {
  const known = new Map<string, Promise<PastLog | null>>();
  return async (origin) => {
    const asked = known.get(origin) ?? centre.past(origin);
    known.set(origin, asked);
    const found = await asked;
    if (!found)
      throw new Refusal('checkpoint.origin', {
        detail: `a receipt of ${origin}, which this centre never had`,
      });
    return found;
  };
}

/** Which record it was, where the log does not continue what was seen and a receipt tells. */
async function located(error: unknown, log: LogView, kept: readonly Receipt[]): Promise<unknown> {
  if (!(error instanceof Refusal) || error.code !== 'proof.consistency') return error;
  for (const receipt of [...kept].sort((a, b) => a.record.index - b.record.index)) {
    const { index } = receipt.record;
    // What cannot be read any more is no better than what is not there.
    if (await log.shows(index, leafOf(receipt)).catch(() => false)) continue;
    const detail = `record ${index} is not the one that there is a receipt for; ${error.detail ?? ''}`;
    const { code, params } = error;
    return new Refusal(code, { at: placeOf(receipt), detail, params: { ...params, index }, cause: error });
  }
  return error;
}

function leafOf({ record, statement }: Receipt): Uint8Array<ArrayBuffer> {
  return recordLeaf(commitment(record, statement.envelope));
}

async function collected<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
