/** Databases for tests, on a server where `PARLEY_TEST_DATABASE` says that they may be made. */
import { Client } from 'pg';

/** `postgres://…` of any database of that server; undefined: there is none, and nothing is tested on one. */
export const testServer = process.env.PARLEY_TEST_DATABASE || undefined;

/** For `it` and its like. */
export const withoutServer = testServer ? false : 'PARLEY_TEST_DATABASE names no server';

/** For tests of SQLite's own files, in a run on a server. */
export const ofSqliteAlone = testServer ? 'of SQLite and its files alone' : false;

/** Made here and not dropped yet, whatever became of the test. */
const left = new Set<string>();
process.on('beforeExit', async () => {
  for (const name of left) await drop(name);
});

/** Hours after which nobody still tests with one: what a process that was killed has left. */
const stale = 6;
const made = /^parley_test_([0-9a-z]+)_[0-9a-f]{32}$/;
let swept: Promise<void> | undefined;

/** An empty one of its own. @param options as of `create database` @returns its URL */
export async function makeDatabase(options = `encoding 'UTF8'`): Promise<string> {
  swept ??= sweep();
  await swept;
  const name = `parley_test_${hourNow().toString(36)}_${crypto.randomUUID().replaceAll('-', '')}`;
  left.add(name);
  await administer(`create database ${name} ${options} template template0`);
  const url = new URL(testServer ?? '');
  url.pathname = `/${name}`;
  return url.href;
}

/** Whoever is connected to it loses it. */
export async function dropDatabase(url: string): Promise<void> {
  await drop(new URL(url).pathname.slice(1));
}

async function drop(name: string): Promise<void> {
  left.delete(name);
  await administer(`drop database if exists ${name} with (force)`);
}

const hourNow = () => Math.floor(Date.now() / 3_600_000);

async function sweep(): Promise<void> {
  const rows = await asked<{ datname: string }>(
    testServer ?? '',
    `select datname from pg_database d where datname like 'parley\\_test\\_%'
     and not exists (select 1 from pg_stat_activity a where a.datname = d.datname)`,
  );
  for (const { datname } of rows) {
    const [, hour] = made.exec(datname) ?? [];
    // Another process may be about to do the same.
    if (hour && hourNow() - Number.parseInt(hour, 36) > stale) await drop(datname).catch(() => {});
  }
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
