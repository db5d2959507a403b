/** What a viewer may read. Every statement and part is verified before it is handed on. */
import { fromBase64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { instantOf, type StatementRef } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { type Hash, verifyInclusion } from '@parley/core/merkle.ts';
import { partLeaf } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { isA } from '@parley/core/statement.ts';
import type { z } from 'zod';
import { type Item, ReadPart, type ReadStatement, readAnswer, roomOf } from './answer.ts';
import { ask, askJson, type Connection, fetchReceipt, needSame, pathOf } from './connection.ts';
import { type EventsQuery, followEvents, type ReadEvent } from './events.ts';
import { type FetchedFile, fetchFile } from './files.ts';
import { type LawReader, lawReader } from './law.ts';
import { linesOf } from './lines.ts';
import { type RoomView, viewRoom, viewRooms } from './room.ts';
import * as shapes from './shapes.ts';
import { type SupervisionReader, supervisionReader } from './supervision.ts';
import { chunksOf, readBytes } from './transport.ts';
import { type UndertakingReader, undertakingReader } from './undertakings.ts';

export interface PartsQuery {
  readonly order?: 'oldest' | 'newest';
  /** A STIX type. */
  readonly type?: string;
  /** Only what names this case. */
  readonly case?: string;
  readonly after?: string;
  readonly pageSize?: number;
}

export interface StatementsQuery {
  readonly room?: string;
  readonly after?: string;
  readonly pageSize?: number;
}

export interface ReadWhole extends ReadStatement {
  /** Those that the viewer may have now. */
  readonly parts: readonly ReadPart[];
}

export interface Reader extends LawReader, UndertakingReader, SupervisionReader {
  /** Rooms of the viewer's party, those it is invited to, and those of which it may see something. */
  rooms(): Promise<readonly RoomView[]>;
  room(id: string): Promise<RoomView>;
  /** Content of a room, page by page. Each page is an access, and recorded. */
  parts(room: string, query?: PartsQuery): AsyncIterable<ReadPart>;
  /** Headers of what the viewer may see, oldest first. */
  statements(query?: StatementsQuery): AsyncIterable<ReadStatement>;
  /** What names a case, in every room or in one: content, and reasons. Each page is an access, and recorded. */
  naming(ref: string, query?: StatementsQuery): AsyncIterable<ReadPart>;
  /** One file of a statement, verified while it comes. An access, and recorded. */
  file(ref: StatementRef, n: number): Promise<FetchedFile>;
  /** One statement with its parts. An access, and recorded. */
  statement(ref: StatementRef): Promise<ReadWhole>;
  receipt(ref: StatementRef): Promise<Receipt>;
  /** What another purpose or a justification would open, in numbers. */
  locked(room: string): Promise<readonly shapes.Locked[]>;
  /** Who read what the viewer's own party said. */
  readers(ref: StatementRef): Promise<readonly shapes.Reading[]>;
  /** Who could read it now, and which rule denies the others: to its author. */
  audience(ref: StatementRef): Promise<readonly shapes.Ability[]>;
  parties(): Promise<readonly shapes.PartyView[]>;
  /** What a party called itself, where an answer of this visit carried its chain; else null. */
  nameOf(party: PartyId): Promise<string | null>;
  devices(): Promise<readonly shapes.DeviceView[]>;
  tasks(): Promise<readonly shapes.Task[]>;
  recalls(): Promise<readonly shapes.RecallView[]>;
  accesses(query?: { after?: string }): AsyncIterable<shapes.Access>;
  /** The party's leaves in the centre's hourly commitments, each proven by the centre's statement. */
  digests(query?: { after?: string }): AsyncIterable<shapes.Digest>;
  events(query?: EventsQuery): AsyncIterable<ReadEvent>;
}

export function openReader(connection: Connection): Reader {
  const get = <T>(path: string, shape: z.ZodType<T>) => askJson(connection, path, shape);
  return {
    rooms: async () => viewRooms(await readBytes(await ask(connection, 'rooms'))),
    room: async (id) => viewRoom(await readBytes(await ask(connection, `rooms/${encodeURIComponent(id)}`))),
    parts: (room, query) => readParts(connection, room, query),
    statements: (query) => readStatements(connection, query),
    ...lawReader(connection),
    ...undertakingReader(connection),
    ...supervisionReader(connection),
    naming: (ref, query) => readNaming(connection, ref, query),
    file: (ref, n) => fetchFile(connection, ref, n),
    statement: (ref) => readStatement(connection, ref),
    receipt: (ref) => fetchReceipt(connection, ref),
    locked: async (room) =>
      (await get(`rooms/${encodeURIComponent(room)}/locked`, shapes.lockedShape)).locked,
    readers: async (ref) => (await get(`${pathOf(ref)}/readers`, shapes.readersShape)).readers,
    audience: async (ref) => (await get(`${pathOf(ref)}/audience`, shapes.audienceShape)).audience,
    parties: () => readParties(connection),
    nameOf: async (party) => (await connection.parties.get(party)?.catch(() => undefined))?.name ?? null,
    devices: async () => (await get('devices', shapes.devicesShape)).devices,
    tasks: async () => (await get('tasks', shapes.tasksShape)).tasks,
    recalls: async () => (await get('recalls', shapes.recallsShape)).recalls,
    accesses: (query = {}) =>
      pages(query.after, async (after) => {
        const { accesses, next } = await askJson(connection, 'accesses', shapes.accessesShape, {
          query: { after },
        });
        return { items: accesses, next };
      }),
    digests: (query = {}) => readDigests(connection, query.after),
    events: (query) => followEvents(connection, query),
  };
}

/** One answer of statement lines; returns the cursor of the next. */
async function* readPage(
  connection: Connection,
  path: string,
  query: Record<string, string | number | null | undefined>,
  wantsParts: boolean,
): AsyncGenerator<Item, string | null> {
  const response = await ask(connection, path, { query });
  return yield* readAnswer(linesOf(chunksOf(response)), connection, wantsParts);
}

async function* readParts(
  connection: Connection,
  room: string,
  query: PartsQuery = {},
): AsyncGenerator<ReadPart> {
  const { order, type, case: named, pageSize = 1000 } = query;
  const path = `rooms/${encodeURIComponent(room)}/parts`;
  let after: string | null | undefined = query.after;
  do {
    const page = readPage(connection, path, { order, type, case: named, limit: pageSize, after }, true);
    after = yield* within(room, page, (item): item is ReadPart => item instanceof ReadPart);
  } while (after !== null);
}

async function* readStatements(
  connection: Connection,
  query: StatementsQuery = {},
): AsyncGenerator<ReadStatement> {
  const { room, pageSize = 1000 } = query;
  let after: string | null | undefined = query.after;
  do {
    const page = readPage(connection, 'statements', { room, limit: pageSize, after }, false);
    after = yield* within(room, page, (item): item is ReadStatement => !(item instanceof ReadPart));
  } while (after !== null);
}

async function* readNaming(
  connection: Connection,
  ref: string,
  query: StatementsQuery = {},
): AsyncGenerator<ReadPart> {
  const { room, pageSize = 1000 } = query;
  let after: string | null | undefined = query.after;
  do {
    const page = readPage(connection, 'cases', { ref, room, limit: pageSize, after }, true);
    after = yield* within(room, page, (item): item is ReadPart => item instanceof ReadPart);
  } while (after !== null);
}

/** Those of a kind, and none of another room. */
async function* within<T extends Item>(
  room: string | undefined,
  items: AsyncGenerator<Item, string | null>,
  wanted: (item: Item) => item is T,
): AsyncGenerator<T, string | null> {
  for (;;) {
    const { done, value } = await items.next();
    if (done) return value;
    if (room !== undefined && roomOf(value.statement.header) !== room)
      throw new Refusal('read.unproven', { detail: 'a statement of another room' });
    if (wanted(value)) yield value;
  }
}

async function readStatement(connection: Connection, ref: StatementRef): Promise<ReadWhole> {
  let found: ReadStatement | null = null;
  const parts: ReadPart[] = [];
  for await (const item of readPage(connection, pathOf(ref), {}, true)) {
    needSame(item.statement.header, ref);
    if (item instanceof ReadPart) parts.push(item);
    else found = item;
  }
  if (!found) throw new Refusal('read.unproven', { detail: 'an answer without the statement' });
  return { ...found, parts };
}

/** A name that a party gave itself when it joined outweighs what the centre calls it. */
async function readParties(connection: Connection): Promise<readonly shapes.PartyView[]> {
  const { parties } = await askJson(connection, 'parties', shapes.partiesShape);
  for (const [i, { party, name }] of parties.entries()) {
    const known = await connection.parties.get(party);
    if (known?.name != null && known.name !== name)
      throw new Refusal('read.unproven', {
        at: `/parties/${i}/name`,
        detail: 'the party calls itself otherwise',
      });
  }
  return parties;
}

async function* readDigests(
  connection: Connection,
  after: string | undefined,
): AsyncGenerator<shapes.Digest> {
  const read = pages(after, async (cursor) => {
    const { digests, next } = await askJson(connection, 'accesses/digests', shapes.digestsShape, {
      query: { after: cursor },
    });
    return { items: digests, next };
  });
  for await (const digest of read) {
    await verifyDigest(connection, digest);
    yield digest;
  }
}

async function verifyDigest(connection: Connection, digest: shapes.Digest): Promise<void> {
  const { header } = (await fetchReceipt(connection, digest.statement)).statement;
  if (!isA(header, 'access.digest/1'))
    throw new Refusal('read.unproven', { detail: 'not a digest of accesses' });
  const { from, to, leaves, root } = header.body;
  if (instantOf(from) !== instantOf(digest.from) || instantOf(to) !== instantOf(digest.to))
    throw new Refusal('read.unproven', { detail: 'the digest is of another time' });
  const leaf = partLeaf({ salt: bytesFrom(digest.salt), bytes: bytesFrom(digest.leaf) });
  verifyInclusion(leaf, digest.index, leaves, digest.path.map(bytesFrom), bytesFrom(root));
}

function bytesFrom(text: string): Hash {
  const bytes = fromBase64(text);
  if (!bytes) throw new Refusal('read.unproven', { detail: 'not base64' });
  return bytes;
}

async function* pages<T>(
  first: string | undefined,
  read: (after: string | undefined) => Promise<{ items: readonly T[]; next: string | null }>,
): AsyncGenerator<T> {
  let after = first;
  for (;;) {
    const { items, next } = await read(after);
    yield* items;
    if (next === null) return;
    after = next;
  }
}
