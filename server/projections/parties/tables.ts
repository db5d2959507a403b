/** Who has joined, with which keys, and who was invited. */
import type { Classification } from '@parley/core/classification.ts';
import type { Level } from '@parley/core/terms.ts';
import type { PartyNo, TableSet } from '../folding.ts';

export interface PartiesTables {
  /** Up to where the centre may hold what is classified: the last one stands. */
  accreditation: { idx: number; highest: Classification };
  party: {
    no: PartyNo;
    id: string;
    idx: number;
    role: 'centre' | 'host' | 'member';
    name: string;
    /** At which alone it takes part; null: at any. */
    level: Level | null;
  };
  device: {
    id: string;
    party: PartyNo;
    /** Index of the statement that brought it, and the number of devices its party had before. */
    idx: number;
    seq: number;
    key: string;
    rights: string;
    /** Instant, or null: no end. */
    ends: number | null;
    name: string;
    revoked: number | null;
    /** Its only rooms, with spaces; null: all. */
    rooms: string | null;
    /** 1 where it shares and sees personal data. */
    personal: number;
    /** How it came into being: `ChainDevice.from`. */
    origin: string;
  };
  invitation: {
    key: string;
    idx: number;
    by: PartyNo;
    until: number;
    state: 'open' | 'used' | 'withdrawn';
    /** Of the party that who joins was before, or null. */
    formerly: string | null;
    /** At which alone who joins takes part. */
    level: Level | null;
  };
  /** Every one that the party named; at most one is in force. */
  recovery_key: {
    party: PartyNo;
    id: string;
    key: string;
    idx: number;
    state: 'current' | 'spent' | 'replaced';
  };
  /** The last of a party is in force. */
  arrangement: {
    idx: number;
    party: PartyNo;
    one: PartyNo | null;
    other: PartyNo | null;
    delay: number | null;
  };
  /** Of open readmissions. */
  vouch: { party: PartyNo; guardian: PartyNo; key: string; idx: number; at: number };
  objection: { party: PartyNo; key: string; idx: number };
  /** What a device that guardians readmitted rests on. */
  readmitted: { device: string; arrangement: number; one: number; other: number };
}

export const partiesTables: TableSet = {
  create: ({ text }) => [
    `create table accreditation (idx bigint primary key, highest ${text} not null)`,
    `create table party (no bigint primary key, id ${text} not null unique, idx bigint not null, role ${text} not null, name ${text} not null, level ${text})`,
    `create table device (id ${text} primary key, party bigint not null, idx bigint not null, seq bigint not null, key ${text} not null,
       rights ${text} not null, ends bigint, name ${text} not null, revoked bigint, rooms ${text}, personal bigint not null, origin ${text} not null)`,
    `create index device_party on device (party, seq)`,
    `create table invitation (key ${text} primary key, idx bigint not null, by bigint not null, until bigint not null, state ${text} not null, formerly ${text}, level ${text})`,
    `create table recovery_key (party bigint not null, id ${text} not null, key ${text} not null, idx bigint not null, state ${text} not null, primary key (party, id))`,
    `create index recovery_key_id on recovery_key (id)`,
    `create table arrangement (idx bigint primary key, party bigint not null, one bigint, other bigint, delay bigint)`,
    `create index arrangement_party on arrangement (party, idx)`,
    `create table vouch (party bigint not null, guardian bigint not null, key ${text} not null, idx bigint not null, at bigint not null, primary key (party, guardian))`,
    `create table objection (party bigint not null, key ${text} not null, idx bigint not null, primary key (party, key))`,
    `create table readmitted (device ${text} primary key, arrangement bigint not null, one bigint not null, other bigint not null)`,
  ],
  tables: [
    { name: 'accreditation', key: ['idx'] },
    { name: 'party', key: ['no'] },
    { name: 'device', key: ['id'] },
    { name: 'invitation', key: ['key'] },
    { name: 'recovery_key', key: ['party', 'id'] },
    { name: 'arrangement', key: ['idx'] },
    { name: 'vouch', key: ['party', 'guardian'] },
    { name: 'objection', key: ['party', 'key'] },
    { name: 'readmitted', key: ['device'] },
  ],
};
