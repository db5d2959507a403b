/** Which parts of a share a party could see at all, under some purpose and with a justification: admission asks. */
import type { Instant } from '@parley/core/fields.ts';
import { handlingOf } from '@parley/core/statement.ts';
import { gather } from './evidence.ts';
import type { Sources, Stay } from './sources.ts';
import { openStreams } from './streams.ts';
import { lookOfParty } from './viewer.ts';

/** @returns by part number, where the part stands for the party */
export async function partyReaches(
  party: string,
  index: number,
  sources: Sources,
): Promise<ReadonlyMap<number, Instant>> {
  const look = await lookOfParty(party, sources);
  const [record] = await sources.log.records([index]);
  const handling = record && handlingOf(record.header);
  if (!look || !handling) return new Map();
  const numbers = Array.from({ length: record.header.parts?.count ?? 0 }, (_, n) => n);
  const opening = await openStreams(look, null);
  const reached = new Map<number, Instant>();
  /** @returns whether something is locked */
  const lookFor = async (purpose: string | null) => {
    const looker = { ...look.looker, purpose };
    const evidence = (await gather({ ...look, looker }, opening, [index])).get(index);
    const decisions = numbers.map((n) => ({ n, decision: evidence?.decide(n) }));
    for (const { n, decision } of decisions)
      if (decision?.verdict === 'permit')
        reached.set(n, Math.min(decision.position, reached.get(n) ?? decision.position));
    return decisions.some(({ decision }) => decision?.verdict === 'locked');
  };
  // What no purpose opens is locked, too: the party will never see it, so it must not learn of it here.
  if (await lookFor(null)) for (const purpose of handling.purposes) await lookFor(purpose);
  return reached;
}

/**
 * The same, with what it could see until it left, was suspended, or had it withheld from it: that stays another's, and
 * is not passed on more widely than its originator allowed. It is judged as at the last moment of each role in which it
 * stood there; of what was said later, or was closed to it throughout, it is told nothing.
 */
export async function partyReached(
  party: string,
  index: number,
  sources: Sources,
): Promise<ReadonlyMap<number, Instant>> {
  const now = await partyReaches(party, index, sources);
  const [record] = await sources.log.records([index]);
  const room = record && (await sources.rooms.room(record.header.room ?? ''));
  if (!record || !room) return now;
  const stood = ({ from, to }: { readonly from: Instant; readonly to: Instant | null }) =>
    from <= record.instant && (to === null || record.instant < to);
  const stays = (await sources.rooms.staysOf(party)).get(room.no) ?? [];
  const suspended = (await sources.undertakings.suspensionsFrom(party)).some(
    ({ room: id, party: by, at, resumed }) =>
      id === room.id && by === record.header.party && stood({ from: at, to: resumed }),
  );
  const open = stays.some(stood) && !suspended;
  const narrowing = { ...sources.narrowing, withheld: async () => new Map() };
  const undertakings = { ...sources.undertakings, suspensionsFrom: async () => [] };
  const before = open ? { ...sources, narrowing, undertakings } : sources;
  const reached = new Map(now);
  for (const last of [...new Map(stays.map((stay) => [stay.role, stay])).values()]) {
    if (last.to !== null && last.to <= record.instant) continue;
    const then = { ...before, rooms: roomsThen(party, room.no, last, sources.rooms) };
    for (const [n, at] of await partyReaches(party, index, then))
      reached.set(n, Math.min(at, reached.get(n) ?? at));
  }
  return reached;
}

/** As if the stay went on, under the terms that the party accepted last. */
function roomsThen(party: string, room: number, last: Stay, rooms: Sources['rooms']): Sources['rooms'] {
  const then = { state: 'member' as const, role: last.role, suspended: false };
  return {
    ...rooms,
    standingsOf: async (id) =>
      (await rooms.standingsOf(id)).map((each) =>
        id === party && each.room === room ? { ...each, ...then } : each,
      ),
    staysOf: async (id) => {
      const all = await rooms.staysOf(id);
      const until = (all.get(room) ?? []).filter(({ from }) => from <= last.from);
      const open = until.map((stay) => (stay.from === last.from ? { ...stay, to: null, toGen: null } : stay));
      return id === party ? new Map([...all, [room, open]]) : all;
    },
  };
}

/** Whether the party sees the header of a statement that is not content: no purpose closes it. */
export async function partySees(party: string, index: number, sources: Sources): Promise<boolean> {
  const look = await lookOfParty(party, sources);
  if (!look) return false;
  const opening = await openStreams(look, null);
  const evidence = (await gather(look, opening, [index])).get(index);
  return evidence?.decide(null).verdict === 'permit';
}

/** Whether it sees the header of a statement, content or not: under some purpose, or what is left of it. */
export async function partyKnows(party: string, index: number, sources: Sources): Promise<boolean> {
  const look = await lookOfParty(party, sources);
  const [record] = await sources.log.records([index]);
  if (!look || !record) return false;
  const opening = await openStreams(look, null);
  for (const purpose of [null, ...(handlingOf(record.header)?.purposes ?? [])]) {
    const looker = { ...look.looker, purpose };
    const evidence = (await gather({ ...look, looker }, opening, [index])).get(index);
    const verdict = evidence?.decide(null).verdict;
    if (verdict === 'permit' || verdict === 'header') return true;
  }
  return false;
}
