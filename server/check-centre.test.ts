import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { checkCentre } from './check-centre.ts';
import { pathsIn } from './paths.ts';
import { indicator } from './testing/actor.ts';
import { type Editing, editing } from './testing/editing.ts';
import { forgetDatabase, located } from './testing/located.ts';
import { testServer } from './testing/postgres.ts';
import { World } from './testing/world.ts';

/** A little of everything: a stopped centre that each test spoils a copy of. */
let world: World;

before(async () => {
  world = await World.begin();
  const [left, right] = [await world.party('Left'), await world.party('Right')];
  const room = await world.room([left, right], { past: true });
  const kept = await left.share(room, [indicator('kept'), indicator('also kept')]);
  const passed = await left.share(room, [indicator('passed on')], {
    to: { parties: [right.party] },
    tlp: 'red',
  });
  await left.share(room, [indicator('a person')], { personal: [{ category: 'other', nature: 'fact' }] });
  await left.share(room, [indicator('public')], {
    to: 'public',
    tlp: 'clear',
    purposes: ['public-information'],
    onward: 'room',
  });
  const stranger = await world.party('Stranger');
  await left.grant(room, passed.ref, stranger);
  await right.read(room);
  const gone = await right.share(room, [indicator('gone'), indicator('going')]);
  await left.read(room);
  await right.recall(room, gone.ref);
  await left.recall(room, kept.ref, [1]);
  const second = await left.enrol(['read', 'speak']);
  await second.share(room, [indicator('second device')]);
  await left.say('device.revoke/1', { device: second.signer.device });
  await world.centre.round();
});

after(() => world.end());

test('a centre that runs is whole, and once it has stopped, too', async () => {
  const running = await checkCentre({ ...located(world.folder), centre: 'centre.example' });
  assert.equal(running.size, world.centre.head()?.size);
  assert.equal(
    running.parts > 10 && running.tiles === 1 && running.devices === 6,
    true,
    JSON.stringify(running),
  );
  assert.ok(running.viewers > 60 && running.rows > 300, JSON.stringify(running));
  await world.restart();
  const again = await checkCentre({ ...located(world.folder) });
  assert.deepEqual({ ...again, condemned: 0, erased: 0 }, { ...running, condemned: 0, erased: 0 });
  assert.deepEqual([again.erased, again.condemned], [3, 0]);
  await world.centre.stop();
  assert.deepEqual(await checkCentre({ ...located(world.folder) }), again);
  await assert.rejects(checkCentre({ ...located(world.folder), centre: 'other.example' }), {
    code: 'store.corrupt',
    at: 'records/0',
  });
});

const last = '"index" = (select max("index") from records)';
const edits: readonly (readonly [string, RegExp, (db: Editing) => Promise<unknown>])[] = [
  ['a byte of a payload', /^records\//, (db) => db.flip('records', 'payload', '"index" = 4', 40)],
  ['a payload that is no JSON', /^records\//, (db) => db.flip('records', 'payload', '"index" = 4', 0)],
  ['a signature', /^records\/5$/, (db) => db.flip('records', 'signature', '"index" = 5', 9)],
  ['a nonce', /^records\/3$/, (db) => db.flip('records', 'nonce', '"index" = 3', 0)],
  [
    'an instant',
    /^records\/2$/,
    (db) => db.run('update records set instant = instant + 1 where "index" = 2'),
  ],
  ['a commitment', /^records\/6$/, (db) => db.flip('records', 'commitment', '"index" = 6', 31)],
  ['an identity', /^records\/7$/, (db) => db.run(`update records set id = 'x' where "index" = 7`)],
  ['a record', /^records\//, (db) => db.run(`delete from records where ${last}`)],
  ['leaf hashes', /^parts\//, (db) => db.flip('records', 'leaves', 'length(leaves) > 0', 0)],
  ['a part', /^parts\//, (db) => db.flip('parts', 'bytes', 'bytes is not null', 3)],
  ['a salt', /^parts\//, (db) => db.flip('parts', 'salt', 'salt is not null', 3)],
  [
    'a part that is erased by nobody',
    /^parts\//,
    (db) =>
      db.run(
        'update parts set bytes = null, salt = null where number = (select max(number) from parts where bytes is not null)',
      ),
  ],
  [
    'a row of a part',
    /^parts\//,
    (db) => db.run('delete from parts where number = (select min(number) from parts)'),
  ],
  ['a part of no record', /^parts$/, (db) => db.run('insert into parts (number) values (999999)')],
  [
    'a part that came back',
    /^parts\//,
    (db) =>
      db.run(
        'update parts set bytes = ?, salt = ? where number = (select max(number) from parts where bytes is null)',
        Buffer.from('{}'),
        new Uint8Array(16),
      ),
  ],
  ['a tile', /^tiles\/0\/0$/, (db) => db.flip('tiles', 'data', 'level = 0', 33)],
  [
    'a tile that is too long',
    /^tiles\/0\/0$/,
    async (db) => {
      const [tile] = await db.run<{ data: Uint8Array }>('select data from tiles');
      await db.run(
        'update tiles set data = ?',
        Buffer.concat([tile?.data ?? [], new Uint8Array(32)] as Uint8Array[]),
      );
    },
  ],
  ...(testServer
    ? [] // A column of PostgreSQL holds what its type says.
    : [
        [
          'a tile that is text',
          /^tiles\/0\/0$/,
          (db: Editing) => db.run(`update tiles set data = 'x'`),
        ] as const,
      ]),
  ['a tile too many', /^tiles$/, (db) => db.run('insert into tiles values (1, 0, ?)', new Uint8Array(32))],
  ['the root', /^head$/, (db) => db.flip('head', 'root', 'size > 0', 1)],
  ['the size', /^(head|tiles\/.*)$/, (db) => db.run('update head set size = size - 1')],
  ['the first free instant', /^head$/, (db) => db.run('update head set instant = instant + 1')],
  [
    'the checkpoint',
    /^head\/checkpoint$/,
    (db) =>
      db.run(
        `update head set checkpoint = replace(checkpoint, 'centre.example/log/1\n', 'centre.example/log/2\n')`,
      ),
  ],
  [
    'a projection',
    /^projections\/visible$/,
    (db) => db.run('delete from visible where position = (select max(position) from visible)'),
  ],
  ['an epoch', /^projections\/standing$/, (db) => db.run('update standing set epoch = epoch + 1')],
  ['a whole table', /^projections$/, (db) => db.run('drop table tally')],
];

for (const [what, at, edit] of edits)
  test(`an edit is found: ${what}`, async () => {
    const copy = await world.copy();
    await edit(editing(copy));
    await assert.rejects(checkCentre({ ...located(copy) }), (error: { code?: string; at?: string }) => {
      assert.equal(error.code, 'store.corrupt');
      assert.match(error.at ?? '', at, String(error));
      return true;
    });
    await forgotten(copy);
  });

test('journals that are gone', async () => {
  const copy = await world.copy();
  if (testServer) await editing(copy, 'journals').run('drop schema parley_journals cascade');
  else rmSync(pathsIn(copy).journals);
  await assert.rejects(checkCentre(located(copy)), { code: 'store.absent' });
  await forgotten(copy);
});

async function forgotten(copy: string): Promise<void> {
  await forgetDatabase(copy);
  rmSync(copy, { recursive: true });
}
