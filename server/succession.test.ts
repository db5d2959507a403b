/** The log that follows, from the commands of whoever runs the centre: what is planned, said, kept and refused. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { parseVkey } from '@parley/core/note.ts';
import { makePart, type Part } from '@parley/core/parts.ts';
import { formatProof } from '@parley/core/proof.ts';
import { receiptJson, splitLeaves } from '@parley/core/receipt.ts';
import { isA, type Statement } from '@parley/core/statement.ts';
import { successionId } from '@parley/core/succession.ts';
import { checkCentre } from './check-centre.ts';
import { encryptFolder } from './encrypt.ts';
import { createLogKeys, loadLogKeys, saveLogKeys, signCheckpoint } from './log/keys.ts';
import { logsIn } from './log/logs.ts';
import { pathsIn } from './paths.ts';
import { openLog } from './place.ts';
import { loadSigner } from './signer.ts';
import { copyDatabase } from './storage/sqlite-connection.ts';
import { openNextLog, type Plan, planLoss, planRotation } from './succession.ts';
import { Actor, indicator, random, type Said, terms } from './testing/actor.ts';
import { forgetDatabase, located, placeOf } from './testing/located.ts';
import { ofSqliteAlone } from './testing/postgres.ts';
import { World } from './testing/world.ts';
import { openVault } from './vault/data-key.ts';

const nobody = { policy: null };
const hour = 3_600_000_000;
const year = 366 * 24 * hour;
/** No digest of an hour that turns, or is skipped, comes in between: records are counted here. */
const clocked = { now: () => Date.now() * 1000, digestEvery: 100 * year };

