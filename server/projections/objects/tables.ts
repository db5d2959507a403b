/**
 * What can be seen: rows of streams, one stream a class of handling. A page of a viewer is the merge of the
 * streams that are open to it; nothing else is read.
 */
import type { TableSet } from '../folding.ts';

/**
 * `room`: members at the time and still. `observers`: these, and those who observe. `parties:ID,ID`: those members. `public`: anyone. `all`: every party.
 * `author:2`: what party 2 said. `grant:4`: what was passed on to party 4.
 * `case:5`: what party 5, who supervises, opened. `party:4`: governance that concerns it.
 */
export type Audience = string;

export interface ObjectsTables {
  stream: {
    no: number;
    room: number;
    audience: Audience;
    /** Those in effect, sorted, joined by commas; empty: governance, which no purpose closes. */
    purposes: string;
    personal: number;
    /** Whether members who came later see it. */
    past: number;
    /** The party whose share or grant made it; 0: governance. */
    maker: number;
  };
  /** A statement becomes visible. */
  heading: { stream: number; position: number; idx: number };
  /** A part becomes visible. */
  visible: { stream: number; position: number; part: number };
  /** What was shared and not taken back. */
  share: {
    idx: number;
    room: number;
    party: number;
    /** The stream of its handling. */
    stream: number;
    gen: number;
    instant: number;
    count: number;
    until: number | null;
    /** How many parts are left; 0: taken back whole. */
    remaining: number;
    /** Purposes in effect, as in its stream: the record's that its originator's terms allowed when it spoke. */
    purposes: string;
    past: number;
    /** Of its classification, from 0: unclassified. */
    level: number;
  };
  /** STIX objects that are not taken back. */
  object: { part: number; room: number; party: number; type: string; stix_id: string; version: string };
  /** Parts that were taken back, or whose end has come. */
  taken: { part: number; by: number };
  /** Parts passed on. */
  granted: { party: number; idx: number; part: number; position: number; purposes: string; by: number };
  /** Parts taken back from one party while others keep them; not those taken back from all. */
  withheld: { party: number; idx: number; part: number; by: number };
  /** Parts that who supervises has opened to itself, where they stand for it, and the header. */
  opened: {
    party: number;
    part: number;
    stream: number;
    position: number;
    heading: number;
    until: number;
    complaint: number;
  };
  /** Who was told that it had something of which nothing is left to it: it sees the header. */
  noticed: { party: number; idx: number };
  /** Cases that a part names, wherever the part is seen. */
  case_ref: {
    /** As `caseKey` spells it. */
    ref: string;
    stream: number;
    position: number;
    part: number;
    /** 0: a reason or the like. */
    content: number;
  };
  /** Objects in a stream by generation of the room, originator and type. */
  tally: { stream: number; gen: number; party: number; type: string; n: number };
}

export const objectsTables: TableSet = {
  create: ({ text, keyed, hashed, uniqueLong }) => [
    `create table stream (no bigint primary key, room bigint not null, audience ${text} not null, purposes ${text} not null,
       personal bigint not null, past bigint not null, maker bigint not null${uniqueLong('room, audience, purposes, personal, past')})`,
    `create index stream_maker on stream (room, maker)`,
    `create index stream_audience on stream ${hashed}(audience)`,
    `create table heading (stream bigint not null, position bigint not null, idx bigint not null, primary key (stream, position)) ${keyed}`,
    `create index heading_idx on heading (idx)`,
    `create table visible (stream bigint not null, position bigint not null, part bigint not null, primary key (stream, position)) ${keyed}`,
    `create table share (idx bigint primary key, room bigint not null, party bigint not null, stream bigint not null, gen bigint not null,
       instant bigint not null, count bigint not null, until bigint, remaining bigint not null, purposes ${text} not null, past bigint not null,
       level bigint not null)`,
    `create index share_level on share (level) where level > 0 and remaining > 0`,
    `create index share_until on share (until) where until is not null and remaining > 0`,
    `create table object (part bigint primary key, room bigint not null, party bigint not null, type ${text} not null, stix_id ${text} not null,
       version ${text} not null)`,
    `create index object_id on object (stix_id, room, party, part)`,
    `create table taken (part bigint primary key, by bigint not null)`,
    `create index taken_by on taken (by)`,
    `create table granted (party bigint not null, idx bigint not null, part bigint not null, position bigint not null, purposes ${text} not null, by bigint not null,
       primary key (party, part, position))`,
    `create index granted_party on granted (party, idx)`,
    `create index granted_part on granted (part)`,
    `create table withheld (party bigint not null, idx bigint not null, part bigint not null, by bigint not null, primary key (party, part))`,
    `create index withheld_party on withheld (party, idx)`,
    `create index withheld_part on withheld (part)`,
    `create table opened (party bigint not null, part bigint not null, stream bigint not null, position bigint not null, heading bigint not null,
       until bigint not null, complaint bigint not null, primary key (party, part, position))`,
    `create index opened_part on opened (part)`,
    `create index opened_complaint on opened (complaint)`,
    `create table noticed (party bigint not null, idx bigint not null, primary key (party, idx))`,
    `create table case_ref (ref ${text} not null, stream bigint not null, position bigint not null, part bigint not null, content bigint not null,
       primary key (ref, stream, position)) ${keyed}`,
    `create index case_ref_part on case_ref (part)`,
    `create table tally (stream bigint not null, gen bigint not null, party bigint not null, type ${text} not null, n bigint not null,
       primary key (stream, gen, party, type))`,
  ],
  tables: [
    { name: 'stream', key: ['no'] },
    { name: 'heading', key: ['stream', 'position'] },
    { name: 'visible', key: ['stream', 'position'] },
    { name: 'share', key: ['idx'] },
    { name: 'object', key: ['part'] },
    { name: 'taken', key: ['part'] },
    { name: 'granted', key: ['party', 'part', 'position'] },
    { name: 'withheld', key: ['party', 'part'] },
    { name: 'opened', key: ['party', 'part', 'position'] },
    { name: 'noticed', key: ['party', 'idx'] },
    { name: 'case_ref', key: ['ref', 'stream', 'position'] },
    { name: 'tally', key: ['stream', 'gen', 'party', 'type'] },
  ],
};
