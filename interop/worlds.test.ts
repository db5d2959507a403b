/**
 * Withheld is absent (`spec/release.md`): two centres are driven by the same random history, one with more of what a
 * viewer may not see, and every byte that it gets on every route is the same, save what `spec/log.md` declares.
 * `PARLEY_HISTORIES` says how many are played, `PARLEY_SEED` which is the first; a failure names the seed that plays it
 * again, its steps without those that it does not need, and what differed.
 */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { beginServed } from '../server/testing/served.ts';
import { seedFromEnvironment } from './testing/chance.ts';
import type { Job, Outcome } from './testing/worlds/crew.ts';
import { checkPlaces, unseen } from './testing/worlds/routes.ts';
import { wholeTurn } from './testing/worlds/turns.ts';

const histories = Number(process.env.PARLEY_HISTORIES ?? wholeTurn);
const firstSeed = 5_000;
const length = Number(process.env.PARLEY_STEPS ?? 24);

function playedBy(job: Job): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const outcomes: Outcome[] = [];
    const crew = new URL('./testing/worlds/crew.ts', import.meta.url);
    const worker = new Worker(crew, { workerData: job });
    worker.on('message', (outcome: Outcome) => outcomes.push(outcome));
    worker.on('error', reject);
    worker.on('exit', () => resolve(outcomes));
  });
}

const answersOf = ({ looked }: Outcome): number => looked.values().reduce((all, one) => all + one, 0);

/** By who looked and the route, over all histories. */
function allLooked(outcomes: readonly Outcome[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const { looked } of outcomes)
    for (const [pair, answers] of looked) all.set(pair, (all.get(pair) ?? 0) + answers);
  return all;
}

describe('two worlds that look the same', () => {
  it('have a place for each route of the server', async () => {
    const served = await beginServed();
    try {
      checkPlaces(served.table);
      const more = { method: 'GET', path: '/api/v1/another', viewer: 'party' as const };
      assert.throws(() => checkPlaces([...served.table, more]), /another/);
      assert.throws(() => checkPlaces(served.table.slice(1)), /places without a route/);
    } finally {
      await served.end();
    }
  });

  it(`are the same to every viewer after each of ${histories} histories`, async (t) => {
    // The same histories in each run: others are played by `npm run soak`, and by whoever names a seed.
    const seed = process.env.PARLEY_SEED === undefined ? firstSeed : seedFromEnvironment();
    t.diagnostic(`PARLEY_SEED=${seed} PARLEY_HISTORIES=${histories}`);
    const seeds = Array.from({ length: histories }, (_, i) => seed + i);
    const crews = Math.max(1, Math.min(availableParallelism(), 4, Math.ceil(histories / 4)));
    const shares = Array.from({ length: crews }, (_, i) => seeds.filter((_, at) => at % crews === i));
    const played = await Promise.all(shares.map((some) => playedBy({ seeds: some, length })));
    const outcomes = played.flat();
    for (const { failure } of outcomes) if (failure) assert.fail(failure);
    assert.equal(outcomes.length, histories);
    const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, one) => all + of(one), 0);
    const hidden = sum((one) => one.hidden);
    const looked = allLooked(outcomes);
    t.diagnostic(
      `${sum(({ steps }) => steps)} steps, ${hidden} of them hidden, ${sum(answersOf)} answers compared, ` +
        `by everybody at each route: ${looked.size}`,
    );
    // A history in which nothing is hidden, or at which nobody looks, shows nothing.
    assert.ok(hidden > histories * 6);
    assert.ok(outcomes.every((one) => one.hidden >= 3 && answersOf(one) > 100));
    if (histories >= wholeTurn) assert.deepEqual(unseen(looked), []);
  });
});
