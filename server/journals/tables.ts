/**
 * The tables of the journals: what the centre itself observed. No fold reads them, nothing rebuilds them: they are
 * backed up and moved with the log. The schema only moves forward.
 */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { type Generated, type Kysely, sql } from 'kysely';
import type { Spelling } from '../log/ports.ts';
import type { Grant } from './ports.ts';

export interface JournalTables {
  readonly meta: { key: string; value: string };
  readonly accesses: AccessTable;
  readonly access_records: AccessRecordTable;
  readonly sessions: SessionTable;
  readonly erasures: { record: number; at: Instant };
  readonly digests: DigestTable;
  readonly digest_leaves: DigestLeafTable;
  readonly staged: StagedTable;
  readonly connectors: ConnectorTable;
  readonly connector_refusals: ConnectorRefusalTable;
  readonly attempts: AttemptTable;
  /** Challenges that were used, until nobody could use them again. */
  readonly challenges: { nonce: Uint8Array; until: Instant };
}

interface AccessTable {
  readonly id: Generated<number>;
  readonly at: Instant;
  readonly party: PartyId;
  readonly device: string;
  readonly person: string | null;
  readonly purpose: string;
  readonly justification: string | null;
  readonly route: string;
  /** See `packing.ts`. */
  readonly list: Uint8Array;
}

/**
 * Which accesses touched a record: one row for 32 neighbours, because a page of records would otherwise be as many
 * rows, each at another place of the index.
 */
interface AccessRecordTable {
  /** floor(index / 32). */
  readonly block: number;
  readonly access: number;
  /** Bit index % 32 for each record of the block. */
  readonly mask: number;
}

interface SessionTable {
  /** A hash of the token (`TokenSeal`): who steals the file holds no session. */
  readonly token: Uint8Array;
  /** Binds the token to the rest of the row; null: in a store without a vault. */
  readonly seal: Uint8Array | null;
  readonly party: PartyId;
  readonly device: string;
  readonly person: string | null;
  readonly purpose: string;
  readonly justification: string | null;
  readonly opened: Instant;
  readonly expires: Instant;
}

/** A file that was brought and that no statement has named yet. */
interface StagedTable {
  /** Its name, which is made of hashes: it stands plain where names of persons would not. */
  readonly file: string;
  readonly party: PartyId;
  readonly size: number;
  readonly type: string;
  readonly at: Instant;
}

interface DigestTable {
  readonly since: Instant;
  readonly until: Instant;
  /** Null, as the root, while the interval is closed but its tree is not yet built. */
  readonly leaves: number | null;
  readonly root: Uint8Array | null;
}

interface DigestLeafTable {
  readonly since: Instant;
  readonly position: number;
  readonly party: PartyId;
  readonly salt: Uint8Array;
  readonly leaf: Uint8Array;
  readonly hash: Uint8Array;
}

export interface ConnectorTable {
  readonly device: string;
  readonly party: PartyId;
  /** As of a session. */
  readonly token: Uint8Array;
  readonly seal: Uint8Array | null;
  /** The private key, PKCS #8. `Connectors` alone reads it. Null: the connector has ended. */
  readonly key: Uint8Array | null;
  readonly made: Instant;
  /** About when it was last used; null: never. */
  readonly used: Instant | null;
}

/** What the token of a connector is bound to: the rest of its row changes, or is nothing to whoever puts it there. */
export function connectorGrant({
  device,
  party,
  made,
}: Omit<ConnectorTable, 'token' | 'seal' | 'key' | 'used'>): Grant {
  return ['connectors', device, party, made];
}

/** One row for what is the same within an hour. */
interface ConnectorRefusalTable {
  readonly device: string;
  readonly hour: number;
  readonly route: string;
  readonly code: string;
  readonly rule: string;
  readonly first: Instant;
  readonly last: Instant;
  readonly count: number;
  /** Of the last one: where it was, and what would have been right. */
  readonly place: string;
  readonly detail: string;
}

