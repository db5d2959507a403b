/**
 * A replica takes over: a centre under load answers only what its replica holds, dies, and the replica is started. No
 * receipt that was handed out is lost, members and witnesses go on, and the old one is not let back in.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { checkCentre } from '../server/check-centre.ts';
import { placeAt } from '../server/place.ts';
import { handling, indicator } from '../server/testing/actor.ts';
import { dropDatabase, makeDatabase, testServer } from '../server/testing/postgres.ts';
import { needReceiptsKept } from './testing/afterwards.ts';
import { Chance, seedFromEnvironment } from './testing/chance.ts';
import { configure, operate } from './testing/command.ts';
import { Ledger } from './testing/ledger.ts';
import { Load } from './testing/load.ts';
import { Operated, pause } from './testing/operated.ts';
import { policyText, Witness } from './testing/witness.ts';

interface Ends {
  readonly primary: string | null;
  readonly second: string | null;
}

const ends: readonly (readonly [string, () => Promise<Ends>])[] = [
  ['SQLite', async () => ({ primary: null, second: null })],
  ...(testServer
    ? [['PostgreSQL', async () => ({ primary: await makeDatabase(), second: await makeDatabase() })] as const]
    : []),
];

for (const [name, make] of ends)
  test(`${name}: a replica takes over without a lost receipt`, async (t) => {
    const seed = seedFromEnvironment();
    t.diagnostic(`PARLEY_SEED=${seed}`);
    const dir = mkdtempSync(join(tmpdir(), 'parley-replica-'));
    const { primary, second } = await make();
    const [one, two] = [join(dir, 'one'), join(dir, 'two')];
    mkdirSync(one);
    const stops: (() => Promise<unknown>)[] = [];
    t.after(async () => {
      for (const stop of stops.reverse()) await stop();
      rmSync(dir, { recursive: true, force: true });
      for (const database of [primary, second]) if (database) await dropDatabase(database);
    });

    const chance = new Chance(seed);
    const load = new Load(chance, new Ledger());
    const old = await Operated.begin(one, { database: primary });
    stops.push(() => old.kill());
    await load.settle(await old.start(), await old.host());
    const { logs } = load.devices[0]?.centre.info ?? { logs: [] };
    assert.equal(await old.stop(), 0, old.said);
    const witness = await Witness.begin('north', join(dir, 'north'), logs);
    stops.push(() => witness.stop());
    writeFileSync(join(one, 'policy'), policyText(logs, [witness], 1));
    configure(one, { replicas: { required: 1, seconds: 20 }, witnesses: 'policy' });
    const url = await old.start();
    const to = second ? ['--to', second, '--keep', two] : ['--to', two];
    const replica = operate(one, ['replicate', ...to, '--with-keys', '--name', 'two']);
    stops.push(async () => replica.child.kill('SIGKILL'));
    await eventually('ready', async () => (await fetch(new URL('ready', url))).ok);
    await load.visit(url);

    const over = new AbortController();
    const running = load.run(over.signal);
    const enough = load.ledger.answers + 20 + chance.below(30);
    for (const end = Date.now() + 120_000; load.ledger.answers < enough && Date.now() < end; ) await pause(1);
    over.abort();
    await old.kill();
    await running;
    assert.deepEqual(load.problems, []);
    const answered = [...load.ledger.said.values()].filter(({ receipt }) => receipt).length;
    t.diagnostic(`killed after ${load.ledger.answers} answers, ${answered} receipts`);
    replica.child.kill('SIGTERM');
    assert.equal(await replica.ended, 0, replica.said());

    const target = placeAt(two, { database: second });
    const report = await checkCentre({ ...target, folder: two });
    const taking = Operated.at(two);
    stops.push(() => taking.kill());
    const now = await taking.start();
    // Sessions stay behind, and whoever was at work signs in again.
    load.ledger.tokens.clear();
    await load.visit(now);
    await needReceiptsKept(now, load, chance);
    await goOn(load, report.size + 25);
    const head = (await load.devices[0]?.centre.checkpoint())?.checkpoint.size ?? Number.NaN;
    await eventually('cosigned', async () => (await witness.size()) >= head);

    // What the old one's memory cannot know, the witness does.
    await assert.rejects(old.start(), /store\.behind/);
    assert.equal(await taking.stop(), 0, taking.said);
    await checkCentre({ ...target, folder: two });
  });

async function goOn(load: Load, size: number): Promise<void> {
  const [device] = load.devices;
  assert.ok(device);
  for (let at = 0; at < size; )
    for (const { record } of await device.session.share(
      load.room,
      [utf8(JSON.stringify(indicator('on')))],
      handling,
    ))
      at = record.index;
}
