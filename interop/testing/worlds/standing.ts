/** Rooms: opened, joined, left, under old terms and new ones. */
import { base64 } from '@parley/core/bytes.ts';
import type { RoomRole } from '@parley/core/kinds.ts';
import { partLeaf } from '@parley/core/parts.ts';
import { roomId } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import type { History } from './history.ts';
import { comesIn, members, type Room, type Stand, type TermsAt } from './model.ts';
import type { Party } from './pair.ts';

/** Undertakings name nobody, so that every roster may have them. */
const undertakings = [
  { id: 'report', by: 'each' as const, text: 'Each reports.', inReturnFor: [] },
  { id: 'routes', by: 'each' as const, text: 'Each shares its routes.', inReturnFor: ['report'] },
];

function someTerms(h: History, supervisor: string | null): Terms {
  const { dice } = h;
  return {
    title: `Room ${dice.below(1_000)}`,
    purposes: [
      'event-security',
      ...dice.some(['threat-prevention', 'public-information', 'x-inner'], 3),
    ].filter((_, i) => i === 0 || !dice.oneIn(4)),
    own: [{ id: 'x-inner', title: 'Inner', basis: 'the terms' }],
    handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
    retention: null,
    past: dice.oneIn(3),
    roster: dice.oneIn(2),
    conditions: `Condition ${dice.below(1_000)}.`,
    undertakings,
    supervisor,
  };
}

function offer(h: History, terms: Terms): { part: ReturnType<History['part']>; offered: TermsAt } {
  const part = h.part(terms);
  return { part, offered: { terms, hash: base64(partLeaf(part)) } };
}

export function openRoom(
  h: History,
  { owner, mixed, hidden, supervisor = null }: OpenRoom & { supervisor?: string | null },
): Room {
  const { part, offered } = offer(h, someTerms(h, supervisor));
  const name = `${mixed ? 'M' : 'A'}${h.rooms.length}`;
  const ref = h.say(owner, 'room.open/1', {}, { parts: [part], hidden, must: true, words: name });
  const stand: Stand = { state: 'in', as: 'member', accepted: offered, hidden };
  const room: Room = {
    ...{ name, id: roomId(ref), owner, mixed, hidden, offered },
    ...{ stands: new Map([[owner, stand]]), watched: supervisor === h.viewer.id, closed: false },
  };
  h.rooms.push(room);
  return room;
}

interface OpenRoom {
  readonly owner: Party;
  readonly mixed: boolean;
  readonly hidden: boolean;
}

export function invite(h: History, room: Room, party: Party, as: RoomRole, hidden: boolean): void {
  h.say(
    room.owner,
    'room.invite/1',
    { party: party.id, as },
    { room, hidden, must: true, words: party.name },
  );
  const accepted = room.stands.get(party)?.accepted ?? null;
  room.stands.set(party, { state: 'invited', as, accepted, hidden });
}

export function accept(h: History, room: Room, party: Party, hidden: boolean): void {
  const stand = room.stands.get(party);
  if (!stand) return;
  h.say(party, 'room.accept/1', { terms: room.offered.hash }, { room, hidden, must: true });
  const comes = stand.state !== 'in';
  stand.state = 'in';
  stand.accepted = room.offered;
  if (comes && party === h.viewer) comesIn(room, h.said);
}

/** As what a party may be invited now. */
function roleFor(h: History, room: Room, party: Party): RoomRole {
  if (room.offered.terms.supervisor === party.id) return 'supervisor';
  return h.dice.oneIn(3) ? 'observer' : 'member';
}

/**
 * Who stands in a room of the viewer's in the second world alone: a member whose terms hide the roster, in a room
 * that is not the viewer's own.
 */
function mayHide(h: History, room: Room, party: Party): boolean {
  if (!room.mixed || room.closed) return party !== h.viewer;
  return (
    h.cast.hidden.includes(party) &&
    room.owner !== h.viewer &&
    // Who supervises learns who accepted terms that name it.
    !room.watched &&
    !(room.stands.get(party)?.accepted ?? room.offered).terms.roster
  );
}

/** Nobody who stands in one of the viewer's rooms in both worlds comes or goes in one alone. */
function hiddenFor(h: History, room: Room, party: Party): boolean | null {
  const must = room.hidden || (room.mixed && h.cast.hidden.includes(party));
  const touched = room.closed || room.stands.get(party)?.hidden === true;
  return h.hide(mayHide(h, room, party) && (must || touched), must || touched);
}

