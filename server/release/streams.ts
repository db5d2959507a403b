/**
 * Which streams are open to a look. This is the rule that narrows in SQL; `decide` judges every row again, and the
 * two must agree.
 */

import type { Stay, StreamFacts, Stretch } from './sources.ts';
import type { Look, RoomStand } from './viewer.ts';

/** After every instant. */
export const end = Number.MAX_SAFE_INTEGER;

/** A stream that another purpose or a justification would open. */
export interface Closed {
  readonly stream: StreamFacts;
  /** Generations of the room in which the viewer's party was in; null: all. */
  readonly generations: readonly { readonly from: number; readonly to: number | null }[] | null;
  readonly needs: { readonly purposes: readonly string[]; readonly justification: boolean };
}

export interface Opening {
  readonly open: readonly Stretch[];
  readonly closed: readonly Closed[];
}

/** @param room only this room's, and what stands in no room where null */
export async function openStreams(look: Look, room: number | null): Promise<Opening> {
  if (!look.looker.live) return { open: [], closed: [] };
  const no = look.party?.no;
  const own = no === undefined ? [] : ['all', `party:${no}`, `author:${no}`, `grant:${no}`, `case:${no}`];
  const rooms = room === null ? roomsStayedIn(look) : [room];
  const streams = await look.sources.objects.streams(rooms, room === null ? ['public', ...own] : []);
  const opening = { open: [], closed: [] };
  for (const stream of streams) put(stream, look, opening);
  return opening;
}

function put(stream: StreamFacts, look: Look, { open, closed }: { open: Stretch[]; closed: Closed[] }): void {
  const gate = gateOf(stream, look);
  if (gate === null) return;
  if (gate.needs) closed.push({ stream, generations: gate.generations, needs: gate.needs });
  else open.push(...gate.stretches.map((stretch) => ({ ...stretch, audience: audienceOf(stream) })));
}

/** Before what it names. */
function audienceOf({ audience }: StreamFacts): string {
  return audience.split(':')[0] ?? '';
}

/** The room of which it is the supervisor. */
export function supervises({ standing }: RoomStand): boolean {
  return standing.role === 'supervisor' && standing.state === 'member';
}

/** Where it is only invited, what it may see stands in streams of its own. */
function roomsStayedIn({ rooms }: Look): number[] {
  return [...rooms].filter(([, { stays }]) => stays.length > 0).map(([no]) => no);
}

/** How something reaches who is no member. */
export type Wide = 'granted' | 'public';

/** What reaches the viewer without a membership, by room. @param room only this room's; null: every room's */
export async function wideStreams(
  look: Look,
  room: number | null,
): Promise<ReadonlyMap<number, Readonly<Record<Wide, Opening>>>> {
  if (!look.looker.live) return new Map();
  const grants = `grant:${look.party?.no}`;
  const { objects } = look.sources;
  const streams = await (room === null
    ? objects.streams([], ['public', grants])
    : objects.streams([room], []));
  const rooms = new Map<number, Record<Wide, { open: Stretch[]; closed: Closed[] }>>();
  for (const stream of streams) {
    const wide = stream.audience === 'public' ? 'public' : stream.audience === grants ? 'granted' : null;
    if (stream.room === 0 || wide === null) continue;
    const openings = rooms.get(stream.room) ?? {
      granted: { open: [], closed: [] },
      public: { open: [], closed: [] },
    };
    rooms.set(stream.room, openings);
    put(stream, look, openings[wide]);
  }
  return rooms;
}

interface Gate {
  readonly stretches: readonly Stretch[];
  readonly generations: Closed['generations'];
  readonly needs: Closed['needs'] | null;
}

/** Null: not for this viewer, whatever its purpose. */
function gateOf(stream: StreamFacts, look: Look): Gate | null {
  if (isBeyondDevice(stream, look)) return null;
  const whole = [{ stream: stream.no, after: -1, before: end }];
  const no = look.party?.no;
  const [audience, names = ''] = stream.audience.split(':');
  switch (audience) {
    case 'public':
      return { stretches: whole, generations: null, needs: needsOf(stream, look, namedPurposes(stream)) };
    case 'all':
      return no === undefined ? null : { stretches: whole, generations: null, needs: null };
    case 'party':
    case 'author':
      return names === String(no) ? { stretches: whole, generations: null, needs: null } : null;
    case 'grant':
      return names === String(no) && look.rooms.get(stream.room)?.standing.suspended !== true
        ? { stretches: whole, generations: null, needs: needsOf(stream, look, namedPurposes(stream)) }
        : null;
    case 'case': {
      const stand = look.rooms.get(stream.room);
      if (names !== String(no) || !stand || !supervises(stand)) return null;
      const closed = stream.personal && !look.looker.justified;
      return {
        stretches: whole,
        generations: null,
        needs: closed ? { purposes: [], justification: true } : null,
      };
    }
    case 'room':
    case 'observers':
      return roomGate(stream, audience, look);
    case 'parties':
      return look.party && names.split(',').includes(look.party.id) ? roomGate(stream, audience, look) : null;
    default:
      return null;
  }
}

/** What `decide` says of the limits of a device, as far as it shows in streams: those of authors mix all they said. */
function isBeyondDevice({ room, audience, personal }: StreamFacts, { looker, only = null }: Look): boolean {
  if (personal && looker.limits?.personal === false) return true;
  return only !== null && audience !== 'public' && !only.has(room);
}

type Inside = 'room' | 'observers' | 'parties';

function roomGate(stream: StreamFacts, audience: Inside, look: Look): Gate | null {
  const stand = look.rooms.get(stream.room);
  const role = stand?.stays.find((stay) => stay.to === null)?.role;
  if (!stand || role === undefined || (audience === 'room' && role === 'observer')) return null;
  const accepted = namedPurposes(stream).filter((id) => stand.accepted.includes(id));
  return { ...stretchesOf(stream, audience, role, stand), needs: needsOf(stream, look, accepted) };
}

/** An observer by its name: only from when it observed. */
function stretchesOf(
  stream: StreamFacts,
  audience: Inside,
  role: Stay['role'],
  { stays }: RoomStand,
): Pick<Gate, 'stretches' | 'generations'> {
  const named = audience === 'parties' && role === 'observer';
  if (stream.past && !named)
    return { stretches: [{ stream: stream.no, after: -1, before: end }], generations: null };
  const any = audience === 'observers' || (audience === 'parties' && !named);
  const counted = stays.filter((stay) => any || stay.role === role);
  return {
    stretches: counted.map((stay) => ({ stream: stream.no, after: stay.from - 1, before: stay.to ?? end })),
    generations: counted.map((stay) => ({ from: stay.fromGen, to: stay.toGen })),
  };
}

function namedPurposes(stream: StreamFacts): readonly string[] {
  return stream.purposes === '' ? [] : stream.purposes.split(',');
}

/** Null: nothing is missing. Governance has no purposes and is never closed. */
function needsOf(stream: StreamFacts, { looker }: Look, purposes: readonly string[]): Closed['needs'] | null {
  if (stream.purposes === '') return null;
  const purpose = looker.purpose !== null && purposes.includes(looker.purpose);
  const justification = stream.personal && !looker.justified;
  return purpose && !justification ? null : { purposes: purpose ? [] : purposes, justification };
}
