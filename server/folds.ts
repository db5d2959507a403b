/** The projections in the order in which they fold, what each may ask of those before it, and how they are rebuilt. */
import { hex, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { handlingOf } from '@parley/core/statement.ts';
import { type Kysely, sql } from 'kysely';
import type { Commit, LogReader, PartNumber, Spelling, Store } from './log/ports.ts';
import { foldComplaints } from './projections/complaints/fold.ts';
import { readComplaints } from './projections/complaints/read.ts';
import { type ComplaintsTables, complaintsTables } from './projections/complaints/tables.ts';
import { foldFiles } from './projections/files/fold.ts';
import { type FilesTables, filesTables } from './projections/files/tables.ts';
import type { Folding, TableSet } from './projections/folding.ts';
import { foldLaw } from './projections/law/fold.ts';
import { readLaw } from './projections/law/read.ts';
import { type LawTables, lawTables } from './projections/law/tables.ts';
import { foldObjects } from './projections/objects/fold.ts';
import { readObjects } from './projections/objects/read.ts';
import type { Surroundings } from './projections/objects/surroundings.ts';
import { type ObjectsTables, objectsTables } from './projections/objects/tables.ts';
import { foldParties } from './projections/parties/fold.ts';
import { readParties } from './projections/parties/read.ts';
import { type PartiesTables, partiesTables } from './projections/parties/tables.ts';
import { foldRecalls } from './projections/recalls/fold.ts';
import { readRecalls } from './projections/recalls/read.ts';
import { type RecallsTables, recallsTables } from './projections/recalls/tables.ts';
import { foldRequests } from './projections/requests/fold.ts';
import { readRequests } from './projections/requests/read.ts';
import { type RequestsTables, requestsTables } from './projections/requests/tables.ts';
import { foldRooms } from './projections/rooms/fold.ts';
import { readRooms } from './projections/rooms/read.ts';
import { type RoomsTables, roomsTables } from './projections/rooms/tables.ts';
import { foldUndertakings } from './projections/undertakings/fold.ts';
import { readUndertakings } from './projections/undertakings/read.ts';
import { type UndertakingsTables, undertakingsTables } from './projections/undertakings/tables.ts';
import { withParts } from './with-parts.ts';

interface ProjectionTable {
  /** One row: which folds made the tables. */
  projection: { one: number; version: number };
}
export type Tables = PartiesTables &
  RoomsTables &
  ObjectsTables &
  RecallsTables &
  RequestsTables &
  LawTables &
  FilesTables &
  UndertakingsTables &
  ComplaintsTables &
  ProjectionTable;

/** Raised with every change of a fold or a table: the next start folds the log again. */
export const foldVersion = 6;

export const projectionTables: readonly TableSet[] = [
  partiesTables,
  roomsTables,
  requestsTables,
  recallsTables,
  lawTables,
  filesTables,
  undertakingsTables,
  complaintsTables,
  objectsTables,
];
const recordsAtOnce = 256;

/** @returns the parts that the record takes back */
async function foldAll(given: Folding, log: LogReader, db: Kysely<Tables>): Promise<readonly PartNumber[]> {
  const folding = withoutFiles(given);
  const find = finder(log);
  await foldParties(folding, db);
  await foldRooms(folding, db);
  await foldRequests(folding, db, find);
  await foldRecalls(folding, db, find);
  await foldFiles(folding, db);
  await foldUndertakings(folding, db, find);
  await foldComplaints(folding, db, find, (room) => readRooms(db).supervisor(room));
  await foldLaw(folding, db, {
    find,
    count: async (index) => (await log.records([index]))[0]?.header.parts?.count ?? 0,
    taken: readObjects(db).taken,
  });
  return foldObjects(folding, db, surroundings(log, db, find));
}

/** A fold sees no file: what follows from a share is the same whether its files are there or erased. */
function withoutFiles(folding: Folding): Folding {
  const parts = folding.parts.map((part) => (part && part.bytes.length > 0 ? part : null));
  return { ...folding, parts };
}

type Find = (ref: StatementRef) => Promise<number>;

/** Admission has seen to it that what a statement refers to is there. */
function finder(log: LogReader): Find {
  return async (ref) => {
    const index = await log.find(ref);
    if (index === null) throw new Error(`no statement ${ref.party}/${ref.id}`);
    return index;
  };
}

function surroundings(log: LogReader, db: Kysely<Tables>, find: Find): Surroundings {
  const parties = readParties(db);
  const rooms = readRooms(db);
  const there = <T>(value: T | null): T => {
    if (value === null) throw new Error('a fold refers to what is not there');
    return value;
  };
  return {
    party: async (id) => there(await parties.party(id)).no,
    inviter: async (key) => (await parties.byNumber(there(await parties.invitation(key)).by)).id,
    async guardians(party, arrangements) {
      const { no } = there(await parties.party(party));
      const named = (await parties.arrangements(no, arrangements)).flatMap(
        ({ guardians }) => guardians ?? [],
      );
      return Promise.all(named.map(async (guardian) => (await parties.byNumber(guardian)).id));
    },
    company: rooms.company,
    async room(id) {
      const { no, gen, owner, index, terms } = there(await rooms.room(id));
      return { no, gen, owner, index, termsIndex: terms.index };
    },
    async accepted(room, party) {
      const standing = await rooms.standing(room, party);
      const { purposes = [], past = false, roster = false } = standing?.accepted?.terms ?? {};
      return { purposes, past, roster, role: standing?.role ?? 'member' };
    },
    outside: async (room) =>
      (await rooms.standings(room))
        .filter(({ state, role }) => state === 'invited' || (state === 'member' && role === 'supervisor'))
        .map(({ party }) => party),
    suspendedFrom: async (ref) => there(await readUndertakings(db).suspension(await find(ref))).from,
    find,
    async ask(ref) {
      const { asker, originator } = there(await readRequests(db).ask(await find(ref)));
      return { asker, originator };
    },
    noticed: async (ref) => there(await readRecalls(db).notice(await find(ref))).originator,
    complaint: async (ref) => there(await readComplaints(db).complaint(await find(ref))),
    supervisor: rooms.supervisor,
    held: (parts) => readLaw(db).held(parts),
    hold: async (ref) => there(await readLaw(db).hold(await find(ref))),
    holdsOn: async (target) => (await readLaw(db).holdsOn(target)).map(({ index }) => index),
    async personal(index) {
      const [record] = await log.records([index]);
      return record !== undefined && (handlingOf(record.header)?.personal ?? false) !== false;
    },
  };
}

/** Makes the tables, or folds the log again where older folds made them. Says whether it had to fold. @throws store.newer */
export async function ensureProjections(
  store: Store<Tables>,
  progress?: (done: number, of: number) => void,
): Promise<boolean> {
  const version = await store.snapshot(({ db }) => foldVersionOf(db));
  if (version === foldVersion) return false;
  if (version !== null && version > foldVersion) throw otherFolds(version);
  await rebuild(store, progress);
  return true;
}

/** Another instance may have been started with other folds: this one must not write into its tables. @throws store.newer */
export async function refuseOtherFolds(db: Kysely<Tables>): Promise<void> {
  const row = await db.selectFrom('projection').select('version').executeTakeFirst();
  if (row?.version !== foldVersion) throw otherFolds(row?.version ?? 0);
}

function otherFolds(version: number): Refusal {
  return new Refusal('store.newer', {
    params: { store: version, known: foldVersion },
    detail: 'other folds made its projections: run one version, or "parley rebuild" to go back',
  });
}

/** Which folds made the tables; null where there are none yet. */
export async function foldVersionOf(db: Kysely<Tables>): Promise<number | null> {
  try {
    const row = await db.selectFrom('projection').select('version').executeTakeFirst();
    return row?.version ?? null;
  } catch {
    return null; // There is no such table yet.
  }
}

/** Drops the projections and folds the log again, in one transaction. */
export async function rebuild(
  store: Store<Tables>,
  progress?: (done: number, of: number) => void,
): Promise<void> {
  await store.commit((commit) => foldInto(commit, progress));
}

/** Makes the tables anew in this database, and folds the whole log into them. */
export async function foldInto(
  { log, db, spelling }: Pick<Commit<Tables>, 'db' | 'spelling'> & { readonly log: LogReader },
  progress?: (done: number, of: number) => void,
): Promise<void> {
  await recreate(db, spelling);
  await foldLog(log, db, progress);
}

async function recreate(db: Kysely<Tables>, spelling: Spelling): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  for (const set of [...projectionTables].reverse())
    for (const { name } of set.tables) await run(`drop table if exists "${name}"`);
  await run('drop table if exists projection');
  await run('create table projection (one bigint primary key, version bigint not null)');
  for (const set of projectionTables) for (const text of set.create(spelling)) await run(text);
  await db.insertInto('projection').values({ one: 1, version: foldVersion }).execute();
}

