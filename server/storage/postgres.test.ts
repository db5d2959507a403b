/** What is PostgreSQL's own: several stores on one database, and a database that goes away at any moment. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '@parley/core/errors.ts';
import { sql } from 'kysely';
import type { Store } from '../log/ports.ts';
import { asked, dropDatabase, makeDatabase, withoutServer } from '../testing/postgres.ts';
import { createPostgres, openPostgres } from './postgres.ts';
import { postgresFiles } from './postgres-files.ts';
import { spelling } from './postgres-spelling.ts';
import { wrongInTarget } from './postgres-target.ts';
import { append, headOf, makeNotes, refusal, type Tables } from './store-sample.ts';

async function database(t: TestContext, options?: string): Promise<string> {
  const url = await makeDatabase(options);
  t.after(() => dropDatabase(url));
  return url;
}

async function opened(t: TestContext, url: string): Promise<Store<Tables>> {
  const store = await openPostgres<Tables>(url);
  t.after(() => store.close());
  return store;
}

async function made(t: TestContext): Promise<{ url: string; store: Store<Tables> }> {
  const url = await database(t);
  await createPostgres(url);
  return { url, store: await opened(t, url) };
}

const grow = (store: Store<Tables>) =>
  store.commit(async ({ log }) => {
    const size = (await log.head())?.size ?? 0;
    await append(log, size);
    await log.advance(size, headOf(size + 1));
  });

const sizeOf = async (store: Store<Tables>) => (await store.snapshot(({ log }) => log.head()))?.size ?? 0;

/** Ends every other connection of this user to the database. */
const cut = (url: string) =>
  asked(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );

/** Runs at each commit that has put a tile: by then the commit was sent. */
const atCommit = (url: string, does: string) =>
  asked(
    url,
    `create function parley.at_commit() returns trigger language plpgsql as $$ begin ${does}; return null; end $$;
     create constraint trigger at_commit after insert on parley.tiles deferrable initially deferred
     for each row execute function parley.at_commit()`,
  );

const tile = (store: Store<Tables>) => store.commit(({ log }) => log.putTile(0, 0, new Uint8Array(32)));

describe('postgres: several stores on one database', { skip: withoutServer }, () => {
  it('one that hangs while it holds the head is passed over within seconds', async (t) => {
    const { url, store } = await made(t);
    const other = await opened(t, url);
    let holds = () => {};
    const held = new Promise<void>((resolve) => {
      holds = resolve;
    });
    let goOn = () => {};
    const hanging = store.commit(async () => {
      holds();
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    });
    hanging.catch(() => {});
    await held;
    // It waits for its turn, and has it before it would give up.
    await grow(other);
    goOn();
    await assert.rejects(hanging, refusal('store.away'));
    assert.equal(await sizeOf(other), 1);
    await grow(store);
    assert.equal(await sizeOf(store), 2, 'and goes on');
  });

  it('commit one after another, each from where the one before has ended', async (t) => {
    const { url, store } = await made(t);
    const stores = [store, await opened(t, url), await opened(t, url)];
    await Promise.all(Array.from({ length: 30 }, (_, i) => grow(stores[i % 3] as Store<Tables>)));
    for (const each of stores) assert.equal(await sizeOf(each), 30);
    assert.equal((await store.snapshot(({ log }) => log.range(0, 99))).length, 30);
  });

  it('are told when another has moved the head, and after a lost connection again', async (t) => {
    const { url, store } = await made(t);
    const other = await opened(t, url);
    let told = 0;
    let first: (() => void) | null = null;
    const heard = () => {
      const before = told;
      return new Promise<void>((resolve) => {
        first = () => told > before && resolve();
        first();
      });
    };
    const stop = other.onMoved(() => {
      told++;
      first?.();
    });
    // Told when it begins to listen, since something may have come before.
    while (told === 0) await pause(5);
    const moved = heard();
    await grow(store);
    await moved;
    const again = heard();
    await cut(url);
    await again;
    const after = heard();
    await grow(store);
    await after;
    stop();
  });

  it('are made once', async (t) => {
    const url = await database(t);
    await assert.rejects(openPostgres(url), refusal('store.absent'));
    const results = await Promise.allSettled([createPostgres(url), createPostgres(url)]);
    const refused = results.filter((result) => result.status === 'rejected');
    assert.deepEqual(
      refused.map(({ reason }) => (reason as Refusal).code),
      ['store.present'],
    );
    await asked(url, `update parley.meta set value = '99' where key = 'schema'`);
    await assert.rejects(openPostgres(url), refusal('store.newer'));
    await asked(url, `update parley.meta set value = '0' where key = 'schema'`);
    await assert.rejects(openPostgres(url, { readOnly: true }), refusal('store.corrupt'));
    const none = new URL(url);
    none.pathname = '/parley_there_is_none';
    await assert.rejects(openPostgres(none.href), refusal('store.absent'));
    none.port = '1';
    await assert.rejects(openPostgres(none.href), refusal('store.away'));
  });

  it('hold text in an order of their own, whatever the language of the database', async (t) => {
    const url = await database(t, `locale_provider icu icu_locale 'en-US' locale 'C.UTF-8'`);
    await createPostgres(url);
    const store = await opened(t, url);
    const texts = ['b', 'a', 'B', 'ä', 'a b', 'ab', '_', '~'];
    const sorted = await store.commit(async ({ db }) => {
      await makeNotes(db, spelling);
      await db
        .insertInto('notes')
        .values(texts.map((text) => ({ text })))
        .execute();
      return db.selectFrom('notes').select('text').orderBy('text').execute();
    });
    assert.deepEqual(
      sorted.map(({ text }) => text),
      [...texts].sort(),
    );
  });

  it('take only text that every language fits into', async (t) => {
    const url = await database(t, `encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'`);
    await assert.rejects(createPostgres(url), refusal('config.value'));
  });
});

