/** Kysely on `node:sqlite`. Rows come with a null prototype, as `node:sqlite` gives them. */
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { answersAtOnce } from '../log/prepared.ts';
import type { ColumnSeals } from './column-seals.ts';
import { openRows, SealingPlugin } from './sealing-plugin.ts';

/**
 * @param prepare gives a statement, cached or not: rows are read whole before it is used again. Who owns the
 * connection closes it; destroying the Kysely does nothing.
 * @param seals what stands sealed in its tables; null: nothing
 */
export function kyselyOn<DB>(
  prepare: (sql: string) => StatementSync,
  seals: ColumnSeals | null = null,
): Kysely<DB> {
  const readers = new WeakMap<StatementSync, boolean>();
  const isReader = (statement: StatementSync) => {
    const known = readers.get(statement) ?? statement.columns().length > 0;
    readers.set(statement, known);
    return known;
  };
  const database = {
    prepare(sql: string) {
      const statement = prepare(sql);
      return {
        reader: isReader(statement),
        all: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])),
        run: (values: readonly unknown[]) => statement.run(...(values as SQLInputValue[])),
        iterate: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])).values(),
      };
    },
    close: () => {},
  };
  const plugins = seals ? [new SealingPlugin(seals)] : [];
  const db = new Kysely<DB>({ dialect: new SqliteDialect({ database }), plugins });
  answersAtOnce(db, (sql, parameters) => {
    const statement = prepare(sql);
    const rows = statement.all(...(parameters as SQLInputValue[]));
    return seals ? openRows(rows, seals) : rows;
  });
  return db;
}