async function foldLog(
  log: LogReader,
  db: Kysely<Tables>,
  progress?: (done: number, of: number) => void,
): Promise<void> {
  const size = (await log.head())?.size ?? 0;
  for (let from = 0; from < size; from += recordsAtOnce) {
    const records = await log.range(from, Math.min(from + recordsAtOnce, size));
    for await (const whole of withParts(records, log)) await foldAll(whole, log, db);
    progress?.(Math.min(from + recordsAtOnce, size), size);
  }
}

/** SHA-256 over the rows of each table, in the order of its key. Two folds of one log give the same. */
export async function projectionDigests(db: Kysely<Tables>): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const { name, key } of projectionTables.flatMap((set) => set.tables)) {
    const order = key.map((column) => `"${column}"`).join(', ');
    const { rows } = await sql<
      Record<string, unknown>
    >`${sql.raw(`select * from "${name}" order by ${order}`)}`.execute(db);
    digests.set(name, hex(sha256(utf8(JSON.stringify(rows)))));
  }
  return digests;
}

/** What the sequencer calls after a statement is admitted. */
export async function foldLive(folding: Folding, commit: Commit<Tables>): Promise<void> {
  const taken = await foldAll(folding, commit.log, commit.db);
  if (taken.length > 0) await commit.log.condemn(taken);
}