describe('postgres: a database that goes away', { skip: withoutServer }, () => {
  it('before the commit was sent has taken nothing, says so, and serves again', async (t) => {
    const { url, store } = await made(t);
    await grow(store);
    const lost = store.commit(async ({ log }) => {
      await append(log, 1);
      await cut(url);
      await log.advance(1, headOf(2));
    });
    await assert.rejects(lost, refusal('store.away'));
    const unseen = store.commit(async ({ log, savepoint }) => {
      await cut(url);
      await savepoint(() => append(log, 1)).catch(() => {});
    });
    await assert.rejects(unseen, refusal('store.away'), 'also where the work hides it');
    const read = store.snapshot(async ({ log }) => {
      await cut(url);
      return log.range(0, 9);
    });
    await assert.rejects(read, refusal('store.away'));
    await grow(store);
    assert.equal(await sizeOf(store), 2);
  });

  it('at the commit leaves doubt', async (t) => {
    const { url, store } = await made(t);
    await atCommit(url, 'perform pg_terminate_backend(pg_backend_pid())');
    await assert.rejects(tile(store), (error) => !(error instanceof Refusal));
  });

  it('gives way to others: what it undid itself was not taken', async (t) => {
    for (const state of ['40001', '40P01']) {
      const { url, store } = await made(t);
      await atCommit(url, `raise exception 'gave way' using errcode = '${state}'`);
      await assert.rejects(tile(store), refusal('store.away'), 'at the commit');
      const within = store.commit(({ db }) =>
        sql.raw(`do $$ begin raise exception 'gave way' using errcode = '${state}'; end $$`).execute(db),
      );
      await assert.rejects(within, refusal('store.away'), 'within');
      assert.equal(await store.snapshot(({ log }) => log.tile(0, 0)), null);
    }
  });

  it('is full: nothing is taken, and it serves again', async (t) => {
    const { url, store } = await made(t);
    await asked(
      url,
      `create function parley.full() returns trigger language plpgsql as
         $$ begin raise exception 'no space left' using errcode = '53100'; end $$;
       create trigger no_room before insert on parley.tiles for each row execute function parley.full();
       create trigger no_room before insert on parley.file_chunk for each row execute function parley.full()`,
    );
    await assert.rejects(tile(store), refusal('store.away'));
    const files = postgresFiles(url);
    t.after(() => files.close());
    await assert.rejects(files.put('a', pieces()), refusal('queue.full'));
    assert.equal(await files.has('a'), false);
    await grow(store);
  });

  it('is not what failed where one statement is wrong: that goes on as it is', async (t) => {
    const { store } = await made(t);
    const wrong = store.commit(({ db }) => sql`insert into nowhere values (1)`.execute(db));
    await assert.rejects(wrong, /nowhere/);
    const hidden = store.commit(async ({ log, db }) => {
      await append(log, 0);
      await sql`insert into nowhere values (1)`.execute(db).catch(() => {});
    });
    await assert.rejects(hidden, refusal('fault'));
    assert.equal((await store.snapshot(({ log }) => log.range(0, 9))).length, 0);
  });
});

