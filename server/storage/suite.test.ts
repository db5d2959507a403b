/** What every store must do. One suite; each adapter joins the list. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { partNumber, type Store, type StoredRecord } from '../log/ports.ts';
import { randomBytes } from '../log/sample.ts';
import { asked, dropDatabase, makeDatabase, withoutServer } from '../testing/postgres.ts';
import { Vault } from '../vault/vault.ts';
import { createPostgres, openPostgres } from './postgres.ts';
import { createSqlite, openSqlite } from './sqlite.ts';

import { append, headOf, makeNotes, plain, refusal, type Tables } from './store-sample.ts';

interface Opened {
  readonly store: Store<Tables>;
  /** Another view of the same store, as another thread or process has it. */
  readonly another: () => Promise<Store<Tables>>;
  /** After erasure: makes the store forget, and gives all the bytes that it still keeps anywhere. */
  readonly kept: () => Promise<string>;
}

interface Adapter {
  readonly name: string;
  /** Whether what is said stands readable in its bytes. */
  readonly plain: boolean;
  /** Why it cannot be tested here, or false. */
  readonly skip: false | string;
  readonly open: (t: TestContext) => Promise<Opened>;
}

const sqlite = (name: string, vault: Vault | null): Adapter => ({
  name,
  plain: vault === null,
  skip: false,
  open: async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-'));
    const path = join(folder, 'centre.db');
    createSqlite(path, vault);
    const stores: Store<Tables>[] = [];
    const opened = (options = {}) => {
      const store = openSqlite<Tables>(path, { ...options, vault });
      stores.push(store);
      return store;
    };
    t.after(async () => {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true });
    });
    const store = opened();
    const kept = async () => {
      await store.forget();
      return readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1'))
        .join('\n');
    };
    return { store, another: async () => opened({ readOnly: true }), kept };
  },
});

const postgres = (name: string, vault: Vault | null): Adapter => ({
  name,
  plain: vault === null,
  skip: withoutServer,
  open: async (t) => {
    const url = await makeDatabase();
    await createPostgres(url, vault);
    // Bytes that stand compressed could not be found again by who looks for them.
    await asked(url, 'alter table parley.parts alter column bytes set storage external');
    const stores: Store<Tables>[] = [];
    const opened = async (options = {}) => {
      const store = await openPostgres<Tables>(url, { ...options, vault });
      stores.push(store);
      return store;
    };
    t.after(async () => {
      for (const store of stores) await store.close();
      await dropDatabase(url);
    });
    const store = await opened();
    const kept = async () => {
      await store.forget();
      return keptIn(url);
    };
    return { store, another: () => opened({ readOnly: true }), kept };
  },
});

/**
 * The files of all tables, with what is too long for a row beside it. A vacuum lets go of what rows held, and leaves it
 * in the files until something is written over it: written anew, they hold what rows hold. See docs/erasure.md.
 */
async function keptIn(url: string): Promise<string> {
  for (const statement of ['vacuum full parley.parts', 'checkpoint']) await asked(url, statement);
  const files = await asked<{ bytes: Buffer }>(
    url,
    `select pg_read_binary_file(pg_relation_filepath(c.oid)) as bytes from pg_class c
     where c.relkind in ('r', 't', 'i') and c.oid >= 16384`,
  );
  return files.map(({ bytes }) => bytes.toString('latin1')).join('\n');
}

const adapters: readonly Adapter[] = [
  sqlite('sqlite', null),
  sqlite('sqlite, encrypted', Vault.make()),
  postgres('postgres', null),
  postgres('postgres, encrypted', Vault.make()),
];

