import type { Instant } from '@parley/core/fields.ts';
import type { RoomRole } from '@parley/core/kinds.ts';
import type { Terms } from '@parley/core/terms.ts';
import { sql } from 'kysely';
import { kept, perDatabase, prepared } from '../../log/prepared.ts';
import type { Db, RoomNo } from '../folding.ts';
import type { RoomsTables } from './tables.ts';

export interface RoomRow {
  readonly no: RoomNo;
  readonly id: string;
  readonly index: number;
  readonly owner: string;
  /** Those now offered. */
  readonly terms: AcceptedTerms;
  readonly gen: number;
}

export interface AcceptedTerms {
  /** Index of the statement that holds them as its part 0. */
  readonly index: number;
  /** Base64 of the part's leaf hash. */
  readonly hash: string;
  readonly terms: Terms;
}

export interface Standing {
  readonly room: RoomNo;
  readonly party: string;
  readonly state: RoomsTables['standing']['state'];
  readonly role: RoomRole;
  /** By the owner, and neither restored nor in again since: also after leaving. */
  readonly suspended: boolean;
  readonly since: Instant;
  readonly invited: number | null;
  readonly accepted: AcceptedTerms | null;
  /** Since when the terms that it accepts name who supervises; null: nobody does. */
  readonly agreedAt: Instant | null;
  readonly epoch: Instant;
}

/** From (inclusive) to (exclusive); null where it goes on. */
export interface Stay {
  readonly role: 'member' | 'observer';
  readonly from: Instant;
  readonly to: Instant | null;
  readonly fromGen: number;
  readonly toGen: number | null;
}

export interface RoomsReader {
  room(id: string): Promise<RoomRow | null>;
  byNumber(no: RoomNo): Promise<RoomRow>;
  standing(room: RoomNo, party: string): Promise<Standing | null>;
  /** Of every party that ever stood in the room. */
  standings(room: RoomNo): Promise<readonly Standing[]>;
  /** In every room, in the order of the rooms. */
  standingsOf(party: string): Promise<readonly Standing[]>;
  /** By room, oldest first: of every room in which it is or was. */
  staysOf(party: string): Promise<ReadonlyMap<RoomNo, readonly Stay[]>>;
  /** Whom the terms now offered name, where it has come; else null. */
  supervisor(room: string): Promise<string | null>;
  /** How many rooms the party opened. */
  opened(owner: string): Promise<number>;
  /** How many invitations to rooms of this owner are open: to this party, or in all where null. */
  invitations(owner: string, party: string | null): Promise<number>;
  /**
   * With whom the party is in rooms, as far as they may know: owners, and members where the terms that it accepted
   * show it, or where it is the owner.
   */
  company(party: string): Promise<readonly string[]>;
}

const roomById = kept(
  prepared((db: Db<RoomsTables>, at: { id: string }) =>
    db.selectFrom('room').selectAll().where('id', '=', at.id),
  ),
);
const standingIn = kept(
  prepared((db: Db<RoomsTables>, at: { room: RoomNo; party: string }) =>
    db.selectFrom('standing').selectAll().where('room', '=', at.room).where('party', '=', at.party),
  ),
);
const standingsOfParty = prepared((db: Db<RoomsTables>, at: { party: string }) =>
  db.selectFrom('standing').selectAll().where('party', '=', at.party).orderBy('room'),
);
const staysOfParty = prepared((db: Db<RoomsTables>, at: { party: string }) =>
  db.selectFrom('stay').selectAll().where('party', '=', at.party).orderBy('room').orderBy('from_at'),
);

export const readRooms = perDatabase(roomsOf);