async function* pieces() {
  yield new Uint8Array(9);
}

describe('postgres: connections', { skip: withoutServer }, () => {
  it('are undone with what still ran beside the failed work', async (t) => {
    const { store } = await made(t);
    const left: Promise<unknown>[] = [];
    await store.commit(async ({ log, db, savepoint }) => {
      await makeNotes(db, spelling);
      const note = (text: string) => db.insertInto('notes').values({ text }).execute();
      const late = async () => {
        for (const text of ['one', 'two', 'three']) await note(text);
      };
      const failing = savepoint(async () => {
        left.push(late());
        throw new Refusal('absent');
      });
      await assert.rejects(failing, refusal('absent'));
      await append(log, 0);
    });
    await Promise.allSettled(left);
    const notes = await store.snapshot(({ db }) => db.selectFrom('notes').selectAll().execute());
    assert.deepEqual(notes, []);
  });

  it('show a transaction to nobody who uses it too late', async (t) => {
    const { store } = await made(t);
    const late = await store.commit(async ({ log }) => log);
    await assert.rejects(append(late, 0), refusal('fault'));
  });

  it('forget once no reader needs what was before', async (t) => {
    const { url, store } = await made(t);
    await store.commit(({ log }) => append(log, 0, ['erased']));
    const dead = async () => {
      const [row] = await asked<{ dead: string }>(
        url,
        `select count(*) as dead from heap_page_items(get_raw_page('parley.parts', 0)) where t_xmax <> 0 and lp_len > 0`,
      );
      return Number(row?.dead);
    };
    await asked(url, 'create extension pageinspect');
    let forgetting: Promise<void> | undefined;
    await store.snapshot(async ({ log }) => {
      assert.equal((await log.parts([0])).size, 1);
      await store.commit(async (commit) => {
        await commit.log.condemn([0]);
        await commit.log.erase(1);
      });
      forgetting = store.forget();
      await pause(50);
      assert.equal(await dead(), 1);
      assert.equal((await log.parts([0])).size, 1, 'its moment is as it was');
    });
    await forgetting;
    assert.equal(await dead(), 0);
  });

  it('refuse numbers that are not exact', async (t) => {
    const { url, store } = await made(t);
    await asked(url, 'insert into parley.condemned values (9007199254740993)');
    const read = store.snapshot(({ db }) => sql`select number from condemned`.execute(db));
    await assert.rejects(read, refusal('store.corrupt'));
  });

  it('give what SQLite gives', async (t) => {
    const { store } = await made(t);
    const { rows } = await store.snapshot(({ db }) =>
      sql`select 1 is null as no, 1 = 1 as yes, sum(n) as sum, count(*) as count, '\\x00ff'::bytea as bytes, null as none
          from generate_series(1, 3) n`.execute(db),
    );
    const bytes = Uint8Array.of(0, 255);
    assert.deepEqual(rows, [{ no: 0, yes: 1, sum: 6, count: 3, bytes, none: null }]);
  });
});

describe('postgres: the URL', () => {
  it('names a database, no password, and TLS beyond this machine', () => {
    const right = [
      'postgres://parley@127.0.0.1/parley',
      'postgresql://localhost:5433/parley',
      'postgres:///parley?host=/var/run/postgresql',
      'postgres://parley@db.example/parley?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      'postgres://parley@10.0.0.1/parley?sslmode=disable',
    ];
    for (const url of right) assert.equal(wrongInTarget(url), null, url);
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['parley', /takes a URL/],
      ['mysql://localhost/parley', /begins with postgres/],
      ['postgres://parley:secret@localhost/parley', /no password/],
      ['postgres://localhost/', /names the database/],
      ['postgres://db.example/parley', /sslmode=verify-full/],
      ['postgres://db.example/parley?sslmode=require', /sslmode is verify-full/],
      ['postgres://localhost/parley?options=-csearch_path=x', /no parameter options/],
    ];
    for (const [url, why] of wrong) assert.match(wrongInTarget(url) ?? '', why, url);
  });
});
