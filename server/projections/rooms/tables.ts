/** Rooms, their terms, who is invited and who is in. */
import type { RoomRole } from '@parley/core/kinds.ts';
import type { RoomNo, TableSet } from '../folding.ts';

export interface RoomsTables {
  room: {
    no: RoomNo;
    id: string;
    /** Index of the statement that opened it. */
    idx: number;
    owner: string;
    /** Index of the statement with the terms now offered, their hash and text. */
    terms_idx: number;
    terms_hash: string;
    terms: string;
    /** Counts the changes of membership: counters are kept by it. */
    gen: number;
  };
  /** Where a party stands now. */
  standing: {
    room: RoomNo;
    party: string;
    /** `member`: it has accepted, as what its role says. */
    state: 'invited' | 'member' | 'suspended' | 'left' | 'declined' | 'withdrawn';
    role: RoomRole;
    /** 1: by the owner, and neither restored nor in again since, also after leaving. */
    suspended: number;
    since: number;
    invited_idx: number | null;
    accepted_idx: number | null;
    accepted_hash: string | null;
    accepted: string | null;
    /** Since when the terms that it accepts name who supervises, as they do now; null: nobody does. */
    agreed_at: number | null;
    /** Instant of the last change that could widen what was said before. */
    epoch: number;
  };
  /** Membership is a set of intervals of the log; `to_at` is null in the one that is open. A supervisor has none. */
  stay: {
    room: RoomNo;
    party: string;
    /** As what it was there. */
    role: 'member' | 'observer';
    from_at: number;
    from_gen: number;
    to_at: number | null;
    to_gen: number | null;
  };
}

export const roomsTables: TableSet = {
  create: ({ text }) => [
    `create table room (no bigint primary key, id ${text} not null unique, idx bigint not null, owner ${text} not null, terms_idx bigint not null,
       terms_hash ${text} not null, terms ${text} not null, gen bigint not null)`,
    `create index room_owner on room (owner, no)`,
    `create table standing (room bigint not null, party ${text} not null, state ${text} not null, role ${text} not null, suspended bigint not null, since bigint not null, invited_idx bigint,
       accepted_idx bigint, accepted_hash ${text}, accepted ${text}, agreed_at bigint, epoch bigint not null, primary key (room, party))`,
    `create index standing_party on standing (party, room)`,
    `create index standing_invited on standing (room, party) where state = 'invited'`,
    `create table stay (room bigint not null, party ${text} not null, role ${text} not null, from_at bigint not null, from_gen bigint not null, to_at bigint,
       to_gen bigint, primary key (room, party, from_at))`,
    `create index stay_party on stay (party, room, from_at)`,
  ],
  tables: [
    { name: 'room', key: ['no'] },
    { name: 'standing', key: ['room', 'party'] },
    { name: 'stay', key: ['room', 'party', 'from_at'] },
  ],
};