for (const { name, plain: readable, skip, open } of adapters) {
  describe(`${name}: the log`, { skip }, () => {
    it('gives back what was appended', async (t) => {
      const { store } = await open(t);
      const head = headOf(3);
      const added = await store.commit(async ({ log }) => {
        const all = [await append(log, 0, ['a', 'b']), await append(log, 1, []), await append(log, 2)];
        await log.advance(0, head);
        return all;
      });
      await store.snapshot(async ({ log }) => {
        const records = added.map(({ record }) => record);
        assert.deepEqual(plain(await log.head()), head);
        assert.deepEqual(plain(await log.range(0, 9)), records);
        assert.deepEqual(plain(await log.range(1, 2)), [records[1]]);
        for (const _ of ['read', 'from the cache'])
          assert.deepEqual(plain(await log.records([2, 7, 0, 2])), [records[0], records[2]]);
        assert.deepEqual(
          plain(await log.commitments(1, 3)),
          added.slice(1).map(({ entry }) => entry),
        );
        const { party, id } = (records[1] as StoredRecord).header;
        assert.equal(await log.find({ party, id }), 1);
        assert.equal(await log.find({ party: 'b'.repeat(64), id }), null);
        const missing = { party: 'b'.repeat(64), id };
        assert.deepEqual(await log.findAll([missing, { party, id }, missing, { party, id }]), [
          null,
          1,
          null,
          1,
        ]);
        assert.deepEqual(await log.findAll([]), []);
        const parts = await log.parts([
          partNumber(2, 0),
          partNumber(0, 1),
          partNumber(0, 1),
          partNumber(1, 0),
        ]);
        assert.deepEqual(
          plain(parts),
          new Map([
            [partNumber(0, 1), added[0]?.parts[1]],
            [partNumber(2, 0), added[2]?.parts[0]],
          ]),
        );
      });
    });

    it('keeps tiles and cosigned checkpoints, the widest and the newest', async (t) => {
      const { store } = await open(t);
      const [narrow, wide] = [randomBytes(32), randomBytes(64)] as const;
      await store.commit(async ({ log }) => {
        await log.putTile(0, 5, narrow);
        await log.putTile(0, 5, wide);
        await log.putCosigned(7, 'first');
        await log.putCosigned(7, 'more lines');
        await log.putCosigned(6, 'older');
      });
      await store.snapshot(async ({ log }) => {
        assert.deepEqual(await log.tile(0, 5), wide);
        assert.equal(await log.tile(1, 5), null);
        assert.deepEqual(plain(await log.cosigned()), { size: 7, note: 'more lines' });
      });
    });

    it('moves the head only from where it is', async (t) => {
      const { store } = await open(t);
      const advance = (from: number, to: number) => store.commit(({ log }) => log.advance(from, headOf(to)));
      await assert.rejects(advance(1, 2), refusal('store.moved'));
      await advance(0, 2);
      await assert.rejects(advance(0, 3), refusal('store.moved'));
      await assert.rejects(advance(1, 3), refusal('store.moved'));
      await advance(2, 3);
      assert.equal((await store.snapshot(({ log }) => log.head()))?.size, 3);
    });

    it('refuses an index or an identity twice', async (t) => {
      const { store } = await open(t);
      const { record, entry } = await store.commit(({ log }) => append(log, 0));
      await assert.rejects(store.commit(({ log }) => append(log, 0)));
      await assert.rejects(store.commit(({ log }) => log.append({ ...record, index: 1 }, entry, [])));
    });
  });

  describe(`${name}: transactions`, { skip }, () => {
    it('leave nothing where the work throws', async (t) => {
      const { store } = await open(t);
      const broken = store.commit(async ({ log, db, spelling }) => {
        await makeNotes(db, spelling);
        await append(log, 0);
        await log.putTile(0, 0, randomBytes(32));
        await log.advance(0, headOf(1));
        throw new Error('broken');
      });
      await assert.rejects(broken, /broken/);
      await store.snapshot(async ({ log, db }) => {
        assert.equal(await log.head(), null);
        assert.deepEqual(await log.range(0, 9), []);
        assert.equal(await log.tile(0, 0), null);
        assert.equal((await log.parts([0])).size, 0);
        await assert.rejects(db.selectFrom('notes').selectAll().execute());
      });
    });

    it('undo a savepoint alone, nested or not, in projections too', async (t) => {
      const { store } = await open(t);
      await store.commit(async ({ log, db, spelling, savepoint }) => {
        await makeNotes(db, spelling);
        const note = (text: string) => db.insertInto('notes').values({ text }).execute();
        const refused = () =>
          savepoint(async () => {
            await append(log, 0, ['refused']);
            await note('refused');
            throw new Refusal('absent');
          });
        await assert.rejects(refused(), refusal('absent'));
        await savepoint(async () => {
          await note('outer');
          await assert.rejects(refused(), refusal('absent'));
          await append(log, 0, ['taken']);
        });
        // Not in the cache either: the index was given to another record.
        assert.equal((await log.records([0])).length, 1);
      });
      await store.snapshot(async ({ log, db }) => {
        assert.deepEqual(
          (await db.selectFrom('notes').select('text').execute()).map(({ text }) => text),
          ['outer'],
        );
        assert.equal((await log.range(0, 9)).length, 1);
        assert.equal(Buffer.from((await log.parts([0])).get(0)?.bytes ?? []).toString(), '"taken"');
      });
    });

    it('never mix up a record with one that was undone', async (t) => {
      const { store } = await open(t);
      const undone = store.commit(async ({ log }) => {
        await append(log, 0);
        await log.records([0]);
        throw new Error('undone');
      });
      await assert.rejects(undone);
      const { record } = await store.commit(async ({ log }) => {
        await log.advance(0, headOf(1));
        return append(log, 0);
      });
      assert.deepEqual(plain(await store.snapshot(({ log }) => log.records([0]))), [record]);
    });

    it('come one after another, and show each snapshot its own moment', async (t) => {
      const { store, another } = await open(t);
      const elsewhere = await another();
      const grow = (from: number) =>
        store.commit(async ({ log }) => {
          assert.equal((await log.head())?.size ?? 0, from);
          await append(log, from);
          await log.advance(from, headOf(from + 1));
        });
      await grow(0);
      for (const reader of [store, elsewhere])
        await reader.snapshot(async ({ log }) => {
          const before = (await log.head())?.size ?? 0;
          await Promise.all([grow(before), grow(before + 1)]);
          assert.equal((await reader.snapshot((later) => later.log.records([before + 1]))).length, 1);
          assert.equal((await log.head())?.size, before);
          assert.deepEqual(await log.records([before, before + 1]), []);
          assert.equal((await log.range(0, 99)).length, before);
        });
      assert.equal((await elsewhere.snapshot(({ log }) => log.head()))?.size, 5);
    });

    it('are refused once the store is closed, which waits for what runs', async (t) => {
      const { store } = await open(t);
      const running = store.commit(({ log }) => append(log, 0));
      await store.close();
      await running;
      await assert.rejects(
        store.commit(({ log }) => append(log, 1)),
        refusal('stopping'),
      );
      await assert.rejects(
        store.snapshot(({ log }) => log.head()),
        refusal('stopping'),
      );
    });
  });

  describe(`${name}: erasure`, { skip }, () => {
    it('hides condemned parts at once, and erases them slice by slice', async (t) => {
      const { store, another } = await open(t);
      const elsewhere = await another();
      await store.commit(async ({ log }) => {
        await append(log, 0, ['a', 'b', 'c', 'd', 'e']);
        await append(log, 1, ['f']);
      });
      const all = [0, 1, 2, 3, 4, 256];
      const seen = async () =>
        [...(await elsewhere.snapshot(({ log }) => log.parts(all))).keys()].sort((a, b) => a - b);
      assert.deepEqual(await seen(), all);
      await store.commit(async ({ log }) => {
        await log.condemn([1, 3, 256, 99_999]);
        await log.condemn([3]);
        assert.deepEqual([...(await log.parts(all)).keys()], [0, 2, 4]);
      });
      assert.deepEqual(await seen(), [0, 2, 4]);
      const erase = (limit: number) => store.commit(({ log }) => log.erase(limit));
      assert.equal(await store.snapshot(({ log }) => log.condemned()), 3);
      assert.deepEqual(await erase(2), [1, 3]);
      assert.deepEqual(await erase(2), [256]);
      assert.deepEqual(await erase(2), []);
      await store.commit(({ log }) => log.condemn([1]));
      assert.deepEqual(await erase(2), [], 'what is erased is not condemned again');
      assert.deepEqual(await seen(), [0, 2, 4]);
      assert.equal((await store.snapshot(({ log }) => log.range(0, 9)))[0]?.leaves.length, 5 * 32);
    });

    it('leaves no byte of a part or salt, in whatever order parts go', async (t) => {
      const { store, kept } = await open(t);
      const made: { number: number; mark: string; salt: Bytes }[] = [];
      await store.commit(async ({ log }) => {
        for (let index = 0; index < 40; index++) {
          const texts = Array.from(
            { length: 40 },
            () => `mark-${crypto.randomUUID()} ${'x'.repeat(6000 * Math.random() ** 3)}`,
          );
          const { parts } = await append(log, index, texts);
          for (const [n, { salt }] of parts.entries())
            made.push({ number: partNumber(index, n), mark: (texts[n] ?? '').slice(0, 41), salt });
        }
      });
      assert.equal((await kept()).includes(made[0]?.mark ?? ''), readable);
      const [alive, ...gone] = made.sort(() => Math.random() - 0.5);
      for (let i = 0; i < gone.length; i += 64)
        await store.commit(async ({ log }) => {
          await log.condemn(gone.slice(i, i + 64).map(({ number }) => number));
          await log.erase(64);
        });
      const bytes = await kept();
      assert.ok(alive && bytes.includes(alive.mark) === readable);
      assert.deepEqual(
        gone.filter(({ mark }) => bytes.includes(mark)),
        [],
      );
      assert.deepEqual(
        gone.filter(({ salt }) => bytes.includes(Buffer.from(salt).toString('latin1'))),
        [],
      );
    });
  });
}
