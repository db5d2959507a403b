/**
 * The disk is full, for log, journals and files. By a limit on the size of each file, which every system gives
 * (writing fails with EFBIG there), and where a file system may be mounted, on a small one of its own (ENOSPC). A
 * database says it itself, by 53100 (disk_full), where a row is written or where all of them are committed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkCentre } from '../server/check-centre.ts';
import { asked, dropDatabase, makeDatabase, withoutServer } from '../server/testing/postgres.ts';
import { needErased, needNothingLost } from './testing/afterwards.ts';
import { Chance, seedFromEnvironment } from './testing/chance.ts';
import { Ledger } from './testing/ledger.ts';
import { Load } from './testing/load.ts';
import { Operated, type OperatedOptions, pause } from './testing/operated.ts';

/** Of a centre that cannot write, and that ends. */
const whenFull = ['fault', 'centre.unreachable', 'stopping', 'read.unproven', 'TypeError: terminated'];
const doubt = 75;

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'parley-full-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** @param fill makes it full, once members have settled; and makes room again */
async function runFull(
  t: TestContext,
  dir: string,
  fill: (operated: Operated) => { within?: OperatedOptions; room: () => void },
): Promise<void> {
  const chance = new Chance(seedFromEnvironment());
  t.diagnostic(`PARLEY_SEED=${chance.seed}`);
  const operated = await Operated.begin(dir);
  t.after(() => operated.kill());
  const load = new Load(chance, new Ledger(), whenFull);
  let url = await operated.start();
  await load.settle(url, await operated.host());
  assert.equal(await operated.stop(), 0, operated.said);

  const { within, room } = fill(operated);
  url = await operated.start(within);
  await load.visit(url);
  const over = new AbortController();
  const running = load.run(over.signal);
  const status = await operated.ended();
  over.abort();
  await running;
  assert.equal(status, doubt, `it ends in doubt: ${operated.said.slice(-2_000)}`);
  assert.deepEqual(load.problems, []);
  room();

  await checkCentre({ folder: operated.folder });
  url = await operated.start();
  await load.visit(url);
  await needNothingLost(url, load, chance, 0);
  await needErased(load, operated.folder);
  assert.equal(await operated.stop(), 0, operated.said);
  assert.equal((await checkCentre({ folder: operated.folder })).condemned, 0);
}

test('a limit on the size of files', { skip: process.platform === 'win32' }, async (t) => {
  await runFull(t, folder(t), ({ folder }) => {
    const largest = Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).size));
    // POSIX counts in units of 512 bytes.
    const blocks = String(Math.ceil(largest / 512) + 256);
    const limited = ['sh', '-c', 'ulimit -f "$0" && exec "$@"', blocks];
    return { within: { within: limited }, room: () => {} };
  });
});

/** What the database does from then on, in whatever transaction: as one whose disk is full, on every table it writes. */
async function fullDatabase(url: string, when: 'written' | 'committed'): Promise<() => Promise<unknown>> {
  const tables = await asked<{ name: string }>(
    url,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('parley', 'parley_journals') and tablename in ('records', 'parts', 'accesses', 'pieces')`,
  );
  const timing = when === 'written' ? 'initially immediate' : 'deferrable initially deferred';
  await asked(
    url,
    [
      `create function public.full() returns trigger language plpgsql as
       $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`,
      ...tables.map(
        ({ name }) =>
          `create constraint trigger disk_full after insert on ${name} ${timing} for each row execute function public.full()`,
      ),
    ].join(';'),
  );
  return () => asked(url, 'drop function public.full() cascade');
}

const headOf = async (url: string) => (await asked<{ size: string }>(url, 'select size from parley.head'))[0];

for (const when of ['written', 'committed'] as const)
  test(`a database that is full, when something is ${when}`, {
    skip: withoutServer,
  }, async (t) => {
    const chance = new Chance(seedFromEnvironment());
    t.diagnostic(`PARLEY_SEED=${chance.seed}`);
    const database = await makeDatabase();
    const operated = await Operated.begin(folder(t), { database });
    t.after(async () => {
      await operated.kill();
      await dropDatabase(database);
    });
    const load = new Load(chance, new Ledger(), [...whenFull, 'store.away']);
    let url = await operated.start();
    await load.settle(url, await operated.host());
    const over = new AbortController();
    const running = load.run(over.signal);
    for (const enough = load.ledger.answers + 40; load.ledger.answers < enough; ) await pause(5);
    const room = await fullDatabase(database, when);
    if (when === 'committed') {
      // Nobody knows what became of it.
      assert.equal(await operated.ended(), doubt, operated.said.slice(-2_000));
    } else {
      // Nothing was taken, and everybody is told so: it goes on by itself.
      const full = await headOf(database);
      await pause(1_500);
      assert.deepEqual(await headOf(database), full);
      assert.ok(operated.running(), operated.said.slice(-2_000));
    }
    over.abort();
    await running;
    assert.deepEqual(load.problems, []);
    await room();
    if (when === 'committed') url = await operated.start();
    await load.visit(url);
    await needNothingLost(url, load, chance, 0);
    await needErased(load, operated.folder);
    assert.equal(await operated.stop(), 0, operated.said.slice(-2_000));
    const report = await checkCentre({ folder: operated.folder, database, centre: 'centre.example' });
    assert.equal(report.condemned, 0);
  });

/** In the long run only, as the many kills are. */
const long = { skip: process.env.PARLEY_KILLS === undefined && 'PARLEY_KILLS is not set' };

test('a small file system of its own', long, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-full-'));
  t.after(() => {
    spawnSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dir]).status === 0;
  if (!mounted) return t.skip('nothing may be mounted here');
  const ballast = join(dir, 'ballast');
  await runFull(t, dir, () => {
    const { bavail, bsize } = statfsSync(dir);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 1_500_000)));
    return { room: () => rmSync(ballast) };
  });
});
