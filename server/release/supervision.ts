/** What who supervises a room reads of it: accesses with their justifications, and numbers. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Verdict } from '@parley/core/kinds-supervision.ts';
import { lookOfDevice } from './own.ts';
import { beyondAmong } from './persons.ts';
import { refAt } from './refs.ts';
import { type Released, released } from './released.ts';
import type { RoomFacts, Sources, Stay } from './sources.ts';
import { supervises } from './streams.ts';
import type { Look, Viewer } from './viewer.ts';

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
/** No answer looks at more of them: from there it is asked again. */
const most = 10_000;

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
  const { found, next } = await accessesIn(supervised, { ...page, from: 0 }, sources, read);
  const accesses: SupervisedAccess[] = [];
  for (const { list, place: _, ...access } of found)
    accesses.push({ ...access, statements: await refsOf(list, sources) });
  return released({ accesses, next: next === null ? null : seal(next) });
}

interface Search {
  readonly after: number | null;
  readonly limit: number;
  /** Nothing before it. */
  readonly from: Instant;
}

/** Newest first; ends with as many as are wanted, or where enough of the journal was looked at. */
async function accessesIn(
  supervised: Supervised,
  { after: start, limit, from }: Search,
  sources: Sources,
  read: ReadJournal,
): Promise<{ found: readonly JournalAccess[]; next: number | null }> {
  const parties = [...supervised.parties.keys()];
  const since = [...supervised.parties.values()].map((agreed) => agreed.since);
  const first = Math.max(from, Math.min(...since));
  const found: JournalAccess[] = [];
  let after = start;
  for (let looked = 0; parties.length > 0 && looked < most; looked += atOnce) {
    const { accesses, next } = await read(parties, after, atOnce);
    found.push(...(await inRoom(accesses, supervised, sources)).filter(({ at }) => at >= from));
    // One more than the limit, counted in released rows.
    if (found.length > limit) return { found: found.slice(0, limit), next: found[limit - 1]?.place ?? null };
    if (next === null || (accesses.at(-1)?.at ?? 0) < first) return { found, next: null };
    after = next;
  }
  return { found, next: parties.length > 0 ? after : null };
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
  /** Where to go on, and add; null: these are all accesses. */
  readonly next: string | null;
}

/**
 * @param page accesses since then, from a place of the journal on
 * @param seal makes a cursor of a place of the journal
 * @throws absent, room.not-supervisor, session.needed
 */
export async function releaseStatistics(
  viewer: Viewer,
  room: string,
  { from, after }: { readonly from: Instant; readonly after: number | null },
  sources: Sources,
  read: ReadJournal,
  seal: (place: number) => string,
): Promise<Released<Statistics>> {
  const supervised = await supervisedIn(viewer, room, sources);
  const counts = new Map<string, { accesses: number; parts: number; justified: number }>();
  const search = { after, limit: Number.POSITIVE_INFINITY, from };
  const { found, next } = await accessesIn(supervised, search, sources, read);
  for (const { party, purpose, justification, list } of found) {
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
  const complaints = await countComplaints(supervised, sources);
  return released({ from, accesses, complaints, next: next === null ? null : seal(next) });
}

async function countComplaints(
  { me, room, look }: Supervised,
  sources: Sources,
): Promise<Statistics['complaints']> {
  const counts = new Map<string, number>();
  const all = await sources.complaints.complaintsOf(me);
  const beyond = await beyondAmong(
    look,
    all.map(({ index }) => index),
  );
  for (const { index, about, supervisor, answers, ...complaint } of all) {
    if (complaint.room !== room.id || supervisor !== me || beyond.has(index)) continue;
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
  readonly look: Look;
  readonly me: string;
  readonly room: RoomFacts;
  readonly parties: ReadonlyMap<string, Agreed>;
}

/** A party whose terms name who supervises. */
export interface Agreed {
  readonly no: number;
  readonly since: Instant;
  readonly stays: readonly Stay[];
}

/** To others who stand there it is refused; to who may not know of the room, it is not there. */
async function supervisedIn(viewer: Viewer, id: string, sources: Sources): Promise<Supervised> {
  const look = await lookOfDevice(viewer, sources);
  const room = await sources.rooms.room(id);
  const stand = room && look.rooms.get(room.no);
  if (!room || !stand) throw new Refusal('absent');
  if (!supervises(stand)) throw new Refusal('room.not-supervisor');
  const me = look.party.id;
  return { look, me, room, parties: await agreedTo(me, room.no, sources) };
}

/** Parties that accepted terms of the room which name this one as its supervisor, also those that have left since. */
export async function agreedTo(
  supervisor: string,
  room: number,
  sources: Sources,
): Promise<ReadonlyMap<string, Agreed>> {
  const parties = new Map<string, Agreed>();
  for (const { party, role, accepted, agreedAt: since } of await sources.rooms.standings(room)) {
    const facts = role === 'supervisor' ? null : await sources.parties.party(party);
    if (!facts || since === null || accepted?.terms.supervisor !== supervisor) continue;
    const stays = (await sources.rooms.staysOf(party)).get(room) ?? [];
    parties.set(party, { no: facts.no, since, stays });
  }
  return parties;
}

/** Those accesses by who had agreed then and was in, with what of them is of the room and of who agreed, that have any. */
async function inRoom(
  accesses: readonly JournalAccess[],
  { look, room, parties }: Supervised,
  sources: Sources,
): Promise<readonly JournalAccess[]> {
  const bound = accesses.filter(({ party, at }) => isBound(parties.get(party), at));
  const authors = new Set([...parties.values()].map(({ no }) => no));
  const indexes = bound.flatMap(({ list }) => list.map(({ index }) => index));
  const shares = await sources.objects.shares([...new Set(indexes)]);
  const beyond = await beyondAmong(look, [...shares.keys()]);
  const isOf = ({ index }: { readonly index: number }) => {
    const share = shares.get(index);
    return share?.room === room.no && !beyond.has(index) && authors.has(share.party);
  };
  return bound
    .map((access) => ({ ...access, list: access.list.filter(isOf) }))
    .filter(({ list }) => list.length > 0);
}

/** Neither before it agreed nor while it was out. */
function isBound(agreed: Agreed | undefined, at: Instant): boolean {
  if (!agreed || at < agreed.since) return false;
  return agreed.stays.some(({ from, to }) => from <= at && (to === null || at < to));
}

async function refsOf(
  list: JournalAccess['list'],
  sources: Sources,
): Promise<SupervisedAccess['statements']> {
  return Promise.all(
    list.map(async ({ index, parts }) => ({ ...(await refAt(sources, index)), parts: [...parts] })),
  );
}