const refusal = (code: string, detail: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && detail.test(error.detail ?? '');

async function begun(t: TestContext): Promise<World> {
  const world = await World.begin(clocked);
  t.after(async () => {
    await world.centre.stop().catch(() => {});
    await world.forget();
    assert.deepEqual(world.doubts, []);
  });
  return world;
}

async function removed(folder: string): Promise<void> {
  await forgetDatabase(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** What follows on the folder as it lies there, and its start after it. */
async function succeeded(folder: string, plan: Plan): Promise<World> {
  await openNextLog(placeOf(folder), plan);
  return World.on(folder, clocked);
}

const logsAt = async (folder: string) => {
  const store = await openLog(placeOf(folder), { readOnly: true });
  return store.snapshot(({ log }) => logsIn(log)).finally(() => store.close());
};

/** A centre that lost what came after a copy: the copy with the memory of the machine, and what was lost. */
async function lost(t: TestContext): Promise<{ world: World; old: string; said: Said; size: number }> {
  const world = await begun(t);
  const room = await world.room([]);
  await world.host.share(room, [indicator('kept')]);
  const old = await world.copy();
  t.after(() => removed(old));
  const said = await world.host.share(room, [indicator('lost')]);
  await world.host.openRoom();
  await world.centre.stop();
  copyFileSync(pathsIn(world.folder).checkpoint, pathsIn(old).checkpoint);
  return { world, old, said, size: world.centre.head()?.size ?? 0 };
}

test('the keys of a log are changed: the next log continues the same tree', async (t) => {
  const world = await begun(t);
  const before = { keys: world.centre.vkeys, head: world.centre.head() };
  const room = await world.room([await world.party('Anna')]);
  await world.centre.stop();
  const key = readFileSync(pathsIn(world.folder).logKeys, 'utf8');
  const plan = await planRotation(placeOf(world.folder), nobody);
  assert.deepEqual([plan.log, plan.missing, plan.why], ['centre.example/log/2', null, 'rotation']);
  const opened = await openNextLog(placeOf(world.folder), plan);
  assert.equal(opened.index, plan.held);
  assert.equal(existsSync(pathsIn(world.folder).nextLogKeys), false);
  assert.notEqual(readFileSync(pathsIn(world.folder).logKeys, 'utf8'), key, 'the old key is gone');
  const { checkpoint } = await openCheckpoint(utf8(opened.checkpoint), {
    ...{ origin: opened.log, logs: opened.keys.map(parseVkey), witnesses: [] },
  });
  assert.equal(checkpoint.size, plan.held + 1, 'no checkpoint of it is without the record that opens it');

  const after = await World.on(world.folder, clocked);
  world.centre = after.centre;
  assert.equal(world.centre.origin, 'centre.example/log/2');
  assert.deepEqual(world.centre.vkeys, opened.keys);
  await world.host.share(room, [indicator('after')]);
  assert.deepEqual(
    (await logsAt(world.folder)).map(({ origin, from }) => [origin, from]),
    [
      ['centre.example/log/1', 0],
      ['centre.example/log/2', opened.index],
    ],
  );
  assert.ok((before.head?.size ?? 0) < (world.centre.head()?.size ?? 0));
  const report = await checkCentre({ ...located(world.folder), centre: 'centre.example' });
  assert.equal(report.size, world.centre.head()?.size);
});

test('broken off at any point it goes on, and keys of another log start nothing', async (t) => {
  const world = await begun(t);
  const signer = await loadSigner(pathsIn(world.folder).centreKey);
  const centre = new Actor(world, signer.device, signer);
  const size = world.centre.head()?.size ?? 0;
  const body = {
    log: 'centre.example/log/2',
    keys: ['centre.example/log/2+00000000+AQ=='],
    before: { log: 'centre.example/log/1', size, checkpoint: null },
    missing: null,
    why: 'rotation',
  };
  // Nobody opens a log at the door of a centre that runs.
  await assert.rejects(
    centre.say('centre.succeed/1', body),
    refusal('rule.broken', /the log that is there goes on/),
  );
  await assert.rejects(world.host.say('centre.succeed/1', body), { code: 'centre.only' });

  // Before its record was committed: the log that was there goes on.
  const paths = pathsIn(world.folder);
  await world.centre.stop();
  saveLogKeys(createLogKeys(), paths.nextLogKeys);
  world.centre = (await World.on(world.folder, clocked)).centre;
  assert.equal(world.centre.origin, 'centre.example/log/1');
  assert.equal(existsSync(paths.nextLogKeys), false);
  await world.centre.stop();

  const old = readFileSync(paths.logKeys);
  const place = placeOf(world.folder);
  const plan = await planRotation(place, nobody);
  await openNextLog(place, plan);
  const next = readFileSync(paths.logKeys);
  writeFileSync(paths.logKeys, old);
  await assert.rejects(
    World.on(world.folder, clocked),
    refusal('file.unreadable', /^not the keys of centre\.example\/log\/2$/),
  );
  await assert.rejects(checkCentre({ ...located(world.folder) }), { code: 'store.corrupt' });
  // After it was committed, and before the keys were put in place: the next start does that.
  writeFileSync(paths.nextLogKeys, next);
  world.centre = (await World.on(world.folder, clocked)).centre;
  assert.equal(world.centre.origin, 'centre.example/log/2');
  assert.equal(existsSync(paths.nextLogKeys), false);
  assert.deepEqual(readFileSync(paths.logKeys), next);
  await world.host.openRoom();
  await world.centre.stop();

  // What was planned for another store is not done: no log is opened twice.
  await assert.rejects(openNextLog(place, plan), { code: 'store.moved' });
  assert.equal((await logsAt(world.folder)).length, 2);
  world.centre = (await World.on(world.folder, clocked)).centre;
});

test('a sealed store is sealed after it', { skip: ofSqliteAlone }, async (t) => {
  const world = await begun(t);
  await world.centre.stop();
  const paths = pathsIn(world.folder);
  const encrypted = await encryptFolder(world.folder, null, new Uint8Array(32).fill(7));
  t.after(() => rmSync(encrypted.before, { recursive: true, force: true }));
  const vault = openVault(paths.vault, new Uint8Array(32).fill(7));
  const sealed = placeOf(world.folder, vault);
  assert.equal((await openNextLog(sealed, await planRotation(sealed, nobody))).log, 'centre.example/log/2');
  world.centre = (await World.on(world.folder, { ...clocked, vault })).centre;
  await checkCentre({ ...located(world.folder), vault });
});

/** Said at that time by the clock of whoever says it, and not sent. */
async function roomAt(actor: Actor, offset: number): Promise<{ statement: Statement; parts: Part[] }> {
  const parts = [makePart(terms, random)];
  const { now } = actor.world.centre;
  Object.assign(actor.world.centre, { now: () => Date.now() * 1000 + offset });
  const statement = await actor.make('room.open/1', {}, { parts });
  Object.assign(actor.world.centre, { now });
  return { statement, parts };
}

test('after a loss the next log says what is missing, and takes the same bytes again', async (t) => {
  const { world, old, said, size } = await lost(t);
  const [then, later, early] = [
    await roomAt(world.host, 0),
    await roomAt(world.host, 0),
    await roomAt(world.host, -2 * hour),
  ];
  await assert.rejects(World.on(old, clocked), refusal('store.behind', /parley restore --succeed/));
  const plan = await planLoss(placeOf(old), nobody);
  assert.deepEqual(
    [plan.log, plan.missing, plan.known, plan.before.size],
    ['centre.example/log/2', { from: size - 2, to: size }, 'this machine', size],
  );
  const after = await succeeded(old, plan);
  t.after(() => after.centre.stop());
  const [record] = await after.centre.read(async (_, { log }) => log.range(size - 2, size - 1));
  assert.ok(record && isA(record.header, 'centre.succeed/1'));
  assert.deepEqual(record.header.body.missing, plan.missing);
  assert.equal(record.header.id, successionId('centre.example/log/2'));

  // Hours later, and so with the time of then in the header.
  await after.restart({ ...clocked, now: () => Date.now() * 1000 + 5 * hour });
  const again = await after.centre.submit(said.statement, said.parts);
  assert.equal(again.index + 1, after.centre.head()?.size);
  await assert.rejects(after.centre.submit(said.statement, said.parts), { code: 'statement.id-known' });
  await after.centre.submit(then.statement, then.parts);
  await assert.rejects(after.centre.submit(early.statement, early.parts), { code: 'clock.skew' });
  await after.restart({ ...clocked, now: () => Date.now() * 1000 + 2 * year });
  await assert.rejects(after.centre.submit(later.statement, later.parts), { code: 'clock.skew' });
  assert.deepEqual(after.doubts, []);
  await checkCentre({ ...located(old) });
});

test('what was observed of lost records is not told of those that take their places', {
  skip: ofSqliteAlone,
}, async (t) => {
  const world = await begun(t);
  const anna = await world.party('Anna');
  const room = await world.room([anna]);
  const kept = await world.host.share(room, [indicator('kept')]);
  const log = await world.copy();
  t.after(() => removed(log));
  const said = await world.host.share(room, [indicator('lost')]);
  const { accesses, erasures, digests } = world.centre.journals;
  const access = {
    party: anna.party,
    device: anna.signer.device,
    justification: null,
    purpose: 'x',
    route: '/r',
  };
  const list = [kept.index, said.index].map((index) => ({ index, parts: [0] }));
  await accesses.recordAccess({ ...access, at: world.centre.now(), list });
  await erasures.recordErased([said.index * 256], world.centre.now());
  const day = Math.floor(world.centre.now() / hour) * hour;
  await digests.buildDigest(day, day + hour, [], async (indexes) => {
    return new Map(indexes.map((index) => [index, said.ref]));
  });
  // The journals outlived the log.
  await world.centre.stop();
  const [from, to] = [pathsIn(world.folder), pathsIn(log)];
  rmSync(to.journals);
  await copyDatabase(from.journals, to.journals);
  copyFileSync(from.checkpoint, to.checkpoint);
  const after = await succeeded(log, await planLoss(placeOf(log), nobody));
  t.after(() => after.centre.stop());
  const { accesses: left, erasures: erased, digests: built } = after.centre.journals;
  assert.deepEqual(
    (await left.readersOf(kept.index)).map(({ party }) => party),
    [anna.party],
  );
  assert.deepEqual(await left.readersOf(said.index), []);
  const own = await left.ofParty(anna.party, null, 10);
  assert.deepEqual(JSON.stringify(own).includes(`"index":${said.index}`), false);
  assert.equal(await erased.erasedAt(said.index), null);
  assert.equal(await built.next(), null, 'a digest that nobody said is built anew');
});

test('what a member brings counts: a checkpoint, or a receipt', async (t) => {
  const { world, old, said, size } = await lost(t);
  rmSync(pathsIn(old).checkpoint);
  const place = placeOf(old);
  await assert.rejects(planLoss(place, nobody), refusal('succession.needless', /--checkpoint FILE/));
  const unknown = await planLoss(place, { ...nobody, unknown: true });
  assert.deepEqual([unknown.missing, unknown.before.size], [{ from: size - 2, to: null }, size - 2]);
  const file = join(old, 'brought');
  const plan = async (text: string) => {
    writeFileSync(file, text);
    return planLoss(place, { ...nobody, files: [file] });
  };
  const checkpoint = world.centre.head()?.checkpoint ?? '';
  assert.equal((await plan(checkpoint)).before.checkpoint, checkpoint);
  const receipt = receiptJson({
    statement: said.statement,
    record: said,
    leaves: splitLeaves(new Uint8Array(32)),
    parts: new Map(),
    proof: formatProof({ index: said.index, path: said.proof, checkpoint: utf8(said.checkpoint) }),
    chain: [said.statement],
  });
  assert.equal((await plan(JSON.stringify(receipt))).before.size, size - 1);

  await assert.rejects(plan('nonsense'), { code: 'note.malformed' });
  await assert.rejects(planLoss(place, { ...nobody, files: [join(old, 'absent')] }), {
    code: 'file.unreadable',
  });
  const stranger = createLogKeys();
  const root = new Uint8Array(32);
  const signed = (size: number, keys = stranger, log = 1) =>
    signCheckpoint(keys, { origin: `centre.example/log/${log}`, size, root }, 1);
  await assert.rejects(plan(await signed(size)), { code: 'note.unsigned' });
  const own = loadLogKeys(pathsIn(old).logKeys);
  await assert.rejects(plan(await signed(3, own)), refusal('store.behind', /another history of the first 3/));
  await assert.rejects(
    plan(await signed(9, stranger, 2)),
    refusal('note.unsigned', /of which the store knows nothing/),
  );
  assert.equal((await logsAt(old)).length, 1);
  await plan(checkpoint);
  await assert.rejects(
    planRotation(place, { ...nobody, files: [file] }),
    refusal('store.behind', /parley restore --succeed/),
  );
  // To the store that holds more, what was known before tells of no loss.
  writeFileSync(file, said.checkpoint);
  await assert.rejects(planLoss(placeOf(world.folder), { ...nobody, files: [file] }), {
    code: 'succession.needless',
  });
});

test('a backup that is older than the last succession: the log after that one follows', async (t) => {
  const world = await begun(t);
  const old = await world.copy();
  t.after(() => removed(old));
  await world.centre.stop();
  await openNextLog(placeOf(world.folder), await planRotation(placeOf(world.folder), nobody));
  world.centre = (await World.on(world.folder, clocked)).centre;
  await world.host.openRoom();
  await world.centre.stop();
  const [paths, at] = [pathsIn(world.folder), pathsIn(old)];
  copyFileSync(paths.checkpoint, at.checkpoint);
  await assert.rejects(World.on(old, clocked), refusal('store.behind', /the store knows of no such log/));
  await assert.rejects(planLoss(placeOf(old), nobody), { code: 'note.unsigned' });
  // The copy of the keys that was made after the rotation.
  copyFileSync(paths.logKeys, at.logKeys);
  const plan = await planLoss(placeOf(old), nobody);
  assert.deepEqual([plan.log, plan.before.log], ['centre.example/log/3', 'centre.example/log/2']);
  const after = await succeeded(old, plan);
  assert.deepEqual(
    (await logsAt(old)).map(({ origin }) => origin),
    ['centre.example/log/1', 'centre.example/log/3'],
  );
  await world.host.in(after).openRoom();
  await after.centre.stop();
  await checkCentre({ ...located(old) });
});
