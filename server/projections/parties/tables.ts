/** Who has joined, with which keys, and who was invited. */
import type { PartyNo, TableSet } from '../folding.ts';

export interface PartiesTables {
  party: { no: PartyNo; id: string; idx: number; role: 'centre' | 'host' | 'member'; name: string };
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
  };
  invitation: {
    key: string;
    idx: number;
    by: PartyNo;
    until: number;
    state: 'open' | 'used' | 'withdrawn';
  };
}

export const partiesTables: TableSet = {
  create: [
    `create table party (no bigint primary key, id text not null unique, idx bigint not null, role text not null, name text not null)`,
    `create table device (id text primary key, party bigint not null, idx bigint not null, seq bigint not null, key text not null,
       rights text not null, ends bigint, name text not null, revoked bigint)`,
    `create index device_party on device (party, seq)`,
    `create table invitation (key text primary key, idx bigint not null, by bigint not null, until bigint not null, state text not null)`,
  ],
  tables: [
    { name: 'party', key: ['no'] },
    { name: 'device', key: ['id'] },
    { name: 'invitation', key: ['key'] },
  ],
};
