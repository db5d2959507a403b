import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Refusal } from '@parley/core/errors.ts';
import { sql } from 'kysely';
import { ofSqliteAlone } from '../testing/postgres.ts';
import { folder, storeAt } from './fixture.ts';
import { GroupCommit } from './group-commit.ts';
import type { JournalDb, JournalStore } from './ports.ts';
import { migrate } from './tables.ts';

/** A store that counts its transactions, and fails the next one before or after it has persisted. */
async function counted(test: TestContext) {
  const store = await storeAt(join(folder(test), 'journals.sqlite'));
  await store.transaction((db) => migrate(db, store.spelling));
  test.after(() => store.close());
  const seen = { transactions: 0, fail: null as 'lost' | 'persisted' | 'away' | null };
  const counting: JournalStore = {
    ...store,
    transaction: async (work) => {
      seen.transactions++;
      if (seen.fail === 'away') throw new Refusal('store.away');
      if (seen.fail === 'lost') throw new Error('disk');
      const result = await store.transaction(work);
      if (seen.fail === 'persisted') throw new Error('disk');
      return result;
    },
  };
  return { store: counting, seen };
}

const put = (key: string) => async (db: JournalDb) => {
  await db.insertInto('meta').values({ key, value: '' }).execute();
  return key;
};

async function keys({ db }: JournalStore): Promise<string[]> {
  const rows = await db
    .selectFrom('meta')
    .select('key')
    .where('key', 'not in', ['schema', 'turn'])
    .orderBy('key')
    .execute();
  return rows.map(({ key }) => key);
}

const unexpected = (cause: unknown) => {
  throw cause;
};

test('what waits is one transaction, what arrives meanwhile the next', async (t) => {
  const { store, seen } = await counted(t);
  const group = new GroupCommit(store, unexpected);
  const late: Promise<string>[] = [];
  const first = group.commit(async (db) => {
    late.push(group.commit(put('c')), group.commit(put('d')));
    await turn();
    return put('a')(db);
  });
  assert.deepEqual(await Promise.all([first, group.commit(put('b'))]), ['a', 'b']);
  assert.equal(seen.transactions, 1);
  assert.deepEqual(await Promise.all(late), ['c', 'd']);
  assert.equal(seen.transactions, 2);
  assert.deepEqual(await keys(store), ['a', 'b', 'c', 'd']);
});

test('nobody is answered before the commit', async (t) => {
  const { store } = await counted(t);
  let committed = false;
  const slow: JournalStore = {
    ...store,
    transaction: async (work) => {
      const result = await store.transaction(work);
      await turn();
      committed = true;
      return result;
    },
  };
  await new GroupCommit(slow, unexpected).commit(put('a'));
  assert.ok(committed);
});

test('work that throws is undone alone', async (t) => {
  const { store } = await counted(t);
  const group = new GroupCommit(store, unexpected);
  const results = await Promise.allSettled([
    group.commit(put('a')),
    group.commit(async (db) => {
      await put('b')(db);
      throw new Error('no');
    }),
    group.commit(put('a')),
    group.commit(put('c')),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await keys(store), ['a', 'c']);
});

for (const fail of ['lost', 'persisted'] as const)
  test(`doubt ends it: a commit that fails and is ${fail}`, async (t) => {
    const { store, seen } = await counted(t);
    const doubts: unknown[] = [];
    const group = new GroupCommit(store, (cause) => doubts.push(cause));
    seen.fail = fail;
    const results = await Promise.allSettled([group.commit(put('a')), group.commit(put('b'))]);
    assert.ok(results.every((result) => result.status === 'rejected' && result.reason.code === 'fault'));
    seen.fail = null;
    await assert.rejects(group.commit(put('c')), { code: 'fault' });
    assert.equal(doubts.length, 1);
    assert.deepEqual(await keys(store), fail === 'lost' ? [] : ['a', 'b']);
    await group.close();
  });

test('a group that the database could not take is refused, and the next one is taken', async (t) => {
  const { store, seen } = await counted(t);
  const group = new GroupCommit(store, unexpected);
  seen.fail = 'away';
  const both = await Promise.allSettled([group.commit(put('a')), group.commit(put('b'))]);
  for (const result of both)
    assert.equal(result.status === 'rejected' && result.reason.code, 'store.away', result.status);
  seen.fail = null;
  assert.equal(await group.commit(put('c')), 'c');
  assert.deepEqual(await keys(store), ['c']);
  await group.close();
});

test('closing finishes what waits and takes nothing more', async (t) => {
  const { store } = await counted(t);
  const group = new GroupCommit(store, unexpected);
  const waiting = group.commit(put('a'));
  const closed = group.close();
  await assert.rejects(group.commit(put('b')), { code: 'stopping' });
  await closed;
  assert.equal(await waiting, 'a');
  assert.deepEqual(await keys(store), ['a']);
});

test('the file is in write-ahead mode, synchronous, and deletes for good', {
  skip: ofSqliteAlone,
}, async (t) => {
  const { store } = await counted(t);
  const setting = async (name: string) => {
    const { rows } = await store.transaction((db) =>
      sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db),
    );
    return Object.values(rows[0] ?? {})[0];
  };
  assert.equal(await setting('journal_mode'), 'wal');
  assert.equal(await setting('synchronous'), 2);
  assert.equal(await setting('secure_delete'), 1);
});
