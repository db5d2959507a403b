/** Rooms, parties and devices as a viewer may know of them. Rosters are hidden unless the one listed agreed to be seen. */
import type { ChainDevice } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Right, RoomRole } from '@parley/core/kinds.ts';
import { type Part, partNumber } from '@parley/core/parts.ts';
import type { Level, Terms } from '@parley/core/terms.ts';
import { isAnything } from './content.ts';
import { refAt } from './refs.ts';
import { type Released, released } from './released.ts';
import { type Roster, rosterOf, type SupervisorView, supervisorOf } from './roster.ts';
import type { RoomFacts, Sources, StandingFacts, TermsFacts } from './sources.ts';
import { supervises, wideStreams } from './streams.ts';
import { type Agreed, agreedTo } from './supervision.ts';
import { type Look, look, type Viewer } from './viewer.ts';

export interface TermsView {
  readonly hash: string;
  readonly part: Part;
}

export interface RoomView {
  readonly room: string;
  /** Null where only something public or passed on is seen of the room. */
  readonly owner: string | null;
  readonly relation:
    | 'owner'
    | 'member'
    | 'observer'
    | 'supervisor'
    | 'invited'
    | 'suspended'
    | 'left'
    | 'granted'
    | 'public';
  /** As what it is invited; null elsewhere. */
  readonly as: RoomRole | null;
  readonly terms: Terms | null;
  readonly offered: TermsView | null;
  readonly accepted: TermsView | null;
  readonly members: Roster['members'];
  readonly observers: Roster['observers'];
  /** Whom the terms now offered name; null: nobody, or the viewer does not stand in the room. */
  readonly supervisor: SupervisorView | null;
  readonly since: Instant | null;
  readonly invitation: StatementRef | null;
}

export async function releaseRooms(
  viewer: Viewer,
  sources: Sources,
): Promise<Released<{ rooms: readonly RoomView[] }>> {
  const look_ = await look(viewer, sources);
  const wide = await wideStreams(look_, null);
  const numbers = new Set([...look_.rooms.keys(), ...wide.keys()]);
  const rooms: RoomView[] = [];
  for (const no of [...numbers].sort((a, b) => a - b)) {
    const view = await viewOf(look_, await sources.rooms.byNumber(no), wide.get(no));
    if (view) rooms.push(view);
  }
  return released({ rooms });
}

/** @throws absent */
export async function releaseRoom(
  viewer: Viewer,
  room: string,
  sources: Sources,
): Promise<Released<RoomView>> {
  const look_ = await look(viewer, sources);
  const found = await sources.rooms.room(room);
  const view = found && (await viewOf(look_, found, (await wideStreams(look_, found.no)).get(found.no)));
  if (!view) throw new Refusal('absent');
  return released(view);
}

type Wide = ReturnType<Awaited<ReturnType<typeof wideStreams>>['get']>;

async function viewOf(look_: Look, room: RoomFacts, wide: Wide): Promise<RoomView | null> {
  const stand = look_.rooms.get(room.no)?.standing;
  const relation = await relationOf(look_, room, wide);
  if (relation === null) return null;
  const base = {
    room: room.id,
    owner: null,
    relation,
    terms: null,
    offered: null,
    accepted: null,
    as: null,
    members: null,
    observers: null,
    supervisor: null,
    since: null,
    invitation: null,
  };
  if (!stand || relation === 'granted' || relation === 'public') return base;
  const member = relation === 'owner' || relation === 'member';
  const inside = member || relation === 'observer' || relation === 'supervisor';
  const accepted = stand.accepted ? await termsView(look_.sources, stand.accepted) : null;
  // Who has left sees the terms that bound it, and nothing that came later.
  const offered = inside || relation === 'invited' ? await termsView(look_.sources, room.terms) : null;
  const terms = relation === 'invited' ? room.terms.terms : (stand.accepted?.terms ?? null);
  return {
    ...base,
    owner: room.owner,
    terms,
    offered,
    accepted,
    as: relation === 'invited' ? stand.role : null,
    ...(member ? await rosterOf(look_, room) : {}),
    supervisor: inside ? await supervisorOf(look_, room) : null,
    since: stand.since,
    invitation: relation === 'invited' ? await invitationOf(stand, look_.sources) : null,
  };
}