function roomsOf(db: Db<RoomsTables>): RoomsReader {
  return {
    async room(id) {
      const [row] = await roomById(db, { id });
      return row ? roomOf(row) : null;
    },
    async byNumber(no) {
      return roomOf(await db.selectFrom('room').selectAll().where('no', '=', no).executeTakeFirstOrThrow());
    },
    async standing(room, party) {
      const [row] = await standingIn(db, { room, party });
      return row ? standingOf(row) : null;
    },
    async standings(room) {
      return (
        await db.selectFrom('standing').selectAll().where('room', '=', room).orderBy('party').execute()
      ).map(standingOf);
    },
    async standingsOf(party) {
      return (await standingsOfParty(db, { party })).map(standingOf);
    },
    async staysOf(party) {
      const rows = await staysOfParty(db, { party });
      const stays = new Map<RoomNo, Stay[]>();
      for (const { room, role, from_at: from, to_at: to, from_gen: fromGen, to_gen: toGen } of rows) {
        const inRoom = stays.get(room) ?? [];
        stays.set(room, inRoom);
        inRoom.push({ role, from, to, fromGen, toGen });
      }
      return stays;
    },
    async supervisor(id) {
      const row = await db
        .selectFrom('room')
        .innerJoin('standing', 'standing.room', 'room.no')
        .select(['room.terms', 'standing.party'])
        .where('room.id', '=', id)
        .where('standing.role', '=', 'supervisor')
        .where('standing.state', '=', 'member')
        .execute();
      const named = row.find(({ terms, party }) => (JSON.parse(terms) as Terms).supervisor === party);
      return named?.party ?? null;
    },
    async opened(owner) {
      const { n } = await db
        .selectFrom('room')
        .select((query) => query.fn.countAll<number>().as('n'))
        .where('owner', '=', owner)
        .executeTakeFirstOrThrow();
      return Number(n);
    },
    async invitations(owner, party) {
      const all = db
        .selectFrom('room')
        .innerJoin('standing', 'standing.room', 'room.no')
        .select((query) => query.fn.countAll<number>().as('n'))
        .where('room.owner', '=', owner)
        .where(sql<boolean>`standing.state = 'invited'`);
      const some = party === null ? all : all.where('standing.party', '=', party);
      return Number((await some.executeTakeFirstOrThrow()).n);
    },
    async company(party) {
      const known = new Set<string>();
      const own = await db.selectFrom('standing').selectAll().where('party', '=', party).execute();
      for (const { room, role, accepted } of own.map(standingOf).filter(({ state }) => state === 'member')) {
        const rooms = db.selectFrom('room').select('owner').where('no', '=', room);
        const { owner } = await rooms.executeTakeFirstOrThrow();
        known.add(owner);
        // Who observes or supervises is no secret to members; members are one to who observes.
        if (owner !== party && role === 'member' && accepted?.terms.roster !== true) continue;
        const standing = db.selectFrom('standing').select('party').where('room', '=', room);
        const inside = standing.where('state', '=', 'member');
        const told = owner === party ? inside : inside.where('role', '=', 'member');
        for (const row of await told.execute()) known.add(row.party);
      }
      return [...known].filter((id) => id !== party).sort();
    },
  };
}

/** Rooms that are spoken in, by the text of their terms. */
const parsed = new Map<string, Terms>();
const mostParsed = 256;

/** Every statement in a room asks for its terms, and they hardly ever change. */
function termsIn(text: string): Terms {
  const known = parsed.get(text);
  if (known) return known;
  const terms = JSON.parse(text) as Terms;
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(text, terms);
  return terms;
}

function roomOf(row: RoomsTables['room']): RoomRow {
  const terms = { index: row.terms_idx, hash: row.terms_hash, terms: termsIn(row.terms) };
  return { no: row.no, id: row.id, index: row.idx, owner: row.owner, terms, gen: row.gen };
}

function standingOf(row: RoomsTables['standing']): Standing {
  const { accepted_idx: index, accepted_hash: hash, accepted } = row;
  const whole = index !== null && hash !== null && accepted !== null;
  return {
    room: row.room,
    party: row.party,
    state: row.state,
    role: row.role,
    suspended: row.suspended === 1,
    since: row.since,
    invited: row.invited_idx,
    accepted: whole ? { index, hash, terms: termsIn(accepted) } : null,
    agreedAt: row.agreed_at,
    epoch: row.epoch,
  };
}
