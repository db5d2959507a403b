/** Several instances on one database, behind a balancer that gives each request to the next: one centre. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parley } from '../cli/testing/terminal.ts';
import { checkCentre } from '../server/check-centre.ts';
import { type Actor, indicator } from '../server/testing/actor.ts';
import { bring, pieces, shareFiles, textFile, uploadLine } from '../server/testing/files.ts';
import { located } from '../server/testing/located.ts';
import { withoutServer } from '../server/testing/postgres.ts';
import { beginInstances, type Instances } from './testing/instances.ts';

describe('several instances on one database', { skip: withoutServer }, () => {
  let instances: Instances;
  let folder: string;
  /** A party at each of the instances, with the same device. */
  let anna: readonly Actor[];
  let bert: readonly Actor[];
  let room: string;

  const everywhere = (actor: Actor) => instances.all.map(({ world }) => actor.in(world));
  const [first, second] = [0, 1];
  const at = (list: readonly Actor[], i: number) => list[i] as Actor;

  before(async () => {
    instances = await beginInstances(2);
    folder = mkdtempSync(join(tmpdir(), 'parley-'));
    const { world } = instances.all[first] as Instances['all'][number];
    anna = everywhere(await world.party('Anna'));
    bert = everywhere(await world.party('Bert'));
    room = await world.room([at(anna, first), at(bert, second)]);
  });
  after(async () => {
    for (const { world } of instances?.all ?? []) assert.deepEqual(world.doubts, []);
    await instances?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('take what comes at once into one order, and show the same', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `object ${i}`);
    const said = await Promise.all(
      names.map((name, i) => at(i % 3 === 0 ? bert : anna, i % 2).share(room, [indicator(name)])),
    );
    const indexes = said.map(({ index }) => index).sort((a, b) => a - b);
    assert.deepEqual(
      indexes,
      indexes.map((_, i) => (indexes[0] ?? 0) + i),
    );
    const [here, there] = [await at(bert, first).names(room), await at(bert, second).names(room)];
    assert.deepEqual(here, there);
    assert.deepEqual([...here].sort(), names.sort());
  });

  it('take back on one what was read on the other, and erase it once', async () => {
    const said = await at(anna, first).share(room, [indicator('taken back')]);
    assert.ok((await at(bert, second).names(room)).includes('taken back'));
    await at(anna, second).recall(room, said.ref);
    for (const one of bert) assert.ok(!(await one.names(room)).includes('taken back'));
    const { world } = instances.all[first] as Instances['all'][number];
    await world.erased();
  });

  it('give on one the file that was brought to another', async () => {
    const file = textFile('brought here, shared there');
    const part = await bring(at(anna, first), file);
    const shared = await shareFiles(at(anna, second), room, [file], { parts: [part] });
    const { world } = instances.all[first] as Instances['all'][number];
    const leaf = shared.parts[1]?.file ?? new Uint8Array(0);
    const found: Uint8Array[] = [];
    for await (const piece of await world.centre.files.open(at(anna, 0).party, leaf)) found.push(piece);
    assert.equal(String(Buffer.concat(found)), 'brought here, shared there');
    const { line } = await uploadLine(at(bert, second), textFile('in pieces'));
    await at(bert, second).world.centre.files.receive(line, pieces(textFile('in pieces').bytes, 3));
  });

  it('say what the centre concludes once', async () => {
    const until = at(anna, first).world.centre.now() + 3_000_000;
    const text = `${new Date(until / 1000).toISOString()}`;
    await at(anna, first).share(room, [indicator('soon over')], { until: text });
    await new Promise((resolve) => setTimeout(resolve, 3_300));
    await Promise.all(instances.all.map(({ world }) => world.centre.round()));
    const { world } = instances.all[second] as Instances['all'][number];
    const records = await world.centre.read(async (_, { log }) =>
      log.range(0, (await log.head())?.size ?? 0),
    );
    const expiries = records.filter(({ header }) => header.kind === 'expiry/1');
    assert.equal(expiries.length, 1);
    const ids = records.map(({ header }) => `${header.party}/${header.id}`);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('are one centre to a member behind a balancer', async () => {
    const as = async (who: string, ...args: string[]) => {
      const { status, out, err } = await parley(['--home', join(folder, who), '--json', ...args]);
      assert.equal(status, 0, `parley ${args.join(' ')}: ${err}`);
      return out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))[0];
    };
    const { world } = instances.all[first] as Instances['all'][number];
    for (const who of ['north', 'south']) {
      await as(who, 'join', instances.url, await world.invitation(), '--name', who, '--device', 'desk');
      await as(who, 'open', '--purpose', 'event-security');
    }
    const { opened } = await as('north', 'room', 'open', '--title', 'Plans', '--purposes', 'event-security');
    const { party } = await as('south', 'whoami');
    await as('north', 'room', 'invite', opened, party);
    await as('south', 'room', 'accept', opened);
    await as('south', 'open', '--purpose', 'event-security');
    const following = as('south', 'events', '--room', opened, '--wait', '5');
    writeFileSync(join(folder, 'objects.json'), JSON.stringify([indicator('through the balancer')]));
    writeFileSync(join(folder, 'plan.txt'), 'a plan of the square');
    await as('north', 'share', join(folder, 'objects.json'), '--room', opened);
    for (let i = 0; i < 6; i++) {
      const read = JSON.stringify(await as(i % 2 ? 'north' : 'south', 'read', '--room', opened));
      assert.match(read, /through the balancer/);
    }
    await following;
  });

  it('tell the listeners of one what another took', async () => {
    const { world } = instances.all[first] as Instances['all'][number];
    const before = world.centre.head()?.size ?? 0;
    const told = new Promise<number>((resolve) => {
      const stop = world.centre.onCommit(({ size }) => {
        if (size <= before) return;
        stop();
        resolve(size);
      });
    });
    const { index } = await at(anna, second).share(room, [indicator('told')]);
    assert.ok((await told) > index);
  });

  it('hold together', async () => {
    const { world } = instances.all[first] as Instances['all'][number];
    await world.erased();
    const report = await checkCentre(located(world.folder));
    assert.equal(report.size, world.centre.head()?.size);
    assert.ok(readFileSync(join(folder, 'plan.txt')).length > 0);
  });
});
