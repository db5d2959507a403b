import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { makePart } from '@parley/core/parts.ts';
import { refOf, type Statement } from '@parley/core/statement.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { type Centre, openCentre } from './app.ts';
import { checkCentre } from './check-centre.ts';
import { type Place, placeAt } from './place.ts';
import { carryConfig } from './replica-folder.ts';
import { replicate, type Standing } from './replicate.ts';
import { handling, indicator, random } from './testing/actor.ts';
import { type Lived, lived } from './testing/lived.ts';
import { placeOf } from './testing/located.ts';
import { dropDatabase, makeDatabase, testServer } from './testing/postgres.ts';

const hour = 3_600_000_000;

async function scene(t: TestContext) {
  const life = await lived({ digestEvery: hour });
  const dir = mkdtempSync(join(tmpdir(), 'parley-replica-'));
  const databases: string[] = [];
  t.after(async () => {
    await life.world.end();
    rmSync(dir, { recursive: true, force: true });
    for (const database of databases) await dropDatabase(database);
  });
  if (testServer) databases.push(await makeDatabase());
  const target = placeAt(join(dir, 'second'), { database: databases[0] ?? null });
  return { ...life, dir, source: placeOf(life.world.folder), target };
}

test('a replica of the centre in the centre itself is refused, by whatever name', async (t) => {
  const { source, dir } = await scene(t);
  const about = { name: 'second', withKeys: true, once: true, told: () => {} };
  const options = { ...about, signal: new AbortController().signal };
  const itself = (error: unknown) =>
    error instanceof Refusal && error.code === 'command.usage' && error.at === '--to';
  const other = join(dir, 'other-name');
  symlinkSync(source.paths.folder, other);
  await assert.rejects(replicate(source, placeAt(other), options), itself);
  if (source.database === null) return;
  const url = new URL(source.database);
  url.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  await assert.rejects(
    replicate(source, placeAt(join(dir, 'third'), { database: url.href }), options),
    itself,
  );
});

/** In this process, until it is stopped. */
function following(t: TestContext, source: Place, target: Place) {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const told: Standing[] = [];
  const options = { name: 'second', withKeys: true, once: false, signal: ending.signal };
  const done = replicate(source, target, { ...options, told: (standing) => told.push(standing) });
  done.catch(() => {});
  return {
    told,
    done,
    async stop(): Promise<Standing> {
      ending.abort();
      return done;
    },
  };
}

const ready = ({ world }: Pick<Lived, 'world'>) =>
  world.centre.ready().then(
    () => true,
    () => false,
  );

function indexOf(centre: Centre, { header }: Statement): Promise<number | null> {
  return centre.read((_, { log }) => log.find(refOf(header)));
}

test('what is answered is held by a replica, which can take over', async (t) => {
  const { world, member, room, source, target, token } = await scene(t);
  const before = { replicas: { required: 1, seconds: 1 }, digestEvery: hour };
  await world.restart(before);
  const size = world.centre.head()?.size;
  await assert.rejects(member.share(room, [indicator('nobody there')]), { code: 'replica.behind' });
  assert.equal(world.centre.head()?.size, size, 'nothing was taken');

  const first = following(t, source, target);
  await eventually('ready', () => ready({ world }));
  const said = [];
  for (let i = 0; i < 5; i++) said.push(await member.share(room, [indicator(`held ${i}`)]));
  assert.ok((await world.host.read(room)).statements.length > 5);
  // Each is there when it is answered: nothing is waited for here.
  const { size: held } = await first.stop();
  assert.ok(held > (said.at(-1)?.index ?? 0));

  // It has just gone, and is still waited for: what is said stands in the log, and is not answered.
  const parts = [makePart(indicator('in flight'), random)];
  const statement = await member.make('share/1', { handling }, { room, parts });
  const refused = world.centre.submit(statement, parts);
  await assert.rejects(refused, (error) => error instanceof Refusal && error.code === 'replica.awaited');
  const again = following(t, source, target);
  await eventually('ready', () => ready({ world }));
  const index = (await indexOf(world.centre, statement)) ?? Number.NaN;
  assert.ok(index > (said.at(-1)?.index ?? 0));
  await world.centre.replicas.given(index + 1);
  await again.stop();

  await world.centre.stop();
  assert.equal(readFileSync(target.paths.checkpoint, 'utf8'), readFileSync(source.paths.checkpoint, 'utf8'));
  const { size: whole } = await checkCentre({ ...target, folder: target.paths.folder });
  assert.ok(whole > index);
  const doubts: unknown[] = [];
  world.centre = await openCentre({
    ...{
      centre: 'centre.example',
      folder: target.paths.folder,
      database: target.database,
      digestEvery: hour,
    },
    onDoubt: (cause) => doubts.push(cause),
  });
  assert.equal(await indexOf(world.centre, statement), index);
  for (const { statement, index } of said) assert.equal(await indexOf(world.centre, statement), index);
  await member.share(room, [indicator('and on')]);
  assert.ok(await world.centre.journals.connectors.find(token));
  await world.centre.stop();
  await checkCentre({ ...target, folder: target.paths.folder });
  assert.deepEqual(doubts, []);

  // From here on, the old one is another history.
  await world.restart({ digestEvery: hour });
  await member.share(room, [indicator('a fork')]);
  await member.share(room, [indicator('a longer one')]);
  await assert.rejects(following(t, source, target).done, { code: 'proof.consistency' });
});

