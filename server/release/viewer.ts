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
}

/** A viewer at one moment of the store: everything that rules need to know of its party. */
export interface Look {
  readonly looker: Looker;
  readonly party: { readonly no: number; readonly id: string } | null;
  readonly rooms: ReadonlyMap<number, RoomStand>;
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
    ? await standsOf(viewer.party, sources)
    : { rooms: new Map<number, RoomStand>(), epoch: 0 };
  const looker = { live, party: viewer.party, purpose: viewer.purpose, justified };
  return { looker, party: party && live ? { no: party.no, id: party.id } : null, ...stands, sources };
}

/** A party as such, without a device: justified, and with no purpose yet. Null where there is none. */
export async function lookOfParty(id: string, sources: Sources): Promise<Look | null> {
  const party = await sources.parties.party(id);
  if (!party) return null;
  const looker = { live: true, party: id, purpose: null, justified: true };
  return { looker, party: { no: party.no, id }, ...(await standsOf(id, sources)), sources };
}

async function standsOf(party: string, sources: Sources): Promise<Pick<Look, 'rooms' | 'epoch'>> {
  const rooms = new Map<number, RoomStand>();
  const stays = await sources.rooms.staysOf(party);
  let epoch = 0;
  for (const standing of await sources.rooms.standingsOf(party)) {
    const accepted = standing.state === 'member' ? (standing.accepted?.terms.purposes ?? []) : [];
    rooms.set(standing.room, { standing, stays: stays.get(standing.room) ?? [], accepted });
    epoch = Math.max(epoch, standing.epoch);
  }
  return { rooms, epoch };
}
