/** What who supervises a room reads of it: accesses with their justifications, and numbers. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Verdict } from '@parley/core/kinds-supervision.ts';
import { lookOfDevice } from './own.ts';
import { refAt } from './refs.ts';
import { type Released, released } from './released.ts';
import type { RoomFacts, Sources } from './sources.ts';
import { supervises } from './streams.ts';
import type { Viewer } from './viewer.ts';

/** One access, as the journal has it. */
export interface JournalAccess {
  readonly place: number;
  readonly at: Instant;
  readonly party: string;
  readonly device: string;
  readonly person?: string | null;
  readonly purpose: string;
  readonly justification: string | null;
  readonly route: string;
  readonly list: readonly { readonly index: number; readonly parts: readonly number[] }[];
}

/** Newest first, of these parties; from a place of the journal on. */
export type ReadJournal = (
  parties: readonly string[],
  after: number | null,
  limit: number,
) => Promise<{ readonly accesses: readonly JournalAccess[]; readonly next: number | null }>;

export interface SupervisedAccess extends Omit<JournalAccess, 'list' | 'place'> {
  readonly statements: readonly (StatementRef & { readonly parts: readonly number[] })[];
}

/** Rows of the journal looked at together. */
const atOnce = 500;

/**
 * Accesses to what was said in the room, by parties that agreed to being supervised, to what such parties said.
 * @param seal makes a cursor of a place of the journal
 * @throws absent, room.not-supervisor, session.needed
 */
export async function releaseSupervisedAccesses(
  viewer: Viewer,
  room: string,
  page: { readonly after: number | null; readonly limit: number },
  sources: Sources,
  read: ReadJournal,
  seal: (place: number) => string,
): Promise<Released<{ accesses: readonly SupervisedAccess[]; next: string | null }>> {
  const supervised = await supervisedIn(viewer, room, sources);
  const found: JournalAccess[] = [];
  // One more than the limit, counted in released rows: what was read elsewhere ends no page.
  for await (const access of accessesIn(supervised, page.after, sources, read)) {
    found.push(access);
    if (found.length > page.limit) break;
  }
  const shown = found.slice(0, page.limit);
  const last = shown.at(-1);
  const accesses: SupervisedAccess[] = [];
  for (const { list, place: _, ...access } of shown)
    accesses.push({ ...access, statements: await refsOf(list, sources) });
  return released({ accesses, next: found.length > page.limit && last ? seal(last.place) : null });
}

/** Newest first. */
async function* accessesIn(
  supervised: Supervised,
  from: number | null,
  sources: Sources,
  read: ReadJournal,
): AsyncGenerator<JournalAccess> {
  const parties = [...supervised.parties.values()];
  for (let after = from; parties.length > 0; ) {
    const { accesses, next } = await read(parties, after, atOnce);
    yield* await inRoom(accesses, supervised, sources);
    if (next === null) return;
    after = next;
  }
}

export interface Statistics {
  readonly from: Instant;
  readonly accesses: readonly {
    readonly party: string;
    readonly purpose: string;
    readonly accesses: number;
    readonly parts: number;
    /** Of them, with a justification. */
    readonly justified: number;
  }[];
  readonly complaints: readonly {
    readonly about: string;
    /** Of who decides; null: open. */
    readonly verdict: Verdict | null;
    readonly count: number;
  }[];
}

/** @param from accesses since then @throws absent, room.not-supervisor, session.needed */
export async function releaseStatistics(
  viewer: Viewer,
  room: string,
  from: Instant,
  sources: Sources,
  read: ReadJournal,
): Promise<Released<Statistics>> {
  const supervised = await supervisedIn(viewer, room, sources);
  const counts = new Map<string, { accesses: number; parts: number; justified: number }>();
  for await (const { at, party, purpose, justification, list } of accessesIn(
    supervised,
    null,
    sources,
    read,
  )) {
    if (at < from) break;
    const key = JSON.stringify([party, purpose]);
    const sum = counts.get(key) ?? { accesses: 0, parts: 0, justified: 0 };
    counts.set(key, {
      accesses: sum.accesses + 1,
      parts: sum.parts + list.reduce((parts, each) => parts + each.parts.length, 0),
      justified: sum.justified + Number(justification !== null),
    });
  }
  const accesses = [...counts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, sums]) => {
      const [party = '', purpose = ''] = JSON.parse(key) as string[];
      return { party, purpose, ...sums };
    });
  return released({ from, accesses, complaints: await countComplaints(supervised, sources) });
}

async function countComplaints(
  { me, room }: Supervised,
  sources: Sources,
): Promise<Statistics['complaints']> {
  const counts = new Map<string, number>();
  for (const { about, supervisor, answers, ...complaint } of await sources.complaints.complaintsOf(me)) {
    if (complaint.room !== room.id || supervisor !== me) continue;
    const key = JSON.stringify([about, answers.find(({ party }) => party === me)?.verdict ?? null]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => {
      const [about, verdict] = JSON.parse(key) as [string, Verdict | null];
      return { about, verdict, count };
    });
}

interface Supervised {
  readonly me: string;
  readonly room: RoomFacts;
  /** Ids, by their numbers, of those whose terms name who supervises. */
  readonly parties: ReadonlyMap<number, string>;
}

/** To others who stand there it is refused; to who may not know of the room, it is not there. */
async function supervisedIn(viewer: Viewer, id: string, sources: Sources): Promise<Supervised> {
  const look = await lookOfDevice(viewer, sources);
  const room = await sources.rooms.room(id);
  const stand = room && look.rooms.get(room.no);
  if (!room || !stand) throw new Refusal('absent');
  if (!supervises(stand)) throw new Refusal('room.not-supervisor');
  const me = look.party.id;
  return { me, room, parties: await agreedTo(me, room.no, sources) };
}

/** Parties that accepted terms of the room which name this one as its supervisor, also those that have left since. */
export async function agreedTo(
  supervisor: string,
  room: number,
  sources: Sources,
): Promise<ReadonlyMap<number, string>> {
  const parties = new Map<number, string>();
  for (const { party, role, accepted } of await sources.rooms.standings(room)) {
    const facts = role === 'supervisor' ? null : await sources.parties.party(party);
    if (facts && accepted?.terms.supervisor === supervisor) parties.set(facts.no, party);
  }
  return parties;
}

/** Those accesses, with what of them is of the room and of who agreed, that have any. */
async function inRoom(
  accesses: readonly JournalAccess[],
  { room, parties }: Supervised,
  sources: Sources,
): Promise<readonly JournalAccess[]> {
  const indexes = accesses.flatMap(({ list }) => list.map(({ index }) => index));
  const shares = await sources.objects.shares([...new Set(indexes)]);
  const isOf = ({ index }: { readonly index: number }) => {
    const share = shares.get(index);
    return share?.room === room.no && parties.has(share.party);
  };
  return accesses
    .map((access) => ({ ...access, list: access.list.filter(isOf) }))
    .filter(({ list }) => list.length > 0);
}

async function refsOf(
  list: JournalAccess['list'],
  sources: Sources,
): Promise<SupervisedAccess['statements']> {
  return Promise.all(
    list.map(async ({ index, parts }) => ({ ...(await refAt(sources, index)), parts: [...parts] })),
  );
}
