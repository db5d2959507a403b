/** Databases for tests, on a server where `PARLEY_TEST_DATABASE` says that they may be made. */
import { Client } from 'pg';

/** `postgres://…` of any database of that server; undefined: there is none, and nothing is tested on one. */
export const testServer = process.env.PARLEY_TEST_DATABASE || undefined;

/** For `it` and its like. */
export const withoutServer = testServer ? false : 'PARLEY_TEST_DATABASE names no server';

/** For tests of SQLite's own files, in a run on a server. */
export const ofSqliteAlone = testServer ? 'of SQLite and its files alone' : false;

/** An empty one of its own. @param options as of `create database` @returns its URL */
export async function makeDatabase(options = `encoding 'UTF8'`): Promise<string> {
  const name = `parley_test_${crypto.randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name} ${options} template template0`);
  const url = new URL(testServer ?? '');
  url.pathname = `/${name}`;
  return url.href;
}

/** Whoever is connected to it loses it. */
export async function dropDatabase(url: string): Promise<void> {
  await administer(`drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
}

async function administer(statement: string): Promise<void> {
  await asked(testServer ?? '', statement);
}

/** One answer of the database itself, past everything that Parley does. */
export async function asked<Row extends object>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return asking(url, (ask) => ask<Row>(text, values));
}

export type Ask = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** The same, several over one connection. */
export async function asking<T>(url: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async <Row>(text: string, values: readonly unknown[] = []) => {
      const { rows } = await client.query(text, [...values]);
      return rows as Row[];
    });
  } finally {
    await client.end();
  }
}