/** That somebody was refused what it tried against a party: once for the same in an hour. */
interface AttemptTable {
  readonly concerned: PartyId;
  readonly hour: number;
  /** Empty: nobody knows, no signature held. */
  readonly speaker: string;
  /** A kind of statement, or a route. */
  readonly what: string;
  readonly code: string;
  readonly at: Instant;
}

export const schemaVersion = 3;

/** Step n leads from version n to n + 1. A released step never changes. */
const steps: readonly ((spelling: Spelling) => readonly string[])[] = [
  ({ text, serial, integer, bytes, table, keyed }) => [
    `create table accesses (id ${serial}, at ${integer} not null, party ${text} not null, device ${text} not null,
       person ${text}, purpose ${text} not null, justification ${text}, route ${text} not null, list ${bytes} not null) ${table}`,
    'create index accesses_party on accesses (party, id)',
    'create index accesses_at on accesses (at, id)',
    `create table access_records (block ${integer} not null, access ${integer} not null, mask ${integer} not null,
       primary key (block, access)) ${keyed}`,
    `create table sessions (token ${bytes} primary key, party ${text} not null, device ${text} not null,
       person ${text}, purpose ${text} not null, justification ${text}, opened ${integer} not null, expires ${integer} not null) ${keyed}`,
    'create index sessions_device on sessions (device)',
    'create index sessions_expires on sessions (expires)',
    `create table erasures (record ${integer} not null primary key, at ${integer} not null) ${keyed}`,
    `create table digests (since ${integer} not null primary key, until ${integer} not null,
       leaves ${integer}, root ${bytes}) ${keyed}`,
    `create table digest_leaves (since ${integer} not null, position ${integer} not null, party ${text} not null,
       salt ${bytes} not null, leaf ${bytes} not null, hash ${bytes} not null, primary key (since, position)) ${table}`,
    'create unique index digest_leaves_party on digest_leaves (party, since)',
  ],
  ({ text, integer, bytes, table, keyed }) => [
    `alter table sessions add column seal ${bytes}`,
    `create table connectors (device ${text} primary key, party ${text} not null, token ${bytes} not null unique, seal ${bytes},
       key ${bytes}, made ${integer} not null, used ${integer}) ${table}`,
    'create index connectors_party on connectors (party, made)',
    `create table connector_refusals (device ${text} not null, hour ${integer} not null, route ${text} not null,
       code ${text} not null, rule ${text} not null, first ${integer} not null, last ${integer} not null, count ${integer} not null,
       place ${text} not null, detail ${text} not null, primary key (device, hour, route, code, rule)) ${keyed}`,
    `create table attempts (concerned ${text} not null, hour ${integer} not null, speaker ${text} not null, what ${text} not null,
       code ${text} not null, at ${integer} not null, primary key (concerned, hour, speaker, what, code)) ${keyed}`,
    `create table staged (file ${text} not null primary key, party ${text} not null, size ${integer} not null,
       type ${text} not null, at ${integer} not null) ${keyed}`,
    'create index staged_party on staged (party)',
  ],
  ({ integer, bytes, keyed }) => [
    `create table challenges (nonce ${bytes} not null primary key, until ${integer} not null) ${keyed}`,
    'create index challenges_until on challenges (until)',
  ],
];

/**
 * Creates the tables or moves them to this version, within the caller's transaction.
 * @throws store.newer
 */
export async function migrate(db: Kysely<JournalTables>, spelling: Spelling): Promise<void> {
  await run(
    db,
    `create table if not exists meta (key ${spelling.text} not null primary key, value ${spelling.text} not null) ${spelling.keyed}`,
  );
  // What a database says of itself is read before its values can be opened.
  const meta = db.withoutPlugins();
  const row = await meta.selectFrom('meta').select('value').where('key', '=', 'schema').executeTakeFirst();
  const version = Number(row?.value ?? 0);
  if (!(version <= schemaVersion))
    throw new Refusal('store.newer', { params: { version: row?.value ?? null, known: schemaVersion } });
  for (const step of steps.slice(version)) for (const statement of step(spelling)) await run(db, statement);
  await meta
    .insertInto('meta')
    .values({ key: 'schema', value: String(schemaVersion) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: String(schemaVersion) }))
    .execute();
}

async function run(db: Kysely<JournalTables>, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}
