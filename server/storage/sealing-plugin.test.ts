import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { expressionBuilder, type Generated, sql } from 'kysely';
import { Vault } from '../vault/vault.ts';
import { journalSeals, projectionSeals } from './column-seals.ts';
import { kyselyOn } from './kysely-sqlite.ts';

interface Tables {
  thing: { no: Generated<number>; party: string; name: string | null; bytes: Uint8Array | null };
}

function opened(seals: typeof projectionSeals) {
  const vault = Vault.make();
  const raw = new DatabaseSync(':memory:');
  raw.exec('create table thing (no integer primary key, party text not null, name text, bytes blob)');
  return { raw, db: kyselyOn<Tables>((text) => raw.prepare(text), seals(vault)) };
}

const names = ['Anna', 'Bea', 'Anna'];

it('seals what is written and opens what is read, under whatever name', async () => {
  for (const seals of [projectionSeals, journalSeals]) {
    const { raw, db } = opened(seals);
    const rows = names.map((name, i) => ({ party: `p${i}`, name, bytes: utf8(name) }));
    await db.insertInto('thing').values(rows).execute();
    await db
      .insertInto('thing')
      .values([{ party: 'q' }, { party: 'r', name: 'Cleo' }] as never)
      .execute();
    const stored = JSON.stringify(raw.prepare('select party, name, hex(bytes) from thing').all());
    assert.ok(['Anna', 'Bea', 'Cleo', '416E6E61'].every((mark) => !stored.includes(mark)));
    assert.ok(stored.includes('"p1"'));
    const read = await db.selectFrom('thing').select(['name as called', 'bytes']).orderBy('no').execute();
    assert.deepEqual(
      read.map(({ called, bytes }) => [called, bytes && Buffer.from(bytes).toString()]),
      [...names.map((name) => [name, name]), [null, null], ['Cleo', null]],
    );
    await db.updateTable('thing').set({ name: 'Dora', bytes: null }).where('party', '=', 'p0').execute();
    const { rows: after } = await sql<{ name: string }>`select name from thing where party = ${'p0'}`.execute(
      db,
    );
    assert.equal(after[0]?.name, 'Dora');
  }
});

it('finds what seals alike, joins it, and refuses to order by it', async () => {
  const { db } = opened(projectionSeals);
  await db
    .insertInto('thing')
    .values(names.map((name, i) => ({ party: `p${i}`, name, bytes: null })))
    .execute();
  const named = db.selectFrom('thing').select('party').orderBy('no');
  const parties = async (query: typeof named) => (await query.execute()).map(({ party }) => party);
  assert.deepEqual(await parties(named.where('name', '=', 'Anna')), ['p0', 'p2']);
  assert.deepEqual(await parties(named.where('thing.name', 'in', ['Bea', 'Cleo'])), ['p1']);
  assert.deepEqual(await parties(named.where('name', '!=', 'Anna')), ['p1']);
  assert.deepEqual(await parties(named.where('name', 'is', null)), []);
  const twins = await db
    .selectFrom('thing as a')
    .innerJoin('thing as b', 'a.name', 'b.name')
    .select('a.party')
    .execute();
  assert.equal(twins.length, 5);
  await assert.rejects(parties(named.where('name', '>', 'Anna')), { code: 'fault' });
  await assert.rejects(parties(named.where('name', 'like', 'An%')), { code: 'fault' });
});

it('refuses SQL by hand that looks for what is sealed', async () => {
  const { db } = opened(projectionSeals);
  const isNamed = expressionBuilder<Tables, 'thing'>()('name', '=', 'Anna');
  await db.insertInto('thing').values({ party: 'p', name: 'Anna', bytes: null }).execute();
  const found = await sql`select 1 from thing where ${isNamed} and thing.party = ${'p'}`.execute(db);
  assert.equal(found.rows.length, 1);
  for (const query of [
    sql`select 1 from thing where name = ${'Anna'}`,
    sql`select 1 from thing where party = ${'p'} and upper(${'x'}) = name`,
    sql`insert into thing (name) values (${'Anna'})`,
  ])
    await assert.rejects(query.execute(db), { code: 'fault' });
});

it('lets nobody look for what does not seal alike', async () => {
  const { db } = opened(journalSeals);
  const by = (name: string) => db.selectFrom('thing').selectAll().where('name', '=', name).execute();
  await assert.rejects(by('Anna'), { code: 'fault' });
});

it('tells of a value that was changed or is of another store', async () => {
  const { raw, db } = opened(projectionSeals);
  await db.insertInto('thing').values({ party: 'p', name: 'Anna', bytes: null }).execute();
  const name = String(raw.prepare('select name from thing').get()?.name);
  for (const bad of [name.replace('~name~', '~terms~'), `${name.slice(0, -8)}AAAAAAA=`, '~name~', '~~']) {
    raw.prepare('update thing set name = ?').run(bad);
    await assert.rejects(db.selectFrom('thing').select('name').execute(), { code: 'store.corrupt' }, bad);
  }
});
