/** Rounds of load, a kill at a random moment, and what must hold after it. */
import assert from 'node:assert/strict';
import { checkCentre } from '../../server/check-centre.ts';
import { needErased, needNothingLost } from './afterwards.ts';
import { Chance } from './chance.ts';
import { Ledger } from './ledger.ts';
import { Load } from './load.ts';
import { Operated, pause } from './operated.ts';

export interface Killing {
  /** Empty, and removed by whoever made it. */
  readonly dir: string;
  readonly database?: string | null;
  readonly seed: number;
  readonly kills: number;
  /** How many there were before, of other centres. */
  readonly before?: number;
  readonly tell: (line: string) => void;
}

export async function killOften(killing: Killing): Promise<void> {
  const { dir, database = null, seed, kills, before = 0, tell } = killing;
  const chance = new Chance(seed);
  const operated = await Operated.begin(dir, { database });
  const load = new Load(chance, new Ledger());
  try {
    let url = await operated.start();
    await load.settle(url, await operated.host());
    for (let kill = 1; kill <= kills; kill++) {
      const since = load.ledger.said.size;
      const answers = await loadAndKill(operated, load, chance);
      await checkStopped(operated);
      if (chance.below(5) === 0) await killWhileItStarts(operated, chance);
      url = await operated.start();
      await load.visit(url);
      await needNothingLost(url, load, chance, since);
      tell(`kill ${before + kill} after ${answers} answers, ${load.ledger.said.size - since} said`);
    }
    await needErased(load, operated.folder);
    assert.equal(await operated.stop(), 0, operated.said);
    assert.equal((await checkStopped(operated)).condemned, 0);
  } catch (error) {
    tell(operated.said.slice(-2_000));
    throw error;
  } finally {
    await operated.kill();
  }
}

/** @returns after how many answers: a count, since a busy machine may answer nothing for a while */
async function loadAndKill(operated: Operated, load: Load, chance: Chance): Promise<number> {
  const over = new AbortController();
  const running = load.run(over.signal);
  // Mostly soon: what was answered is checked after each kill, and all of it again after the next.
  const answers = chance.below(chance.below(4) === 0 ? 80 : 25);
  const enough = load.ledger.answers + answers;
  for (const end = Date.now() + 120_000; load.ledger.answers < enough && Date.now() < end; ) await pause(1);
  await pause(chance.below(20));
  over.abort();
  await operated.kill();
  await running;
  assert.deepEqual(load.problems, []);
  return answers;
}

async function killWhileItStarts(operated: Operated, chance: Chance): Promise<void> {
  operated.launch();
  await pause(chance.below(1_000));
  await operated.kill();
  await checkStopped(operated);
}

function checkStopped({ folder, database }: Operated) {
  return checkCentre({ folder, database, centre: 'centre.example' });
}
