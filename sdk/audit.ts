/**
 * A centre audited from outside, by a member: what the log says of itself, and what this viewer may see of it. It
 * cannot find what was never shown to anybody, nor say what others were shown: for that, compare checkpoints.
 */
import { equal } from '@parley/core/bytes.ts';
import { bringsDevice, deviceFrom } from '@parley/core/chain.ts';
import type { OpenedCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { rootFrom, rootNodes } from '@parley/core/merkle.ts';
import type { Tally } from '@parley/core/policy.ts';
import { parseProof } from '@parley/core/proof.ts';
import { type Receipt, verifyReceipt } from '@parley/core/receipt.ts';
import { isA, refOf } from '@parley/core/statement.ts';
import { provenTiles, tileReader } from '@parley/core/tile-reader.ts';
import { fullWidth, parseEntriesTile, type Tile, verifyEntries } from '@parley/core/tiles.ts';
import { ahead } from './ahead.ts';
import type { ReadStatement } from './answer.ts';
import type { LogView } from './log.ts';
import type { Session } from './session.ts';

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
}

/** @throws the first lie that was found, with its place */
export async function audit(session: Session, options: AuditOptions = {}): Promise<AuditReport> {
  const { log, info } = session.centre;
  const opened = await session.centre.checkpoint();
  const tiles = await rereadLog(log, opened, options);
  const seen = await rereadStatements(session, options);
  seen.needLiveSpeakers();
  seen.needRisingInstants();
  seen.needLogKeys(info.party, info.logs);
  const receipts = await recheckReceipts(session, seen, options);
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
  };
}

const inFlight = 4;

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

async function recheckReceipts(
  session: Session,
  seen: Seen,
  { kept = [], onProgress }: AuditOptions,
): Promise<number> {
  const { log, trust } = session.centre;
  let done = 0;
  for await (const receipt of kept) {
    const { header } = receipt.statement;
    const { checkpoint } = await verifyReceipt(receipt, trust, header.party);
    await log.agrees(checkpoint, parseProof(receipt.proof).checkpoint);
    // An author sees its own always, and headers stay when content is taken back.
    if (header.party === session.party && !seen.has(receipt.record.index))
      throw new Refusal('read.unproven', { at: placeOf(receipt), detail: 'the centre no longer shows it' });
    done++;
    onProgress?.({ step: 'receipts', done, total: null });
  }
  return done;
}

/** Whose it is, and places in the log: where it was enrolled, if that was shown; its first and last word; where it was revoked. */
interface Device {
  readonly party: string;
  readonly id: string;
  enrolled: number;
  first: number;
  last: number;
  lastSaid: string;
  revoked: number;
  from: ReadStatement['from'] | null;
}

/** What was shown, as far as it must fit together. */
class Seen {
  readonly #places = new Map<number, { instant: number; span: number }>();
  readonly #devices = new Map<string, Device>();
  readonly #parties = new Set<string>();
  readonly #kinds: Record<string, number> = {};
  /** Where every device of a party was ended by one that brought it back. */
  readonly #ends: { readonly party: string; readonly at: number }[] = [];
  #logs: { party: string; keys: readonly string[] } | null = null;

  get size(): number {
    return this.#places.size;
  }

  has(index: number): boolean {
    return this.#places.has(index);
  }

  take(read: ReadStatement): void {
    const { header } = read.statement;
    const { index, instant, span } = read.record;
    if (this.#places.has(index)) return;
    this.#places.set(index, { instant, span });
    this.#kinds[header.kind] = (this.#kinds[header.kind] ?? 0) + 1;
    this.#parties.add(header.party);
    const speaker = this.#device(header.device, header.party);
    speaker.from = read.from;
    speaker.first = Math.min(speaker.first, index);
    if (index > speaker.last) Object.assign(speaker, { last: index, lastSaid: placeOf(read) });
    if (bringsDevice(header)) {
      const device = this.#device(deviceFrom(header).id, header.party);
      device.enrolled = Math.min(device.enrolled, index);
      device.from = deviceFrom(header).from;
    }
    if (isA(header, 'party.recover/1') && header.body.revoke)
      this.#ends.push({ party: header.party, at: index });
    if (isA(header, 'centre.open/1')) this.#logs = { party: header.party, keys: header.body.logs };
    if (isA(header, 'device.revoke/1')) {
      const device = this.#device(header.body.device, header.party);
      device.revoked = Math.min(device.revoked, index);
    }
  }

  /** A party revokes devices of its own: said of another's, it is about one that there is not. */
  #device(id: string, party: string): Device {
    const name = `${party} ${id}`;
    const known = this.#devices.get(name);
    if (known) return known;
    const device = {
      ...{ party, id, enrolled: Infinity, first: Infinity, last: -1, lastSaid: '', revoked: Infinity },
      from: null,
    };
    this.#devices.set(name, device);
    return device;
  }

  /** @throws chain.broken when a device spoke before it was enrolled or after it was revoked */
  needLiveSpeakers(): void {
    for (const { party, at } of this.#ends)
      for (const device of this.#devices.values())
        if (device.party === party && Math.min(device.enrolled, device.first) < at)
          device.revoked = Math.min(device.revoked, at);
    for (const { enrolled, first, last, lastSaid, revoked } of this.#devices.values()) {
      if (first < enrolled && enrolled !== Infinity)
        throw new Refusal('chain.broken', { at: `/${first}`, detail: 'the device was enrolled later' });
      if (last > revoked)
        throw new Refusal('chain.broken', { at: lastSaid, detail: 'the device had been revoked' });
    }
  }

  /** Each record begins after what the one before it reserved. @throws read.unproven */
  needRisingInstants(): void {
    let free = 0;
    for (const [index, { instant, span }] of [...this.#places].sort(([a], [b]) => a - b)) {
      if (instant < free)
        throw new Refusal('read.unproven', { at: `/${index}`, detail: 'the instants do not rise' });
      free = instant + span;
    }
  }

  /** The keys of the log are those that the centre's first key signed, where that was shown. */
  needLogKeys(party: string, keys: readonly string[]): void {
    if (!this.#logs) return;
    const same = this.#logs.party === party && keys.every((key) => this.#logs?.keys.includes(key));
    if (!same)
      throw new Refusal('read.unproven', { at: '/logs', detail: 'the centre was opened with other keys' });
  }

  counts() {
    const devices = [...this.#devices.values()];
    return {
      statements: this.#places.size,
      kinds: this.#kinds,
      parties: this.#parties.size,
      devices: devices.length,
      revoked: devices.filter(({ revoked }) => Number.isFinite(revoked)).length,
      recovered: devices.flatMap(({ party, id: device, from }) => {
        if (from !== 'recovery' && from !== 'readmission') return [];
        return [{ party, device, by: from === 'recovery' ? ('recovery' as const) : ('guardians' as const) }];
      }),
    };
  }
}

function placeOf({ statement }: Pick<ReadStatement, 'statement'>): string {
  const { party, id } = refOf(statement.header);
  return `${party}/${id}`;
}
