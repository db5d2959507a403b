import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { checkCentre } from './check-centre.ts';
import { pathsIn } from './paths.ts';
import { indicator } from './testing/actor.ts';
import { World } from './testing/world.ts';

/** A little of everything: a stopped centre that each test spoils a copy of. */
let world: World;
let folder: string;
let spoilt = 0;

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
  folder = mkdtempSync(join(tmpdir(), 'parley-check-'));
});

after(() => {
  rmSync(world.folder, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

test('a centre that runs is whole, and once it has stopped, too', async () => {
  const running = await checkCentre({ folder: world.folder, centre: 'centre.example' });
  assert.equal(running.size, world.centre.head()?.size);
  assert.equal(
    running.parts > 10 && running.tiles === 1 && running.devices === 6,
    true,
    JSON.stringify(running),
  );
  assert.ok(running.viewers > 60 && running.rows > 300, JSON.stringify(running));
  await world.restart();
  const again = await checkCentre({ folder: world.folder });
  assert.deepEqual({ ...again, condemned: 0, erased: 0 }, { ...running, condemned: 0, erased: 0 });
  assert.deepEqual([again.erased, again.condemned], [3, 0]);
  await world.centre.stop();
  assert.deepEqual(await checkCentre({ folder: world.folder }), again);
  await assert.rejects(checkCentre({ folder: world.folder, centre: 'other.example' }), {
    code: 'store.corrupt',
    at: 'records/0',
  });
});

/** Flips the lowest bit of a byte in the first row. */
function flipByte(db: DatabaseSync, table: string, column: string, where: string, at: number): void {
  const row = db
    .prepare(`select rowid as id, ${column} as bytes from ${table} where ${where} limit 1`)
    .get() as {
    id: number;
    bytes: Uint8Array;
  };
  const bytes = Uint8Array.from(row.bytes);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  db.prepare(`update ${table} set ${column} = ? where rowid = ?`).run(bytes, row.id);
}

const last = '"index" = (select max("index") from records)';
const edits: readonly (readonly [string, RegExp, (db: DatabaseSync) => void])[] = [
  ['a byte of a payload', /^records\//, (db) => flipByte(db, 'records', 'payload', '"index" = 4', 40)],
  ['a payload that is no JSON', /^records\//, (db) => flipByte(db, 'records', 'payload', '"index" = 4', 0)],
  ['a signature', /^records\/5$/, (db) => flipByte(db, 'records', 'signature', '"index" = 5', 9)],
  ['a nonce', /^records\/3$/, (db) => flipByte(db, 'records', 'nonce', '"index" = 3', 0)],
  [
    'an instant',
    /^records\/2$/,
    (db) => db.exec('update records set instant = instant + 1 where "index" = 2'),
  ],
  ['a commitment', /^records\/6$/, (db) => flipByte(db, 'records', 'commitment', '"index" = 6', 31)],
  ['an identity', /^records\/7$/, (db) => db.exec(`update records set id = 'x' where "index" = 7`)],
  ['a record', /^records\//, (db) => db.exec(`delete from records where ${last}`)],
  ['leaf hashes', /^parts\//, (db) => flipByte(db, 'records', 'leaves', 'length(leaves) > 0', 0)],
  ['a part', /^parts\//, (db) => flipByte(db, 'parts', 'bytes', 'bytes is not null', 3)],
  ['a salt', /^parts\//, (db) => flipByte(db, 'parts', 'salt', 'salt is not null', 3)],
  [
    'a part that is erased by nobody',
    /^parts\//,
    (db) =>
      db.exec(
        'update parts set bytes = null, salt = null where number = (select max(number) from parts where bytes is not null)',
      ),
  ],
  [
    'a row of a part',
    /^parts\//,
    (db) => db.exec('delete from parts where number = (select min(number) from parts)'),
  ],
  ['a part of no record', /^parts$/, (db) => db.exec('insert into parts (number) values (999999)')],
  [
    'a part that came back',
    /^parts\//,
    (db) =>
      db.exec(
        "update parts set bytes = x'7b7d', salt = zeroblob(16) where number = (select max(number) from parts where bytes is null)",
      ),
  ],
  ['a tile', /^tiles\/0\/0$/, (db) => flipByte(db, 'tiles', 'data', 'level = 0', 33)],
  [
    'a tile that is too long',
    /^tiles\/0\/0$/,
    (db) => db.exec(`update tiles set data = cast(data || '${'x'.repeat(32)}' as blob)`),
  ],
  ['a tile that is text', /^tiles\/0\/0$/, (db) => db.exec(`update tiles set data = 'x'`)],
  ['a tile too many', /^tiles$/, (db) => db.exec('insert into tiles values (1, 0, zeroblob(32))')],
  ['the root', /^head$/, (db) => flipByte(db, 'head', 'root', '1', 1)],
  ['the size', /^(head|tiles\/.*)$/, (db) => db.exec('update head set size = size - 1')],
  ['the first free instant', /^head$/, (db) => db.exec('update head set instant = instant + 1')],
  [
    'the checkpoint',
    /^head\/checkpoint$/,
    (db) =>
      db.exec(
        `update head set checkpoint = replace(checkpoint, 'centre.example/log/1\n', 'centre.example/log/2\n')`,
      ),
  ],
  [
    'a projection',
    /^projections\/visible$/,
    (db) => db.exec('delete from visible where position = (select max(position) from visible)'),
  ],
  ['an epoch', /^projections\/standing$/, (db) => db.exec('update standing set epoch = epoch + 1')],
  ['a whole table', /^projections$/, (db) => db.exec('drop table tally')],
];

for (const [what, at, edit] of edits)
  test(`an edit is found: ${what}`, async () => {
    const copy = join(folder, String(spoilt++));
    cpSync(world.folder, copy, { recursive: true });
    const db = new DatabaseSync(pathsIn(copy).log);
    edit(db);
    db.close();
    await assert.rejects(checkCentre({ folder: copy }), (error: { code?: string; at?: string }) => {
      assert.equal(error.code, 'store.corrupt');
      assert.match(error.at ?? '', at, String(error));
      return true;
    });
    rmSync(copy, { recursive: true });
  });

test('bytes of the file itself, and journals that are older than the log', async () => {
  const copy = join(folder, 'journals');
  cpSync(world.folder, copy, { recursive: true });
  rmSync(pathsIn(copy).journals);
  await assert.rejects(checkCentre({ folder: copy }), { code: 'store.absent' });
});