test('while replicas are away, what is there can be read, and no new receipt is given', async (t) => {
  const { world, member, room, source, target } = await scene(t);
  await world.restart({ replicas: { required: 1, seconds: 1 }, digestEvery: hour });
  const { replicas } = world.centre;
  const size = world.centre.head()?.size ?? 0;
  await replicas.shown(size);
  await assert.rejects(replicas.given(size), { code: 'replica.awaited' });
  await assert.rejects(world.centre.ready(), { code: 'replica.behind' });
  const first = following(t, source, target);
  await eventually('ready', () => ready({ world }));
  await replicas.given(size);
  const { index } = await member.share(room, [indicator('one')]);
  await replicas.given(index + 1);
  await first.stop();
  // What was said by one that has ended says nothing of the one that starts.
  await world.restart({ replicas: { required: 1, seconds: 1 }, digestEvery: hour });
  await assert.rejects(world.centre.replicas.given(1), { code: 'replica.awaited' });
});

test('a replica without keys is read, checked and nothing more; what was taken back leaves it', async (t) => {
  const { world, source, target, more } = await scene(t);
  const about = { name: 'second', withKeys: false, once: true, signal: new AbortController().signal };
  await replicate(source, target, { ...about, told: () => {} });
  await more('later');
  const told: Standing[] = [];
  const standing = await replicate(source, target, { ...about, told: (each) => told.push(each) });
  assert.deepEqual(told, [standing]);
  assert.equal(standing.size, world.centre.head()?.size);
  assert.equal(existsSync(target.paths.logKeys), false);
  const { erased, condemned } = await checkCentre({ ...target, folder: target.paths.folder });
  assert.ok(erased > 0);
  assert.equal(condemned, 0);
  await assert.rejects(
    openCentre({ centre: 'centre.example', ...target, folder: target.paths.folder, onDoubt: () => {} }),
    { code: 'file.unreadable' },
  );
});

test('the configuration of a replica names its place, and what it names lies where it lay', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-replica-config-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'parley.json');
  const content = {
    centre: 'centre.example',
    folder: 'store',
    tls: { cert: 'tls/cert.pem', key: '/etc/key.pem' },
    replicas: { required: 1 },
    limits: { party: 10 },
  };
  writeFileSync(file, JSON.stringify(content));
  const { paths } = placeAt(mkdtempSync(join(dir, 'second-')));
  const path = carryConfig(file, paths, null, null) ?? '';
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), {
    centre: 'centre.example',
    tls: { cert: join(dir, 'tls/cert.pem'), key: '/etc/key.pem' },
    limits: { party: 10 },
    folder: '.',
  });
  writeFileSync(path, '{}');
  assert.equal(carryConfig(file, paths, null, null), path);
  assert.equal(readFileSync(path, 'utf8'), '{}');
});
