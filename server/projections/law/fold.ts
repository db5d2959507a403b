import { instantOf, type StatementRef } from '@parley/core/fields.ts';
import { type Header, isA } from '@parley/core/statement.ts';
import { type PartNumber, partNumber, type StoredRecord } from '../../log/ports.ts';
import type { Db, Folding } from '../folding.ts';
import { readLaw } from './read.ts';
import type { LawTables } from './tables.ts';

/** What the fold asks of the log, and of what is folded up to the record before. */
export interface LawSurroundings {
  /** The index of a statement that the log holds. */
  find(ref: StatementRef): Promise<number>;
  /** How many parts the record has. */
  count(index: number): Promise<number>;
  /** Those that were taken back. */
  taken(parts: readonly PartNumber[]): Promise<ReadonlySet<PartNumber>>;
}

export async function foldLaw(
  { record }: Folding,
  db: Db<LawTables>,
  around: LawSurroundings,
): Promise<void> {
  const { header, index, instant } = record;
  if (isA(header, 'hold/1')) await foldHold(record, header, db, around);
  else if (isA(header, 'hold.review/1')) {
    const { hold, review, until } = header.body;
    await change(index, await around.find(hold), db, {
      review: instantOf(review),
      until: until === null ? null : instantOf(until),
      reviewed_at: instant,
    });
  } else if (isA(header, 'hold.end/1'))
    await change(index, await around.find(header.body.hold), db, { ended_at: instant });
  else if (isA(header, 'subject.request/1')) await foldRequest(record, header, db, around);
  else if (isA(header, 'subject.answer/1')) {
    const { request, answer, basis } = header.body;
    await db
      .updateTable('subject_request')
      .set({ answer, basis, answered_idx: index, answered_at: instant })
      .where('idx', '=', await around.find(request))
      .execute();
  }
}

/** What was erased before cannot be held. What was taken back, and another hold has kept, can. */
async function foldHold(
  { index, instant }: StoredRecord,
  header: Header<'hold/1'>,
  db: Db<LawTables>,
  around: LawSurroundings,
): Promise<void> {
  const { target: ref, parts, basis, review, until } = header.body;
  const target = await around.find(ref);
  const every = Array.from({ length: await around.count(target) }, (_, n) => n);
  const wanted = (parts ?? every).map((n) => partNumber(target, n));
  const taken = await around.taken(wanted);
  const held = await readLaw(db).held(wanted);
  const there = wanted.filter((part) => !taken.has(part) || held.has(part));
  await db
    .insertInto('hold')
    .values({
      idx: index,
      room: header.room ?? '',
      party: header.party,
      target,
      basis,
      review: instantOf(review),
      until: until === null ? null : instantOf(until),
      at: instant,
      reviewed_at: null,
      ended_at: null,
    })
    .execute();
  if (there.length > 0)
    await db
      .insertInto('hold_part')
      .values(there.map((part) => ({ hold: index, part })))
      .execute();
  await db.insertInto('hold_said').values({ idx: index, hold: index }).execute();
}

async function change(
  index: number,
  hold: number,
  db: Db<LawTables>,
  values: Partial<LawTables['hold']>,
): Promise<void> {
  await db.updateTable('hold').set(values).where('idx', '=', hold).execute();
  await db.insertInto('hold_said').values({ idx: index, hold }).execute();
}

async function foldRequest(
  { index, instant }: StoredRecord,
  header: Header<'subject.request/1'>,
  db: Db<LawTables>,
  around: LawSurroundings,
): Promise<void> {
  const { target, parts, request, due } = header.body;
  await db
    .insertInto('subject_request')
    .values({
      idx: index,
      room: header.room ?? '',
      asker: header.party,
      originator: target.party,
      target: await around.find(target),
      parts: parts && JSON.stringify(parts),
      request,
      due: instantOf(due),
      at: instant,
      answer: null,
      basis: null,
      answered_idx: null,
      answered_at: null,
    })
    .execute();
}
