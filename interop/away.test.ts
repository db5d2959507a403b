/**
 * The database goes away under load, and comes back: its connections are cut and it takes no new ones for a while. What
 * had not begun to be committed is refused; where it was being committed the process ends in doubt, and is started again.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkCentre } from '../server/check-centre.ts';
import { asked, dropDatabase, makeDatabase, testServer, withoutServer } from '../server/testing/postgres.ts';
import { needErased, needNothingLost } from './testing/afterwards.ts';
import { Chance, seedFromEnvironment } from './testing/chance.ts';
import { Ledger } from './testing/ledger.ts';
import { Load } from './testing/load.ts';
import { Operated, pause } from './testing/operated.ts';

const times = Number(process.env.PARLEY_KILLS ?? 2);
/** Of a centre without its database, and of one that ends. */
const whenAway = ['store.away', 'fault', 'stopping', 'centre.unreachable', 'read.unproven'];
const doubt = 75;

/** Cut off, and back after some milliseconds. */
async function cutOff(database: string, ms: number): Promise<void> {
  const server = testServer ?? '';
  const name = new URL(database).pathname.slice(1);
  await asked(server, `alter database ${name} allow_connections false`);
  try {
    await asked(server, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    await pause(ms);
  } finally {
    await asked(server, `alter database ${name} allow_connections true`);
  }
}

const about = { skip: withoutServer, timeout: 300_000 + times * 60_000 };

test(`PostgreSQL goes away ${times} times under load`, about, async (t) => {
  const chance = new Chance(seedFromEnvironment());
  t.diagnostic(`PARLEY_SEED=${chance.seed}`);
  const dir = mkdtempSync(join(tmpdir(), 'parley-away-'));
  const database = await makeDatabase();
  const operated = await Operated.begin(dir, { database });
  t.after(async () => {
    await operated.kill();
    await dropDatabase(database);
    rmSync(dir, { recursive: true, force: true });
  });
  const load = new Load(chance, new Ledger(), whenAway);
  let url = await operated.start();
  await load.settle(url, await operated.host());
  for (let i = 0; i < times; i++) {
    const since = load.ledger.said.size;
    const over = new AbortController();
    const running = load.run(over.signal);
    const enough = load.ledger.answers + 10 + chance.below(60);
    for (const end = Date.now() + 120_000; load.ledger.answers < enough && Date.now() < end; ) await pause(1);
    await cutOff(database, chance.below(1_500));
    over.abort();
    const status = operated.running() ? null : await operated.ended();
    assert.ok(status === null || status === doubt, `${status}: ${operated.said.slice(-2_000)}`);
    await running;
    assert.deepEqual(load.problems, []);
    if (status === doubt) url = await operated.start();
    await comesBack(load, url, operated).then((at) => {
      url = at;
    });
    await needNothingLost(url, load, chance, since);
    t.diagnostic(
      `away ${i + 1}: ${load.ledger.said.size - since} said, ${status === doubt ? 'it ended in doubt' : 'it went on'}`,
    );
  }
  await needErased(load, operated.folder);
  assert.equal(await operated.stop(), 0, operated.said.slice(-2_000));
  const report = await checkCentre({ folder: operated.folder, database, centre: 'centre.example' });
  assert.equal(report.condemned, 0);
});

/** Doubt may come with the first commit after it. @returns where it listens then */
async function comesBack(load: Load, url: string, operated: Operated): Promise<string> {
  for (const end = Date.now() + 240_000; ; await pause(100)) {
    try {
      await load.visit(url);
      return url;
    } catch (error) {
      if (Date.now() > end) throw error;
      if (!operated.running()) {
        assert.equal(await operated.ended(), doubt, operated.said.slice(-2_000));
        return comesBack(load, await operated.start(), operated);
      }
    }
  }
}
