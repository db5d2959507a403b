/** Who is in a room, as the viewer may know: members where their terms show them, and whoever observes or supervises. */
import type { Instant } from '@parley/core/fields.ts';
import type { RoomFacts, StandingFacts } from './sources.ts';
import type { Look } from './viewer.ts';

export interface Stander {
  readonly party: string;
  readonly name: string;
  readonly since: Instant;
  readonly suspended: boolean;
  /** Hash of the terms that bind it. */
  readonly terms: string;
}

export interface Roster {
  /** Null where the terms that bind the viewer hide who is in. */
  readonly members: readonly Stander[] | null;
  /** No secret to those they observe. Null: the viewer is no member. */
  readonly observers: readonly Stander[] | null;
}

/** To a member, or the owner. */
export async function rosterOf(look: Look, room: RoomFacts): Promise<Roster> {
  const me = look.party?.id;
  const owner = me === room.owner;
  const standings = (await look.sources.rooms.standings(room.no)).filter(
    ({ state }) => state === 'member' || state === 'suspended',
  );
  const open = look.rooms.get(room.no)?.standing.accepted?.terms.roster === true;
  const members = standings.filter(
    ({ role, party, accepted }) =>
      role === 'member' && (owner || party === room.owner || party === me || accepted?.terms.roster === true),
  );
  const observers = standings.filter(({ role }) => role === 'observer');
  return {
    members: owner || open ? await Promise.all(members.map((each) => standerOf(look, each))) : null,
    observers: await Promise.all(observers.map((each) => standerOf(look, each))),
  };
}

async function standerOf(look: Look, { party, since, state, accepted }: StandingFacts): Promise<Stander> {
  const name = (await look.sources.parties.party(party))?.name ?? '';
  return { party, name, since, suspended: state === 'suspended', terms: accepted?.hash ?? '' };
}

export interface SupervisorView {
  readonly party: string;
  readonly name: string;
  /** Whether it has come: until then nobody supervises. */
  readonly accepted: boolean;
}

/** Whom the terms now offered name. */
export async function supervisorOf(look: Look, { no, terms }: RoomFacts): Promise<SupervisorView | null> {
  const { supervisor: party = null } = terms.terms;
  if (party === null) return null;
  const { parties, rooms } = look.sources;
  const standing = await rooms.standing(no, party);
  const accepted = standing?.role === 'supervisor' && standing.state === 'member';
  // A name is shown once its party has come: terms could name anybody.
  const name = accepted ? ((await parties.party(party))?.name ?? '') : '';
  return { party, name, accepted };
}
