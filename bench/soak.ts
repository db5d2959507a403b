/**
 * Goes on for hours, and finds what seldom happens: a centre is killed under load, its database goes away, its disk is
 * full, its writes fail, and random histories are told twice. Each round has a seed, printed with its line, that gives it back.
 * `npm run soak -- --hours 8`; ends with a status of 1 when something was found. No round begins after that; one that
 * runs is waited for, and ended with its processes when this one is.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
/** Of what a round says that failed. */
const kept = 20_000;
const lineEnd = /\r?\n/;

interface Round {
  readonly name: string;
  readonly test: string;
  readonly env: Readonly<Record<string, string>>;
  /** Minutes after which it is ended, and counts as found. */
  readonly minutes: number;
}

/** In turn, as many as there are. What needs PostgreSQL is passed over where `PARLEY_TEST_DATABASE` is not set. */
const rounds: readonly Round[] = [
  { name: 'kills', test: 'interop/kills.test.ts', env: { PARLEY_KILLS: '30' }, minutes: 30 },
  {
    name: 'histories',
    test: 'interop/worlds.test.ts',
    env: { PARLEY_HISTORIES: '60', PARLEY_STEPS: '40' },
    minutes: 60,
  },
  { name: 'away', test: 'interop/away.test.ts', env: { PARLEY_KILLS: '20' }, minutes: 30 },
  { name: 'faults', test: 'server/faults.test.ts', env: {}, minutes: 15 },
  { name: 'full disk', test: 'interop/full.test.ts', env: { PARLEY_KILLS: '1' }, minutes: 15 },
].filter(({ test }) => existsSync(join(root, test)));

/** Ends the round that runs, with what it started. */
let endRunning = (): void => {};

interface Outcome {
  readonly status: number | null;
  readonly said: string;
}

async function run({ test, env, minutes }: Round, seed: number): Promise<Outcome> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--test', test], {
    cwd: root,
    env: { ...process.env, ...env, PARLEY_SEED: String(seed) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own group, so that what it started ends with it.
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => {
      said = `${said}${piece}`.slice(-kept);
    });
  endRunning = () => process.kill(-(child.pid as number), 'SIGKILL');
  const timer = setTimeout(endRunning, minutes * 60_000);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  endRunning = () => {};
  return { status, said };
}

async function soak(hours: number): Promise<number> {
  const end = Date.now() + hours * 3_600_000;
  const counts = new Map(rounds.map(({ name }) => [name, { run: 0, found: 0 }]));
  for (let i = 0; Date.now() < end; i++) {
    const round = rounds[i % rounds.length] as Round;
    const seed = randomInt(2 ** 31);
    const began = Date.now();
    console.log(`${new Date().toISOString()} ${round.name} begins`);
    const { status, said } = await run(round, seed);
    const count = counts.get(round.name) as { run: number; found: number };
    count.run++;
    if (status !== 0) count.found++;
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    const verdict = status === 0 ? 'nothing found' : `FOUND SOMETHING (${status ?? 'ended'})`;
    console.log(`${new Date().toISOString()} ${round.name}: ${verdict}, ${seconds} s, ${again(round, seed)}`);
    if (status !== 0) console.log(indented(said));
  }
  for (const [name, { run: times, found }] of counts) console.log(`${name}: ${times} rounds, ${found} found`);
  return [...counts.values()].reduce((sum, { found }) => sum + found, 0);
}

function again({ test, env }: Round, seed: number): string {
  const set = Object.entries({ ...env, PARLEY_SEED: String(seed) }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return `${set.join(' ')} node --test ${test}`;
}

function indented(text: string): string {
  return text
    .split(lineEnd)
    .map((line) => `  ${line}`)
    .join('\n');
}

const usage = `npm run soak -- [--hours N]
  --hours   no round begins after so many (default 1; 0.01 plays one round); a round takes up to an hour
Rounds, in turn: ${rounds.map(({ name }) => name).join(', ')}. A line when each begins and ends; the one of its end
gives it back. PARLEY_TEST_DATABASE=postgres://… names a server on which they run as well.
`;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endRunning();
    process.exit(130);
  });

const { values } = parseArgs({
  options: { hours: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } },
});
const hours = Number(values.hours);
if (values.help) process.stdout.write(usage);
else if (!(hours > 0)) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else process.exitCode = (await soak(hours)) > 0 ? 1 : 0;