export function someoneJoins(h: History): boolean {
  const room = h.dice.pick(h.rooms);
  if (!room) return false;
  const invited = [...room.stands].filter(([, { state }]) => state === 'invited').map(([party]) => party);
  const [waiting] = h.dice.some(invited, 1);
  if (waiting && !h.dice.oneIn(4)) return joins(h, room, waiting);
  const others = [...h.cast.common, ...h.cast.hidden, h.cast.watcher, ...(room.mixed ? [h.viewer] : [])];
  const outside = others.filter((party) => (room.stands.get(party)?.state ?? 'out') === 'out');
  const party = h.dice.pick(outside);
  if (!party || (party === h.viewer && room.closed)) return false;
  const hidden = hiddenFor(h, room, party);
  if (hidden === null) return false;
  const role = roleFor(h, room, party);
  if (party === h.cast.watcher && role !== 'supervisor') return false;
  if (hidden && room.mixed && !room.closed && role !== 'member') {
    invite(h, room, party, 'member', hidden);
    return true;
  }
  invite(h, room, party, role, hidden);
  return true;
}

function joins(h: History, room: Room, party: Party): boolean {
  const stand = room.stands.get(party);
  if (!stand) return false;
  // Terms may have changed since it was invited: a hidden member must not accept any that show it.
  const shown = stand.hidden && room.mixed && !room.closed && room.offered.terms.roster;
  if (shown || (stand.as === 'supervisor') !== (room.offered.terms.supervisor === party.id)) return false;
  accept(h, room, party, stand.hidden);
  return true;
}

export function someoneGoes(h: History): boolean {
  const room = h.dice.pick(h.rooms);
  const here = room ? [...room.stands].filter(([party]) => party !== room.owner) : [];
  const [party, stand] = h.dice.pick(here) ?? [];
  if (!room || !party || !stand) return false;
  const hidden = hiddenFor(h, room, party);
  if (hidden === null || (hidden && !stand.hidden && room.mixed && !room.closed)) return false;
  const must = true;
  const say = (by: Party, kind: Parameters<History['say']>[1], body: object) => {
    h.say(by, kind, body, { room, hidden, must, words: party === by ? '' : party.name });
    return true;
  };
  const concerned = { party: party.id };
  if (stand.state === 'invited') {
    stand.state = 'out';
    return h.dice.oneIn(2)
      ? say(room.owner, 'room.withdraw/1', concerned)
      : say(party, 'room.decline/1', { terms: room.offered.hash });
  }
  if (stand.state === 'suspended') {
    stand.state = 'in';
    if (party === h.viewer) comesIn(room, h.said);
    return say(room.owner, 'room.restore/1', concerned);
  }
  if (stand.state !== 'in') return false;
  if (stand.as !== 'supervisor' && h.dice.oneIn(2)) {
    stand.state = 'suspended';
    return say(room.owner, 'room.suspend/1', concerned);
  }
  stand.state = 'out';
  // As long as the terms name who supervises, the owner does not remove it.
  if (stand.as === 'supervisor' || h.dice.oneIn(2)) return say(party, 'room.leave/1', {});
  return say(room.owner, 'room.remove/1', concerned);
}

/** New terms, which those who are in accept or not. Where the viewer is out for good, it learns nothing of them. */
export function newTerms(h: History): boolean {
  const room = h.dice.pick(h.rooms);
  if (!room) return false;
  const viewer = room.stands.get(h.viewer)?.state ?? 'out';
  if (room.mixed && viewer === 'out' && room.stands.has(h.viewer) && room.owner !== h.viewer)
    room.closed = true;
  const hidden = room.hidden || room.closed;
  const before = room.offered.terms.supervisor ?? null;
  // Who supervises is named again or no more: to name another would want it out of the room first.
  const { part, offered } = offer(h, someTerms(h, h.dice.oneIn(3) ? null : before));
  h.say(room.owner, 'room.terms/1', {}, { room, parts: [part], hidden, must: true });
  room.offered = offered;
  const owner = room.stands.get(room.owner);
  if (owner) owner.accepted = offered;
  for (const party of members(room, ['member', 'observer'])) {
    const stand = room.stands.get(party);
    if (party === room.owner || !stand || h.dice.oneIn(2)) continue;
    if (stand.hidden && room.mixed && !room.closed && offered.terms.roster) continue;
    if (party === h.viewer && hidden) continue;
    accept(h, room, party, hidden || stand.hidden);
  }
  return true;
}
