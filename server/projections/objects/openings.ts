/** What who supervises a room opens to itself for a complaint: its own rows, until it has answered the complaint. */
import { instantOf } from '@parley/core/fields.ts';
import type { Header } from '@parley/core/statement.ts';
import { type PartNumber, partNumber, type StoredRecord } from '../../log/ports.ts';
import { type Db, instantIn, type PartyNo } from '../folding.ts';
import { internStream } from './streams.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';

/** The opening itself stands at the first of its instants, the header of what it opens at the second, then the parts. */
export async function foldOpening(
  record: StoredRecord,
  { body, party: by }: Header<'supervision.open/1'>,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const party = await around.party(by);
  const index = await around.find(body.target);
  const share = await db.selectFrom('share').selectAll().where('idx', '=', index).executeTakeFirstOrThrow();
  const numbers = (body.parts ?? Array.from({ length: share.count }, (_, n) => n)).map((n) =>
    partNumber(index, n),
  );
  const gone = await db.selectFrom('taken').select('part').where('part', 'in', numbers).execute();
  const taken = new Set(gone.map((row) => row.part));
  const rows = numbers.flatMap((part, k) =>
    taken.has(part) ? [] : [{ part, position: instantIn(record, 2 + k) }],
  );
  if (rows.length === 0) return;
  const key = { audience: `case:${party}`, purposes: '', past: false };
  const stream = await internStream(db, { ...key, room: share.room, personal: await around.personal(index) });
  const heading = instantIn(record, 1);
  await db.insertInto('heading').values({ stream, position: heading, idx: index }).execute();
  await db
    .insertInto('visible')
    .values(rows.map((row) => ({ stream, ...row })))
    .execute();
  const complaint = await around.find(body.complaint);
  const until = instantOf(body.until);
  await db
    .insertInto('opened')
    .values(rows.map((row) => ({ ...row, party, stream, heading, until, complaint })))
    .execute();
}

/** Parts that were taken back are closed to who supervises, too. @param from this one alone; null: whoever it is */
export async function closeOpened(
  numbers: readonly PartNumber[],
  from: PartyNo | null,
  db: Db<ObjectsTables>,
): Promise<void> {
  const rows = await db.selectFrom('opened').selectAll().where('part', 'in', numbers).execute();
  await close(
    rows.filter(({ party }) => from === null || party === from),
    db,
  );
}

/** Who supervises has answered: nothing asks for its looking any more. */
export async function closeCase(complaint: number, db: Db<ObjectsTables>): Promise<void> {
  const rows = await db.selectFrom('opened').selectAll().where('complaint', '=', complaint).execute();
  await close(rows, db);
}

/** Whom the terms name no more, or who is not there: what it opened in the room stays closed, whatever terms come. */
export async function closeOthers(id: string, db: Db<ObjectsTables>, around: Surroundings): Promise<void> {
  const { no } = await around.room(id);
  const supervisor = await around.supervisor(id);
  const rows = await db
    .selectFrom('opened')
    .innerJoin('stream', 'stream.no', 'opened.stream')
    .selectAll('opened')
    .where('stream.room', '=', no)
    .execute();
  const kept = supervisor === null ? null : await around.party(supervisor);
  await close(
    rows.filter(({ party }) => party !== kept),
    db,
  );
}

async function close(rows: readonly ObjectsTables['opened'][], db: Db<ObjectsTables>): Promise<void> {
  for (const { party, part, stream, position } of rows) {
    await db.deleteFrom('visible').where('stream', '=', stream).where('position', '=', position).execute();
    await db
      .deleteFrom('opened')
      .where('party', '=', party)
      .where('part', '=', part)
      .where('position', '=', position)
      .execute();
  }
  for (const { stream, heading } of new Map(rows.map((row) => [row.heading, row])).values()) {
    const left = await db
      .selectFrom('opened')
      .select('part')
      .where('stream', '=', stream)
      .where('heading', '=', heading)
      .limit(1)
      .execute();
    if (left.length === 0)
      await db.deleteFrom('heading').where('stream', '=', stream).where('position', '=', heading).execute();
  }
}
