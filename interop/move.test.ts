/** A centre from its folder into a database and back, by the commands, killed on the way; what it had answered holds. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkCentre } from '../server/check-centre.ts';
import { asked, dropDatabase, makeDatabase, withoutServer } from '../server/testing/postgres.ts';
import { needReceiptsKept } from './testing/afterwards.ts';
import { Chance, seedFromEnvironment } from './testing/chance.ts';
import { operate } from './testing/command.ts';
import { Ledger } from './testing/ledger.ts';
import { Load } from './testing/load.ts';
import { Operated, pause } from './testing/operated.ts';

test('moved, killed on the way, and moved back', { skip: withoutServer }, async (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`PARLEY_SEED=${seed}`);
  const dir = mkdtempSync(join(tmpdir(), 'parley-moving-'));
  const database = await makeDatabase();
  const one = join(dir, 'one');
  mkdirSync(one);
  const centre = await Operated.begin(one);
  t.after(async () => {
    await centre.kill();
    rmSync(dir, { recursive: true, force: true });
    await dropDatabase(database);
  });
  const chance = new Chance(seed);
  const load = new Load(chance, new Ledger());
  const work = async () => {
    const url = await centre.start();
    load.ledger.tokens.clear();
    if (load.devices.length === 0) await load.settle(url, await centre.host());
    else await load.visit(url);
    await needReceiptsKept(url, load, chance);
    const over = new AbortController();
    const running = load.run(over.signal);
    const enough = load.ledger.answers + 30;
    for (const end = Date.now() + 120_000; load.ledger.answers < enough && Date.now() < end; ) await pause(1);
    over.abort();
    await running;
    assert.equal(await centre.stop(), 0, centre.said);
    assert.deepEqual(load.problems, []);
  };
  const moved = async (to: string) => {
    for (let kills = 0; kills < 2; kills++) {
      const begun = operate(one, ['move', '--to', to]);
      await pause(chance.below(3_000));
      begun.child.kill('SIGKILL');
      await begun.ended;
    }
    const whole = operate(one, ['move', '--to', to]);
    assert.equal(await whole.ended, 0, whole.said());
    return JSON.parse(whole.said());
  };

  await work();
  const before = await checkCentre({ folder: centre.folder });
  const { left } = await moved(database);
  assert.ok(left.length > 0);
  const config = JSON.parse(readFileSync(join(one, 'parley.json'), 'utf8'));
  assert.equal(config.database, database);
  assert.deepEqual(
    readdirSync(centre.folder).filter((name) => /\.sqlite$/.test(name)),
    [],
  );
  const there = await checkCentre({ folder: centre.folder, database });
  assert.deepEqual([there.size, there.root], [before.size, before.root]);
  await work();
  for (const name of readdirSync(centre.folder).filter((name) => name.includes('.moved')))
    rmSync(join(centre.folder, name), { recursive: true });
  await moved('folder');
  assert.equal(JSON.parse(readFileSync(join(one, 'parley.json'), 'utf8')).database, undefined);
  assert.ok(existsSync(join(centre.folder, 'log.sqlite')));
  const schemas = await asked<{ name: string }>(
    database,
    `select nspname as name from pg_namespace where nspname like 'parley%' order by 1`,
  );
  assert.deepEqual(
    schemas.map(({ name }) => name),
    ['parley_journals_moved', 'parley_moved'],
  );
  await work();
  await checkCentre({ folder: centre.folder });
});
