/**
 * A centre as an operator runs it, killed at random under load and started again: `PARLEY_KILLS` times a store. What it
 * had answered holds after each (law 5: start-up is the only recovery there is).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dropDatabase, makeDatabase, withoutServer } from '../server/testing/postgres.ts';
import { seedFromEnvironment } from './testing/chance.ts';
import { killOften } from './testing/killing.ts';

const kills = Number(process.env.PARLEY_KILLS ?? 2);

const limits = { timeout: 60_000 + kills * 30_000 };

async function kill(t: TestContext, database: string | null): Promise<void> {
  const seed = seedFromEnvironment();
  t.diagnostic(`PARLEY_SEED=${seed} PARLEY_KILLS=${kills}`);
  const dir = mkdtempSync(join(tmpdir(), 'parley-kills-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  await killOften({ dir, seed, kills, database, tell: (line) => t.diagnostic(line) });
}

test(`SQLite: ${kills} kills under load`, limits, (t) => kill(t, null));

test(`PostgreSQL: ${kills} kills under load`, { ...limits, skip: withoutServer }, async (t) => {
  const database = await makeDatabase();
  t.after(() => dropDatabase(database));
  await kill(t, database);
});