async function invitationOf({ invited }: StandingFacts, sources: Sources): Promise<StatementRef | null> {
  return invited === null ? null : refAt(sources, invited);
}

async function relationOf(look_: Look, room: RoomFacts, wide: Wide): Promise<RoomView['relation'] | null> {
  const { state, role } = look_.rooms.get(room.no)?.standing ?? {};
  if (state === 'member' && role) return room.owner === look_.party?.id ? 'owner' : role;
  if (state === 'invited' || state === 'suspended' || state === 'left') return state;
  if (wide && (await isAnything(look_, wide.granted))) return 'granted';
  return wide && (await isAnything(look_, wide.public)) ? 'public' : null;
}

async function termsView(sources: Sources, facts: TermsFacts): Promise<TermsView | null> {
  const number = partNumber(facts.index, 0);
  const part = (await sources.log.parts([number])).get(number);
  return part ? { hash: facts.hash, part } : null;
}

export interface PartyView {
  readonly party: string;
  readonly name: string;
  /** `guest`: it joined by the viewer's invitation. */
  readonly relation:
    | 'self'
    | 'centre'
    | 'host'
    | 'owner'
    | 'member'
    | 'observer'
    | 'supervisor'
    | 'supervised'
    | 'guest';
  /** At which alone it takes part; null: at any. */
  readonly level: Level | null;
}

/**
 * Oneself, the centre, the host, for the host those it invited, owners of rooms that one is in or invited to, members who
 * agreed to be seen, and those who agreed to be supervised by this one.
 */
export async function releaseParties(
  viewer: Viewer,
  sources: Sources,
): Promise<Released<{ parties: readonly PartyView[] }>> {
  const look_ = await look(viewer, sources);
  const views = new Map<string, PartyView>();
  const add = async (party: string, relation: PartyView['relation']) => {
    if (views.has(party)) return;
    const { name = '', level = null } = (await sources.parties.party(party)) ?? {};
    views.set(party, { party, relation, name, level });
  };
  if (look_.party) await add(look_.party.id, 'self');
  const joined = await sources.parties.all();
  for (const { id, role } of joined) if (role !== 'member') await add(id, role);
  for (const room of (await releaseRooms(viewer, sources)).value.rooms) {
    if (room.owner) await add(room.owner, 'owner');
    for (const { party } of room.members ?? []) await add(party, 'member');
    for (const { party } of room.observers ?? []) await add(party, 'observer');
    if (room.supervisor?.accepted) await add(room.supervisor.party, 'supervisor');
  }
  for (const [no, stand] of look_.rooms) {
    const agreed = supervises(stand)
      ? await agreedTo(stand.standing.party, no, sources)
      : new Map<string, Agreed>();
    for (const id of agreed.keys()) await add(id, 'supervised');
  }
  const hosting =
    !look_.looker.limits?.rooms && joined.some(({ id, role }) => role === 'host' && id === look_.party?.id);
  for (const { id } of hosting ? joined : []) await add(id, 'guest');
  return released({ parties: [...views.values()] });
}

export interface DeviceView {
  readonly device: string;
  readonly name: string;
  readonly rights: readonly Right[];
  readonly ends: Instant | null;
  readonly enrolled: Instant;
  readonly revoked: Instant | null;
  /** Its only rooms; null: all. */
  readonly rooms: readonly string[] | null;
  /** Whether it shares and sees personal data. */
  readonly personal: boolean;
  /** How it came into being. */
  readonly from: ChainDevice['from'];
}

/**
 * The viewer's own party's, the revoked among them; to a device that is limited to rooms itself.
 * @throws session.needed
 */
export async function releaseDevices(
  viewer: Viewer,
  sources: Sources,
): Promise<Released<{ devices: readonly DeviceView[] }>> {
  const look_ = await look(viewer, sources);
  if (!look_.party) throw new Refusal('session.needed');
  const devices: DeviceView[] = [];
  for (const facts of await sources.parties.devicesOf(look_.party.no)) {
    const { id: device, name, rights, ends, revoked, rooms, personal, from, index } = facts;
    if (look_.looker.limits?.rooms && device !== viewer.device) continue;
    const [record] = await sources.log.records([index]);
    const enrolled = record?.instant ?? 0;
    devices.push({ device, name, rights, ends, enrolled, revoked, rooms, personal, from });
  }
  return released({ devices });
}
