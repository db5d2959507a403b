import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { copyDatabase } from '../storage/sqlite-connection.ts';
import { asked, ofSqliteAlone, testServer } from '../testing/postgres.ts';
import { databaseAt, folder, id, openAt } from './fixture.ts';

const opening = { party: id('a'), device: id('b'), purpose: 'x-p', justification: null, now: 0, ttl: 10 };

test('a copy is taken while writes go on, and opens', { skip: ofSqliteAlone }, async (t) => {
  const path = folder(t);
  const journals = await openAt(join(path, 'journals.sqlite'));
  t.after(journals.close);
  const token = await journals.sessions.open(opening);
  const writes = Array.from({ length: 50 }, () => journals.sessions.open(opening));
  await Promise.all([copyDatabase(join(path, 'journals.sqlite'), join(path, 'copy.sqlite')), ...writes]);
  const copy = await openAt(join(path, 'copy.sqlite'));
  t.after(copy.close);
  assert.ok(await copy.sessions.find(token, 1));
});

test('a copy never goes over something else', { skip: ofSqliteAlone }, async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  const journals = await openAt(path);
  t.after(journals.close);
  await assert.rejects(copyDatabase(path, path), { code: 'store.present' });
});

test('opening again keeps everything; a newer schema is refused and left alone', async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  const first = await openAt(path);
  const token = await first.sessions.open(opening);
  await first.close();
  const second = await openAt(path);
  assert.ok(await second.sessions.find(token, 1));
  await second.close();
  await ask(path, "update META set value = '99' where key = 'schema'");
  await assert.rejects(openAt(path), { code: 'store.newer' });
  assert.deepEqual(await ask(path, "select value from META where key = 'schema'"), ['99']);
});

/** Of the database itself, past the journals. @returns the first column */
async function ask(path: string, text: string): Promise<unknown[]> {
  const rows = testServer
    ? await asked<object>(databaseAt(path), text.replace('META', 'parley_journals.meta'))
    : inFile(path, text.replace('META', 'meta'));
  return rows.map((row) => Object.values(row)[0]);
}

function inFile(path: string, text: string): object[] {
  const database = new DatabaseSync(path);
  try {
    return database.prepare(text).all();
  } finally {
    database.close();
  }
}

test('after closing, nothing is taken', async (t) => {
  const journals = await openAt(join(folder(t), 'journals.sqlite'));
  const last = journals.sessions.open(opening);
  await journals.close();
  await last;
  await assert.rejects(journals.sessions.open(opening), { code: 'stopping' });
});

test('a file that is no database is refused', { skip: ofSqliteAlone }, async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  writeFileSync(path, 'not a database, but long enough to be asked about its header'.repeat(20));
  await assert.rejects(openAt(path), { code: 'store.corrupt' });
});

test('file and copy are readable by their owner only', { skip: ofSqliteAlone }, async (t) => {
  const path = folder(t);
  const journals = await openAt(join(path, 'journals.sqlite'));
  t.after(journals.close);
  await copyDatabase(join(path, 'journals.sqlite'), join(path, 'copy.sqlite'));
  for (const name of readdirSync(path)) assert.equal(statSync(join(path, name)).mode & 0o077, 0, name);
});
