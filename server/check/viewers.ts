/**
 * SQL narrows, the policy decides: here both answer for themselves. For many viewers every record is judged one by
 * one, and what may be seen must be what the pages give, in both directions, row by row.
 */

import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import { partNumber } from '@parley/core/parts.ts';
import { purposes as shipped } from '@parley/core/purposes.ts';
import { handlingOf } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import { releasePage } from '../release/content.ts';
import { gather } from '../release/evidence.ts';
import { releaseHeadings } from '../release/headings.ts';
import type { Sources } from '../release/sources.ts';
import { openStreams } from '../release/streams.ts';
import { look, publicViewer, type Viewer } from '../release/viewer.ts';
import { type Moment, sourcesAt } from '../sources.ts';
import { checking, corrupt } from './corrupt.ts';

/** Headers and parts judged in one check, about: with more of them, fewer viewers look. */
const judgements = 500_000;
const atOnce = 256;

export interface ViewersReport {
  readonly viewers: number;
  /** Parts and headers that they may see. */
  readonly rows: number;
}

/** @param parts how many parts the log has */
export async function checkViewers(
  moment: Moment,
  now: Instant,
  parts: number,
  progress: (done: number, of: number) => void,
): Promise<ViewersReport> {
  const size = (await moment.log.head())?.size ?? 0;
  const sources = sourcesAt(moment, now, (rule) => {
    throw corrupt('projections/visible', `SQL offers what the policy refuses: ${rule}`);
  });
  const all = await viewersOf(moment, sources);
  const viewers = sample(all, Math.max(2, Math.floor(judgements / Math.max(1, size + parts))));
  const rooms = (await moment.db.selectFrom('room').select('id').orderBy('no').execute()).map(({ id }) => id);
  let rows = 0;
  for (const [done, viewer] of viewers.entries()) {
    progress(done, viewers.length);
    rows += await checking(`viewers/${nameOf(viewer)}`, () => compare(viewer, size, rooms, sources));
  }
  progress(viewers.length, viewers.length);
  return { viewers: viewers.length, rows };
}

/** The public, and each party with each purpose, justified and not. The centre itself speaks, and never looks. */
async function viewersOf({ db }: Moment, sources: Sources): Promise<Viewer[]> {
  const terms = (await db.selectFrom('room').select('terms').execute()).map(
    (row) => JSON.parse(row.terms) as Terms,
  );
  const own = terms.flatMap((each) => each.own.map(({ id }) => id));
  const purposes = [...new Set([...shipped.map(({ id }) => id), ...own])];
  const viewers: Viewer[] = [publicViewer];
  for (const { id: party, no, role } of await sources.parties.all()) {
    if (role === 'centre') continue;
    const devices = await sources.parties.devicesOf(no);
    const live = devices.filter(
      ({ revoked, ends, rights }) =>
        revoked === null && (ends === null || ends > sources.now) && rights.includes('read'),
    );
    // One that sees all that the party may, and those that see less, each in its own way.
    const limits = live.map(({ rooms, personal }) => JSON.stringify([rooms, personal]));
    const apart = live.filter((_, i) => limits.indexOf(limits[i] ?? '') === i).slice(0, 3);
    for (const { id: device } of apart)
      for (const purpose of purposes)
        for (const justification of [null, 'check']) viewers.push({ party, device, purpose, justification });
  }
  return viewers;
}

/** Evenly from the whole list. */
function sample<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most);
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

async function compare(
  viewer: Viewer,
  size: number,
  rooms: readonly string[],
  sources: Sources,
): Promise<number> {
  const { headers, parts } = await judgeAll(viewer, size, sources);
  let rows = headers.size;
  const listed = await headersOf(viewer, sources);
  const given = new Set(listed);
  const wrong = [...given, ...headers].find((index) => headers.has(index) !== given.has(index));
  if (wrong !== undefined || given.size !== listed.length)
    throw corrupt('projections/heading', `record ${wrong ?? 'twice'} in the list of ${nameOf(viewer)}`);
  for (const room of rooms) {
    const right = parts.get(room) ?? [];
    for (const order of ['oldest', 'newest'] as const) {
      const given = await pagesOf(viewer, room, order, sources);
      if (order === 'newest') given.reverse();
      const same = given.length === right.length && given.every((row, i) => row === right[i]);
      if (!same)
        throw corrupt('projections/visible', `the pages of ${nameOf(viewer)} are not what it may see`);
    }
    rows += right.length;
  }
  return rows;
}

/** Headers by index, and the parts of each room as `position part`, in the order of their positions. */
async function judgeAll(viewer: Viewer, size: number, sources: Sources) {
  const look_ = await look(viewer, sources);
  const opening = await openStreams(look_, null);
  const headers = new Set<number>();
  const parts = new Map<string, { position: Instant; part: number }[]>();
  for (let from = 0; from < size; from += atOnce) {
    const indexes = Array.from({ length: Math.min(atOnce, size - from) }, (_, i) => from + i);
    for (const [index, { record, decide }] of await gather(look_, opening, indexes)) {
      const { verdict } = decide(null);
      if (verdict === 'permit' || verdict === 'header') headers.add(index);
      const { header } = record;
      if (!handlingOf(header) || header.room === undefined) continue;
      const inRoom = parts.get(header.room) ?? [];
      parts.set(header.room, inRoom);
      for (let n = 0; n < (header.parts?.count ?? 0); n++) {
        const decision = decide(n);
        if (decision.verdict === 'permit')
          inRoom.push({ position: decision.position, part: partNumber(index, n) });
      }
    }
  }
  const sorted = [...parts].map(([room, rows]): [string, string[]] => [
    room,
    rows.sort((a, b) => a.position - b.position).map(({ position, part }) => `${position} ${part}`),
  ]);
  return { headers, parts: new Map(sorted) };
}

async function headersOf(viewer: Viewer, sources: Sources): Promise<number[]> {
  const indexes: number[] = [];
  for (let after: string | null = null; ; ) {
    const { value } = await releaseHeadings(viewer, { room: null, after, limit: 1_000 }, sources);
    indexes.push(...value.statements.map(({ record }) => record.index));
    after = value.next;
    if (after === null) return indexes;
  }
}

/** Pages of two sizes, so that they end at different places. */
async function pagesOf(
  viewer: Viewer,
  room: string,
  order: 'oldest' | 'newest',
  sources: Sources,
): Promise<string[]> {
  const rows: string[] = [];
  const limit = order === 'oldest' ? 1_000 : 300;
  try {
    for (let after: string | null = null; ; ) {
      const { value } = await releasePage(viewer, { room, after, limit, order, type: null }, sources);
      for (const { record, parts } of value.statements)
        rows.push(...parts.map(({ added, n }) => `${added} ${partNumber(record.index, n)}`));
      after = value.next;
      if (after === null) return rows;
    }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'absent') return [];
    throw error;
  }
}

function nameOf({ party, purpose, justification }: Viewer): string {
  return `${party?.slice(0, 8) ?? 'public'} for ${purpose}${justification === null ? '' : ', justified'}`;
}
