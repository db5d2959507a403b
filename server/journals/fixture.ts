/** Journals of the test's own: in a folder, or in databases whose names stand there, where there is a server for them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Bytes } from '@parley/core/bytes.ts';
import { postgresJournals } from '../storage/postgres-journals.ts';
import { sqliteJournals } from '../storage/sqlite-journals.ts';
import { dropDatabase, makeDatabase, testServer } from '../testing/postgres.ts';
import { type Journals, openJournals } from './journals.ts';
import type { JournalStore } from './ports.ts';

export function folder(test: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-journals-'));
  test.after(async () => {
    for (const name of testServer ? readdirSync(path) : []) await dropDatabase(databaseAt(join(path, name)));
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

export async function openAt(path: string, challengeKey?: Bytes): Promise<Journals> {
  const fail = (cause: unknown) => {
    throw cause;
  };
  return openJournals(await storeAt(path), fail, challengeKey);
}

export async function storeAt(path: string): Promise<JournalStore> {
  if (!testServer) return sqliteJournals(path);
  if (!existsSync(path)) writeFileSync(path, await makeDatabase());
  return postgresJournals(databaseAt(path));
}

/** The URL of the database that stands for a path. */
export function databaseAt(path: string): string {
  return readFileSync(path, 'utf8');
}

/** Closed when the test ends. */
export async function openHere(test: TestContext): Promise<Journals> {
  const path = folder(test);
  const journals = await openAt(join(path, 'journals.sqlite'));
  test.after(() => journals.close());
  return journals;
}

/** A party or device id of one repeated digit. */
export function id(digit: string): string {
  return digit.repeat(64);
}
