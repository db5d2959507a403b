/**
 * The log that follows another, met by a device that knows the one before. The keys are believed because the centre's
 * own party signed them, which the device has known since it joined; the tree because it begins with what was seen.
 */
import { utf8 } from '@parley/core/bytes.ts';
import { type OpenedCheckpoint, openCheckpoint, type Trust } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { logNumber } from '@parley/core/log-names.ts';
import { parseVkey } from '@parley/core/note.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { isA } from '@parley/core/statement.ts';
import { type Succession, successionId, type Verdict, verdictOn } from '@parley/core/succession.ts';
import { type Connection, fetchReceipt } from './connection.ts';
import type { Memory, Remembered } from './memory.ts';
import type { CentreInfo } from './shapes.ts';

/** What somebody should be told, once, before the device goes on with the next log. */
export interface SuccessionNews {
  /** The log that this device knew, and the one that goes on. */
  readonly before: string;
  readonly log: string;
  readonly why: Succession['body']['why'];
  /** How many records this device had seen, and how many of them are there still. */
  readonly seen: number;
  readonly from: number;
  /** What the centre says is missing; `to` is null where it does not know. */
  readonly missing: Succession['body']['missing'];
  readonly verdict: Verdict;
  readonly statement: StatementRef;
}

/** Throws where the device must not go on. Without one, it never does by itself. */
export type OnSuccession = (news: SuccessionNews) => void | Promise<void>;

export const refuseSuccession: OnSuccession = ({ before, log }) => {
  throw new Refusal('succession.unseen', { detail: `${log} after ${before}: nobody here was told` });
};

/** Of the log that the device knows to be the last. */
export interface KnownLog {
  readonly origin: string;
  readonly remembered: Remembered | null;
}

/**
 * Where the device's memory ends, beginning with the log that it was told of, or with the newest that it remembers.
 * @throws checkpoint.origin where the centre is another one, or shows a log that this device knows to have ended
 */
export async function newestKnown(
  memory: Memory,
  info: CentreInfo,
  wanted: string | undefined,
): Promise<KnownLog> {
  const { centre, origin, history } = info;
  let known: KnownLog | null = wanted === undefined ? null : await load(memory, wanted);
  for (const { origin: past } of wanted === undefined ? [...history].reverse() : []) {
    const found = known ? null : await load(memory, past);
    if (found?.remembered) known = found;
  }
  known ??= await load(memory, origin);
  for (let next = known.remembered?.succeeded; next; next = known.remembered?.succeeded)
    known = await load(memory, next.log);
  const [ours, theirs] = [logNumber(centre, known.origin), logNumber(centre, origin)];
  if (ours === null || theirs === null || ours > theirs)
    throw new Refusal('checkpoint.origin', {
      detail:
        ours !== null && theirs !== null
          ? `${origin} ended, and ${known.origin} followed it: the centre has gone back`
          : `${origin} instead of ${known.origin}`,
    });
  return known;
}

async function load(memory: Memory, origin: string): Promise<KnownLog> {
  return { origin, remembered: await memory.load(origin) };
}

/** A log that has ended, for receipts of its time. */
export interface PastLog {
  readonly trust: Trust;
  /** Where the next one goes on: nothing at this index or behind it is there any more as it was. */
  readonly ended: number;
  readonly next: Succession;
}

/** What opened a log, proven by the log as it is now. @throws read.unproven, and what a receipt is refused with */
async function openingOf(
  connection: Connection,
  { origin, from, statement, logs }: CentreInfo['history'][number],
): Promise<Receipt> {
  const receipt = await fetchReceipt(connection, statement);
  const { header } = receipt.statement;
  const body = isA(header, 'centre.succeed/1') ? header.body : null;
  const keys = body ? body.keys : isA(header, 'centre.open/1') ? header.body.logs : [];
  const named = body ? body.log === origin && header.id === successionId(origin) : from === 0;
  const same = keys.length === logs.length && keys.every((key) => logs.includes(key));
  if (header.party !== connection.centreParty || !named || !same || receipt.record.index !== from)
    throw new Refusal('read.unproven', { at: '/history', detail: `not what opened ${origin}` });
  return receipt;
}

/** Null: the centre never had it. @throws as `openingOf` */
export async function pastLog(
  connection: Connection,
  { history }: CentreInfo,
  origin: string,
): Promise<PastLog | null> {
  const i = history.findIndex((log) => log.origin === origin);
  const [log, after] = [history[i], history[i + 1]];
  if (!log || !after) return null;
  const [, next] = [await openingOf(connection, log), await openingOf(connection, after)];
  return {
    trust: { origin, logs: log.logs.map(parseVkey), witnesses: [] },
    ended: next.record.index,
    next: next.statement.header as Succession,
  };
}

/**
 * What happened between the log that is known and the one that the centre keeps.
 * @param connection whose log is the new one, of which nothing is kept before this is told
 * @throws read.unproven, proof.*, chain.broken, signature.invalid
 */
export async function checkSuccession(
  connection: Connection,
  info: CentreInfo,
  { origin, remembered }: KnownLog,
): Promise<SuccessionNews> {
  const known = logNumber(info.centre, origin) ?? 0;
  const since = info.history.filter((log) => (logNumber(info.centre, log.origin) ?? 0) > known);
  const receipts: Receipt[] = [];
  for (const log of since) receipts.push(await openingOf(connection, log));
  const [first, last] = [receipts[0], since.at(-1)];
  const sameKeys =
    last?.logs.length === info.logs.length && info.logs.every((key) => last.logs.includes(key));
  if (!first || last?.origin !== info.origin || !sameKeys)
    throw new Refusal('read.unproven', { at: '/history', detail: `nothing has opened ${info.origin}` });
  const opening = first.statement.header as Succession;
  const from = first.record.index;
  const seen = await seenOf(remembered, origin);
  const verdict = verdictOn(opening, from, seen?.checkpoint.size ?? 0);
  // All that was seen stands in the tree of the next log: else it is another history.
  if (seen && verdict === 'continued') await connection.log.agrees(seen, utf8(remembered?.checkpoint ?? ''));
  return {
    ...{ before: origin, log: info.origin, why: opening.body.why, verdict, from },
    ...{ seen: seen?.checkpoint.size ?? 0, missing: opening.body.missing },
    statement: { party: opening.party, id: opening.id },
  };
}

async function seenOf(remembered: Remembered | null, origin: string): Promise<OpenedCheckpoint | null> {
  if (!remembered?.checkpoint) return null;
  const logs = remembered.logs.map(parseVkey);
  return openCheckpoint(utf8(remembered.checkpoint), { origin, logs, witnesses: [] });
}
