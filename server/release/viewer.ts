/** Who looks, and what its party's memberships are at this moment. */
import type { Instant } from '@parley/core/fields.ts';
import { publicInformation } from '@parley/core/purposes.ts';
import type { Looker } from './decide.ts';
import type { Sources, StandingFacts, Stay } from './sources.ts';

export interface Viewer {
  /** Null: the public. */
  readonly party: string | null;
  readonly device: string | null;
  /** Who sits at it, by a pseudonym: it stays with the reader's own party, as the justification does. */
  readonly person?: string | null;
  readonly purpose: string;
  /** Stays with the reader's own party. */
  readonly justification: string | null;
}

export const publicViewer: Viewer = {
  party: null,
  device: null,
  purpose: publicInformation,
  justification: null,
};

export interface RoomStand {
  readonly standing: StandingFacts;
  readonly stays: readonly Stay[];
  /** Purposes of the terms accepted now; none for who is not a member. */
  readonly accepted: readonly string[];
  /** Parties that suspended an undertaking towards this one: what they shared in the room is withheld from it. */
  readonly withheld: ReadonlySet<string>;
  /** Instant of the last change that could widen what was said there before. */
  readonly epoch: Instant;
}

/** A viewer at one moment of the store: everything that rules need to know of its party. */
export interface Look {
  readonly looker: Looker;
  readonly party: { readonly no: number; readonly id: string } | null;
  readonly rooms: ReadonlyMap<number, RoomStand>;
  /** The only rooms of a device that is limited to them; null or left out: all. */
  readonly only?: ReadonlySet<number> | null;
  /** Changes whenever what was said before could have become visible. */
  readonly epoch: Instant;
  readonly sources: Sources;
}

/** Where a device that was revoked or has ended looks, it sees nothing. */
export async function look(viewer: Viewer, sources: Sources): Promise<Look> {
  const justified = viewer.justification !== null;
  if (viewer.party === null) {
    const looker = { live: true, party: null, purpose: viewer.purpose, justified: false };
    return { looker, party: null, rooms: new Map(), epoch: 0, sources };
  }
  const [party, device] = await Promise.all([
    sources.parties.party(viewer.party),
    viewer.device === null ? null : sources.parties.device(viewer.device),
  ]);
  const live =
    party !== null &&
    device !== null &&
    device.party === party.no &&
    device.revoked === null &&
    (device.ends === null || device.ends > sources.now) &&
    device.rights.includes('read');
  const stands = live
    ? await standsWithin(viewer.party, device?.rooms ?? null, sources)
    : { rooms: new Map<number, RoomStand>(), epoch: 0 };
  const limits = device === null ? null : { rooms: device.rooms, personal: device.personal };
  const looker = { live, party: viewer.party, purpose: viewer.purpose, justified, limits };
  return { looker, party: party && live ? { no: party.no, id: party.id } : null, ...stands, sources };
}

/** A party as such, without a device: justified, and with no purpose yet. Null where there is none. */
export async function lookOfParty(id: string, sources: Sources): Promise<Look | null> {
  const party = await sources.parties.party(id);
  if (!party) return null;
  const looker = { live: true, party: id, purpose: null, justified: true };
  return { looker, party: { no: party.no, id }, ...(await standsOf(id, sources)), sources };
}

/** A device that is limited to rooms stands in no other. */
async function standsWithin(
  party: string,
  only: readonly string[] | null,
  sources: Sources,
): Promise<Pick<Look, 'rooms' | 'only' | 'epoch'>> {
  const all = await standsOf(party, sources);
  if (only === null) return all;
  const found = await Promise.all(only.map((id) => sources.rooms.room(id)));
  const numbers = new Set(found.flatMap((room) => (room ? [room.no] : [])));
  const rooms = new Map([...all.rooms].filter(([no]) => numbers.has(no)));
  const epochs = [...rooms.values()].map(({ epoch }) => epoch);
  return { rooms, only: numbers, epoch: Math.max(0, ...epochs) };
}

async function standsOf(party: string, sources: Sources): Promise<Pick<Look, 'rooms' | 'epoch'>> {
  const rooms = new Map<number, RoomStand>();
  const stays = await sources.rooms.staysOf(party);
  const suspensions = await suspensionsFrom(party, sources);
  let latest = 0;
  for (const standing of await sources.rooms.standingsOf(party)) {
    const accepted = standing.state === 'member' ? (standing.accepted?.terms.purposes ?? []) : [];
    const { withheld, epoch } = suspensions.get(standing.room) ?? { withheld: new Set<string>(), epoch: 0 };
    const stand = { standing, stays: stays.get(standing.room) ?? [], accepted, withheld };
    rooms.set(standing.room, { ...stand, epoch: Math.max(standing.epoch, epoch) });
    latest = Math.max(latest, standing.epoch, epoch);
  }
  return { rooms, epoch: latest };
}

/** By room. One that ended opens what was said before it. */
async function suspensionsFrom(
  party: string,
  { undertakings, rooms }: Sources,
): Promise<ReadonlyMap<number, { readonly withheld: Set<string>; readonly epoch: Instant }>> {
  const found = new Map<number, { withheld: Set<string>; epoch: Instant }>();
  for (const { room, party: by, resumed } of await undertakings.suspensionsFrom(party)) {
    const no = (await rooms.room(room))?.no;
    if (no === undefined) continue;
    const entry = found.get(no) ?? { withheld: new Set<string>(), epoch: 0 };
    found.set(no, entry);
    if (resumed === null) entry.withheld.add(by);
    else entry.epoch = Math.max(entry.epoch, resumed);
  }
  return found;
}
