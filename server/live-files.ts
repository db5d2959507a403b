/** The names of all files that must lie beside a log. */
import { sql } from 'kysely';
import { fileNamesOf } from './files/names.ts';
import { foldVersion, foldVersionOf } from './folds.ts';
import { partNumber } from './log/ports.ts';
import { readFiles } from './projections/files/read.ts';
import type { Moment } from './sources.ts';

const atOnce = 500;

export async function liveFiles(moment: Moment): Promise<ReadonlySet<string>> {
  const live = new Set<string>();
  for await (const rows of namedFiles(moment)) {
    const there = await notErased(
      moment,
      rows.map(({ part }) => part),
    );
    for (const { part, name } of rows) if (there.has(part)) live.add(name);
  }
  return live;
}

interface Row {
  readonly part: number;
  readonly name: string;
}

/** From the projection where it is of these folds, else from the log itself. */
async function* namedFiles({ log, db }: Moment): AsyncGenerator<readonly Row[], void> {
  if ((await foldVersionOf(db)) === foldVersion) {
    for (let after = -1; ; ) {
      const rows = await readFiles(db).after(after, atOnce);
      if (rows.length > 0) yield rows;
      after = rows.at(-1)?.part ?? after;
      if (rows.length < atOnce) return;
    }
  }
  const size = (await log.head())?.size ?? 0;
  for (let from = 0; from < size; from += atOnce)
    yield (await log.range(from, Math.min(from + atOnce, size))).flatMap(({ index, header, leaves }) =>
      fileNamesOf(header, leaves).map(({ n, name }) => ({ part: partNumber(index, n), name })),
    );
}

async function notErased({ db }: Moment, parts: readonly number[]): Promise<ReadonlySet<number>> {
  if (parts.length === 0) return new Set();
  const { rows } = await sql<{ number: number }>`
    select number from parts p where number in (${sql.join(parts)}) and bytes is not null
      and not exists (select 1 from condemned c where c.number = p.number)`.execute(db);
  return new Set(rows.map(({ number }) => number));
}
