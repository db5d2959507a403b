/** Journals in a folder of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { sqliteJournals } from '../storage/sqlite-journals.ts';
import { type Journals, openJournals } from './journals.ts';

export function folder(test: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-journals-'));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function openAt(path: string): Promise<Journals> {
  return openJournals(sqliteJournals(path), (cause) => {
    throw cause;
  });
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
