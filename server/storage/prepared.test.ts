/** Prepared queries on a store, plain and sealed: built once, given their values each time. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import type { Kysely } from 'kysely';
import { askAnew, inPowers, keepAnswers, kept, prepared } from '../log/prepared.ts';
import { Vault } from '../vault/vault.ts';
import { projectionSeals } from './column-seals.ts';
import { kyselyOn } from './kysely-sqlite.ts';

/** Names are sealed where anything is. A type, as tables of projections are: an interface is no row. */
type Thing = { readonly no: number; readonly party: string; readonly name: string };
type Db = Kysely<{ thing: Thing }>;

function opened(vault: Vault | null) {
  const raw = new DatabaseSync(':memory:');
  raw.exec('create table thing (no integer primary key, party text not null, name text not null)');
  return { raw, db: kyselyOn<{ thing: Thing }>((text) => raw.prepare(text), projectionSeals(vault)) };
}

function queries() {
  let built = 0;
  const counting = <T>(value: T): T => {
    built++;
    return value;
  };
  return {
    built: () => built,
    add: prepared((db: Db, at: { rows: readonly Thing[] }) =>
      counting(db.insertInto('thing').values(at.rows)),
    ),
    named: prepared((db: Db, at: { names: readonly string[] }) =>
      counting(db.selectFrom('thing').selectAll().where('name', 'in', at.names).orderBy('no')),
    ),
    since: prepared((db: Db, at: { no: number; party: string }) =>
      counting(db.selectFrom('thing').select('name').where('no', '>=', at.no).where('party', '=', at.party)),
    ),
  };
}

const things = ['Anna', 'Bea', 'Cleo', 'Dora', 'Anna'].map((name, no) => ({ no, party: `p${no % 2}`, name }));

for (const [how, vault] of [
  ['plain', null],
  ['sealed', Vault.make()],
] as const)
  it(`finds and writes what it is given, ${how}`, async () => {
    const { raw, db } = opened(vault);
    const { add, named, since, built } = queries();
    for (const rows of inPowers(things)) await add(db, { rows });
    assert.equal(built(), 2, 'one of four rows, one of one');
    const names = async (...given: string[]) => (await named(db, { names: given })).map(({ no }) => no);
    assert.deepEqual(await names('Anna'), [0, 4]);
    assert.deepEqual(await names('Bea'), [1]);
    assert.deepEqual(await names('Dora', 'Bea', 'nobody'), [1, 3]);
    assert.deepEqual(await names('Cleo', 'Cleo', 'Bea', 'Anna'), [0, 1, 2, 4]);
    assert.equal(built(), 4, 'of one name, and of three or four');
    assert.deepEqual(
      (await since(db, { no: 1, party: 'p1' })).map(({ name }) => name),
      ['Bea', 'Dora'],
    );
    assert.deepEqual(
      (await since(db, { no: 4, party: 'p0' })).map(({ name }) => name),
      ['Anna'],
    );
    const stored = JSON.stringify(raw.prepare('select name from thing').all());
    assert.equal(stored.includes('Anna'), vault === null);
  });

it('seals for each store with its own key, and refuses to order by what is sealed', async () => {
  const [one, other] = [opened(Vault.make()), opened(Vault.make())];
  const { add, named } = queries();
  for (const { db } of [one, other]) await add(db, { rows: things.slice(0, 1) });
  for (const { db } of [one, other]) assert.equal((await named(db, { names: ['Anna'] })).length, 1);
  const text = ({ raw }: typeof one) => JSON.stringify(raw.prepare('select name from thing').all());
  assert.notEqual(text(one), text(other));
  const after = prepared((db: Db, at: { name: string }) =>
    db.selectFrom('thing').selectAll().where('name', '>', at.name),
  );
  await assert.rejects(after(one.db, { name: 'Anna' }), { code: 'fault' });
  assert.equal((await after(opened(null).db, { name: 'Anna' })).length, 0);
});

it('is the same for all values: it cannot look at one', async () => {
  const looking = prepared((db: Db, at: { no: number }) =>
    db
      .selectFrom('thing')
      .selectAll()
      .where('no', '=', at.no + 1),
  );
  await assert.rejects(looking(opened(null).db, { no: 1 }), /looked at a value/);
});

it('keeps answers only where and while it is told to', async () => {
  const [{ db, raw }, elsewhere] = [opened(null), opened(null)];
  const { add } = queries();
  for (const each of [db, elsewhere.db]) await add(each, { rows: things });
  const nameOf = kept(
    prepared((db: Db, at: { no: number }) => db.selectFrom('thing').select('name').where('no', '=', at.no)),
  );
  const change = (name: string) => raw.exec(`update thing set name = '${name}' where no = 0`);
  const read = async () => (await nameOf(db, { no: 0 }))[0]?.name;
  change('Eva');
  assert.equal(await read(), 'Eva');
  keepAnswers(db);
  assert.equal(await read(), 'Eva');
  change('Fay');
  assert.equal(await read(), 'Eva', 'kept');
  assert.equal((await nameOf(db, { no: 1 }))[0]?.name, 'Bea');
  assert.equal((await nameOf(elsewhere.db, { no: 0 }))[0]?.name, 'Anna');
  keepAnswers(db);
  assert.equal(await read(), 'Fay', 'those of before are forgotten');
  change('Gil');
  askAnew(db);
  assert.equal(await read(), 'Gil');
});

it('keeps the answer to each values apart, whatever stands in a text', async () => {
  const { db } = opened(null);
  const { add } = queries();
  await add(db, { rows: [{ no: 0, party: 'a', name: 'b c' }] });
  const nosOf = kept(
    prepared((db: Db, at: { party: string; name: string }) =>
      db.selectFrom('thing').select('no').where('party', '=', at.party).where('name', '=', at.name),
    ),
  );
  keepAnswers(db);
  assert.equal((await nosOf(db, { party: 'a', name: 'b c' })).length, 1);
  assert.equal((await nosOf(db, { party: 'a b', name: 'c' })).length, 0);
});
