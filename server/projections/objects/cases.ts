/** By which case somebody files what is seen: rows stand where the part stands, so that a search opens no other way. */

import { fromUtf8 } from '@parley/core/bytes.ts';
import { casesIn } from '@parley/core/cases.ts';
import { isA } from '@parley/core/statement.ts';
import { type Expression, expressionBuilder, type SqlBool } from 'kysely';
import { type PartNumber, partNumber } from '../../log/ports.ts';
import type { Db, Folding } from '../folding.ts';
import type { ObjectsTables } from './tables.ts';

type Row = ObjectsTables['case_ref'];

/** Of `case_ref as visible`. Not by hand: a store may keep references sealed, and then seals what they are compared with. */
export function isCase(ref: string): Expression<SqlBool> {
  return expressionBuilder<{ visible: Row }, 'visible'>()('visible.ref', '=', ref);
}

/** Rows in one statement: below the variables that SQLite binds. */
const rowsAtOnce = 1_000;

export async function addCases(db: Db<ObjectsTables>, rows: readonly Row[]): Promise<void> {
  for (let i = 0; i < rows.length; i += rowsAtOnce)
    await db
      .insertInto('case_ref')
      .values(rows.slice(i, i + rowsAtOnce))
      .execute();
}

/** A reason and its like, wherever its statement was announced. */
export async function foldCases({ record, parts }: Folding, db: Db<ObjectsTables>): Promise<void> {
  const part = parts[0];
  if (!part || isA(record.header, 'share/1')) return;
  const cases = casesIn(JSON.parse(fromUtf8(part.bytes)));
  if (cases.length === 0) return;
  const headings = await db.selectFrom('heading').selectAll().where('idx', '=', record.index).execute();
  const rows = headings.flatMap(({ stream, position }) =>
    cases.map((ref) => ({ ref, stream, position, part: partNumber(record.index, 0), content: 0 })),
  );
  await addCases(db, rows);
}

/** What was announced, or passed on, in another place later. */
export async function copyCases(
  db: Db<ObjectsTables>,
  stream: number,
  places: readonly { readonly part: PartNumber; readonly position: number }[],
): Promise<void> {
  if (places.length === 0) return;
  const known = await db
    .selectFrom('case_ref')
    .select(['ref', 'part', 'content'])
    .distinct()
    .where(
      'part',
      'in',
      places.map(({ part }) => part),
    )
    .orderBy('part')
    .orderBy('ref')
    .execute();
  const positions = new Map(places.map(({ part, position }) => [part, position]));
  await addCases(
    db,
    known.map((row) => ({ ...row, stream, position: positions.get(row.part) ?? 0 })),
  );
}
