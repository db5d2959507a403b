/** What a host can do to its tables, past everything that Parley does, on either store: for tests. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { pathsIn } from '../paths.ts';
import { located } from './located.ts';
import { asking } from './postgres.ts';

export interface Editing {
  /** One statement that both databases take, with `?` for its values. @returns its rows */
  run<Row extends object>(text: string, ...values: readonly (SQLInputValue | null)[]): Promise<Row[]>;
  /** Flips the lowest bit of a byte in the first row. */
  flip(table: string, column: string, where: string, at: number): Promise<void>;
  tables(): Promise<string[]>;
}

/** @param of which of its databases */
export function editing(folder: string, of: 'log' | 'journals' = 'log'): Editing {
  const { database } = located(folder);
  if (database === null) return inFile(pathsIn(folder)[of]);
  return inDatabase(database, of === 'log' ? 'parley' : 'parley_journals');
}

function inFile(path: string): Editing {
  const run = async <Row extends object>(text: string, ...values: readonly SQLInputValue[]) => {
    const db = new DatabaseSync(path);
    try {
      return db.prepare(text).all(...values) as unknown as Row[];
    } finally {
      db.close();
    }
  };
  return {
    run,
    flip: (...what) => flip(run, 'rowid', ...what),
    tables: () => namesBy(run, `select name from sqlite_schema where type = 'table'`),
  };
}

function inDatabase(url: string, schema: string): Editing {
  const run = async <Row extends object>(text: string, ...values: readonly SQLInputValue[]) => {
    let n = 0;
    const numbered = text.replaceAll('?', () => `$${++n}`);
    return asking(url, async (ask) => {
      await ask(`set search_path to ${schema}`);
      return ask<Row>(numbered, values);
    });
  };
  return {
    run,
    flip: (...what) => flip(run, 'ctid', ...what),
    tables: () => namesBy(run, 'select tablename as name from pg_tables where schemaname = ?', schema),
  };
}

async function flip(
  run: Editing['run'],
  place: string,
  table: string,
  column: string,
  where: string,
  at: number,
): Promise<void> {
  const [row] = await run<{ id: string | number; bytes: Uint8Array }>(
    `select ${place} as id, ${column} as bytes from ${table} where ${where} limit 1`,
  );
  if (!row) throw new Error(`no row of ${table} where ${where}`);
  const bytes = Uint8Array.from(row.bytes);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await run(`update ${table} set ${column} = ? where ${place} = ?`, bytes, row.id);
}

async function namesBy(
  run: Editing['run'],
  text: string,
  ...values: readonly SQLInputValue[]
): Promise<string[]> {
  return (await run<{ name: string }>(text, ...values)).map(({ name }) => name);
}
