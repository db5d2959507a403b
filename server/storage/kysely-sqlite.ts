/** Kysely on `node:sqlite`. Rows come with a null prototype, as `node:sqlite` gives them. */
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';

/**
 * @param prepare gives a statement, cached or not: rows are read whole before it is used again. Who owns the
 * connection closes it; destroying the Kysely does nothing.
 */
export function kyselyOn<DB>(prepare: (sql: string) => StatementSync): Kysely<DB> {
  const database = {
    prepare(sql: string) {
      const statement = prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])),
        run: (values: readonly unknown[]) => statement.run(...(values as SQLInputValue[])),
        iterate: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])).values(),
      };
    },
    close: () => {},
  };
  return new Kysely<DB>({ dialect: new SqliteDialect({ database }) });
}
