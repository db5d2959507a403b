/** What is held against erasure, and what persons asked: of what the viewer may see, and of what its party said. */
import { type Instant, instantOf, type StatementRef } from '@parley/core/fields.ts';
import { placeOf } from '@parley/core/parts.ts';
import type { Task } from './dues.ts';
import { gather } from './evidence.ts';
import { lookAsParty } from './own.ts';
import { refAt } from './refs.ts';
import { type Released, released } from './released.ts';
import type { NoticeFacts, Sources } from './sources.ts';
import type { HoldFacts, SubjectFacts } from './sources-law.ts';
import { openStreams } from './streams.ts';
import type { Look, Viewer } from './viewer.ts';

export interface HoldView {
  readonly statement: StatementRef;
  readonly target: StatementRef;
  readonly room: string;
  readonly parts: readonly number[];
  readonly basis: string;
  readonly review: Instant;
  readonly until: Instant | null;
  readonly at: Instant;
  readonly reviewed: Instant | null;
  readonly ended: Instant | null;
}

/** What the viewer's party kept of what others took back, as it answered. */
export interface KeptView {
  readonly notice: StatementRef;
  readonly target: StatementRef;
  readonly room: string;
  readonly parts: readonly number[];
  readonly basis: string;
  readonly until: Instant;
  readonly at: Instant;
  /** The end has come. */
  readonly over: boolean;
}

export interface HoldsView {
  readonly holds: readonly HoldView[];
  readonly kept: readonly KeptView[];
}

/** The party's own, ended ones too; others' that stand on what it may see. @throws session.needed */
export async function releaseHolds(viewer: Viewer, sources: Sources): Promise<Released<HoldsView>> {
  const look_ = await lookAsParty(viewer, sources);
  const own = await sources.law.holdsBy(look_.party.id);
  const others = (await sources.law.holdsIn(await roomsOf(look_))).filter(
    ({ party }) => party !== look_.party.id,
  );
  const all = [...own, ...others].sort((a, b) => a.at - b.at);
  const rows = await seenOf(look_, all);
  const holds = await Promise.all(rows.map((row) => holdView(row, sources)));
  const notices = await sources.recalls.noticesTo(look_.party.id);
  const kept = await keptAmong(await seenOf(look_, notices), sources);
  return released({ holds, kept });
}

/** Those whose statements the viewer may see now: a device may be limited to some rooms. */
async function seenOf<T extends { readonly index: number }>(look_: Look, rows: readonly T[]): Promise<T[]> {
  const indexes = rows.map(({ index }) => index);
  const evidence = await gather(look_, await openStreams(look_, null), indexes);
  return rows.filter(({ index }) => evidence.get(index)?.decide(null).verdict === 'permit');
}

/** Ids of the rooms in which the party is or was, or to which something reaches it in another way. */
async function roomsOf(look_: Look): Promise<string[]> {
  const wide = await look_.sources.objects.streams([], ['public', `grant:${look_.party?.no}`]);
  const numbers = new Set([...look_.rooms.keys(), ...wide.map(({ room }) => room)]);
  numbers.delete(0);
  return Promise.all([...numbers].map(async (no) => (await look_.sources.rooms.byNumber(no)).id));
}

async function holdView(row: HoldFacts, sources: Sources): Promise<HoldView> {
  const { index, target, parts, party: _, ...rest } = row;
  return {
    ...rest,
    statement: await refAt(sources, index),
    target: await refAt(sources, target),
    parts: parts.map((part) => placeOf(part).n),
  };
}

async function keptAmong(notices: readonly NoticeFacts[], sources: Sources): Promise<KeptView[]> {
  const kept: KeptView[] = [];
  for (const notice of notices) {
    const { answer, basis, until, answeredAt, room, parts } = notice;
    if (answer !== 'kept' || basis === null || until === null) continue;
    kept.push({
      notice: await refAt(sources, notice.index),
      target: await refAt(sources, notice.target),
      room,
      parts,
      basis,
      until: instantOf(until),
      at: answeredAt ?? notice.at,
      over: instantOf(until) <= sources.now,
    });
  }
  return kept;
}

export interface SubjectView {
  readonly statement: StatementRef;
  readonly target: StatementRef;
  readonly room: string;
  /** Null: all of them. */
  readonly parts: readonly number[] | null;
  readonly asker: string;
  readonly originator: string;
  readonly request: SubjectFacts['request'];
  readonly due: Instant;
  readonly at: Instant;
  readonly answer: SubjectFacts['answer'];
  readonly basis: string | null;
  readonly answered: Instant | null;
  /** Open, and the deadline has passed; or answered after it. */
  readonly overdue: boolean;
}

/** Asked by the viewer's party, and of it; by their deadlines. @throws session.needed */
export async function releaseSubjects(
  viewer: Viewer,
  sources: Sources,
): Promise<Released<{ requests: readonly SubjectView[] }>> {
  const look_ = await lookAsParty(viewer, sources);
  const requests: SubjectView[] = [];
  for (const row of await seenOf(look_, await sources.law.requestsOf(look_.party.id))) {
    const { index, target, answeredAt, ...rest } = row;
    requests.push({
      ...rest,
      statement: await refAt(sources, index),
      target: await refAt(sources, target),
      answered: answeredAt,
      overdue: (answeredAt ?? sources.now) > row.due,
    });
  }
  return released({ requests: requests.sort((a, b) => a.due - b.due) });
}

/** Holds whose review has come, and what persons wait for. */
export async function lawTasks(
  look_: Look & { readonly party: { readonly id: string } },
  sources: Sources,
): Promise<readonly Task[]> {
  const party = look_.party.id;
  const tasks: Task[] = [];
  const due = (await sources.law.holdsBy(party)).filter(
    ({ ended, review }) => ended === null && review <= sources.now,
  );
  for (const { index, room, basis, review } of await seenOf(look_, due)) {
    const statement = await refAt(sources, index);
    tasks.push({ what: 'hold', room, since: review, statement, party, detail: basis, due: review });
  }
  const open = (await sources.law.requestsOf(party)).filter(
    ({ originator, answer }) => originator === party && answer === null,
  );
  for (const { index, room, asker, request, due, at } of await seenOf(look_, open)) {
    const statement = await refAt(sources, index);
    tasks.push({ what: 'subject', room, since: at, statement, party: asker, detail: request, due });
  }
  return tasks;
}

/** Of what a record took back: what is still held, and since when the rest could be erased. */
export async function erasureOf(
  index: number,
  at: Instant,
  sources: Sources,
): Promise<{ readonly held: readonly number[]; readonly from: Instant }> {
  const parts = await sources.objects.takenBy(index);
  const held = await sources.law.held(parts);
  const from = Math.max(at, (await sources.law.lastHoldEnded(parts)) ?? 0);
  return { held: [...held].map((part) => placeOf(part).n).sort((a, b) => a - b), from };
}
