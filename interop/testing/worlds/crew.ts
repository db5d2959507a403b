/** Plays histories one after the other on pairs of centres, in a thread of its own; what differed is made small. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Dice } from './dice.ts';
import type { Step } from './history.ts';
import { type Made, makeHistory } from './making.ts';
import { Pair } from './pair.ts';
import { type Difference, play } from './playing.ts';
import { checkPlaces } from './routes.ts';

export interface Job {
  readonly seeds: readonly number[];
  /** Steps by chance, behind those with which a history begins: at most. */
  readonly length: number;
}

export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  readonly hidden: number;
  /** How many answers were compared, by who looked and the route. */
  readonly looked: ReadonlyMap<string, number>;
  /** What somebody can look at: null where the worlds were the same. */
  readonly failure: string | null;
}

/** Histories of one pair: each has a viewer and rooms of its own, and centres cost more than histories. */
const together = 20;
/** Times that a history is played again to find which of its hidden steps are told. */
const shrinksAtMost = 24;

async function played(seeds: readonly number[], length: number, told: (one: Outcome) => void): Promise<void> {
  const pair = await Pair.begin(new Dice(seeds[0] ?? 0), seeds.length);
  try {
    checkPlaces(pair.plain.app.table);
    for (const [i, seed] of seeds.entries()) {
      const made = makeHistory(seed, pair.cast, pair.cast.viewers[i] as Pair['cast']['host'], length);
      const { difference, looked } = await play(pair, made);
      const failure = difference ? await smallest(seed, length, difference) : null;
      const { steps } = made.history;
      const hidden = steps.filter((step) => step.hidden).length;
      told({ seed, steps: steps.length, hidden, looked, failure });
      if (failure) return;
    }
    pair.unharmed();
  } finally {
    await pair.end();
  }
}

/** Leaves out hidden steps, half of them, a quarter, one, as long as the worlds still differ. */
async function smallest(seed: number, length: number, first: Difference): Promise<string> {
  let found = await alone(seed, length, () => true);
  if (!found) return report(seed, first, ['only behind other histories: play them together']);
  let kept = found.made.history.steps.filter(({ hidden }) => hidden).map(({ n }) => n);
  let tries = 0;
  for (let size = Math.ceil(kept.length / 2); size >= 1 && tries < shrinksAtMost; size = nextOf(size))
    for (let from = 0; from < kept.length && tries < shrinksAtMost; tries++) {
      const left = [...kept.slice(0, from), ...kept.slice(from + size)];
      const again = await alone(seed, length, ({ n }) => left.includes(n)).catch(() => null);
      if (again) [kept, found] = [left, again];
      else from += size;
    }
  return report(seed, found.difference, found.story);
}

const nextOf = (size: number): number => (size === 1 ? 0 : Math.ceil(size / 2));

async function alone(seed: number, length: number, keep: (step: Step) => boolean): Promise<Again | null> {
  const pair = await Pair.begin(new Dice(seed), 1);
  try {
    const made = makeHistory(seed, pair.cast, pair.cast.viewers[0] as Pair['cast']['host'], length);
    const { difference, story } = await play(pair, made, keep);
    return difference && { made, difference, story };
  } finally {
    await pair.end();
  }
}

interface Again {
  readonly made: Made;
  readonly difference: Difference;
  readonly story: readonly string[];
}

function report(seed: number, { ask, plain, fuller }: Difference, story: readonly string[]): string {
  let at = 0;
  while (at < plain.length && plain[at] === fuller[at]) at++;
  const around = (text: string) => readable(text.slice(Math.max(0, text.lastIndexOf('\n', at)), at + 2_000));
  const differs = [`plain:  ${around(plain)}`, `fuller: ${around(fuller)}`];
  return [`PARLEY_SEED=${seed} PARLEY_HISTORIES=1`, ...story, ask, ...differs].join('\n');
}

/** With headers as they were signed. */
function readable(text: string): string {
  return text.replace(/"payload":"([A-Za-z0-9+/=]+)"/g, (_, payload) =>
    Buffer.from(payload, 'base64').toString(),
  );
}

if (!isMainThread && parentPort) {
  const port = parentPort;
  const { seeds, length } = workerData as Job;
  for (let at = 0; at < seeds.length; at += together)
    await played(seeds.slice(at, at + together), length, (one) => port.postMessage(one));
}
