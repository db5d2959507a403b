/**
 * A centre as an operator runs it, killed at random under load and started again: `PARLEY_KILLS` times a store. What it
 * had answered holds after each (law 5: start-up is the only recovery there is).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { dropDatabase, makeDatabase, withoutServer } from '../server/testing/postgres.ts';
import { seedFromEnvironment } from './testing/chance.ts';
import { killOften } from './testing/killing.ts';

const kills = Number(process.env.PARLEY_KILLS ?? 2);

const limits = { timeout: 300_000 + kills * 60_000 };
/** All that a centre has is checked after each kill: after so many another one begins, which has less. */
const ofOneCentre = 10;

async function kill(t: TestContext, makePlace: () => Promise<string | null>): Promise<void> {
  const seed = seedFromEnvironment();
  t.diagnostic(`PARLEY_SEED=${seed} PARLEY_KILLS=${kills}`);
  for (let done = 0; done < kills; done += ofOneCentre) {
    const dir = mkdtempSync(join(tmpdir(), 'parley-kills-'));
    const database = await makePlace();
    t.after(async () => {
      rmSync(dir, { recursive: true, force: true });
      if (database !== null) await dropDatabase(database);
    });
    const some = Math.min(ofOneCentre, kills - done);
    const tell = (line: string) => t.diagnostic(line);
    await killOften({ dir, seed: seed + done, kills: some, before: done, database, tell });
  }
}

// Both at once: each waits for its centre to start, much of the time.
describe(`${kills} kills under load`, { concurrency: true }, () => {
  it('SQLite', limits, (t) => kill(t, async () => null));

  it('PostgreSQL', { ...limits, skip: withoutServer }, (t) => kill(t, makeDatabase));
});
