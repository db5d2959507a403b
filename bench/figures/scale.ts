/**
 * What one instance and one database carry, what a second instance adds, and what share of the work has an order and is
 * therefore done by one after another: while a transaction holds the head, no other statement is admitted.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { child } from '../children.ts';
import type { LoadReport } from '../load.ts';
import { known, processorTime, type Row, shown, skipped } from '../report.ts';
import type { Options } from '../sizes.ts';
import { forget, gather, makeStage, type Party, type Running, readJson, start, temporary } from '../stage.ts';

/** Statements under way towards each instance. */
const inFlight = 64;

export async function scale({ size, database }: Options): Promise<Row[]> {
  if (database === null) return [skipped('postgres', '`--database` names no server to make a database on')];
  const { statements } = size.accept;
  const root = temporary('scale');
  const own = await makeDatabase(database);
  try {
    const stage = await makeStage(root, own.url);
    const [one, two] = [await start(stage.config), await start(besideOf(stage.config, stage.folder))];
    try {
      const { room, parties } = await gather(one.url, stage.host, 2);
      const about = { centre: stage.centre, room };
      const run = (instances: readonly Running[], count: number) =>
        measured(instances, parties, { ...about, statements: Math.ceil(count / instances.length) }, own);
      await run([one, two], statements / 4);
      const alone = await run([one], statements);
      const both = await run([one, two], statements);
      return [rowOf('postgres-one-instance', alone), rowOf('postgres-two-instances', both)];
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  } finally {
    await own.drop();
    forget(root);
  }
}

/** A second instance's folder: the same keys and configuration, as `docs/scale.md` says it. */
function besideOf(config: string, folder: string): string {
  const root = join(dirname(config), 'second');
  const beside = join(root, 'centre');
  mkdirSync(beside, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(folder))
    if (file.endsWith('.pem')) copyFileSync(join(folder, file), join(beside, file));
  const path = join(root, 'parley.json');
  writeFileSync(path, JSON.stringify({ ...readJson<object>(config), folder: beside }));
  return path;
}

interface Measured {
  readonly perSecond: number;
  /** Milliseconds of processor for a statement. */
  readonly instances: number;
  readonly database: number;
  /** Of the time, how much of it the head was held: 0 to 1. */
  readonly held: number;
  readonly count: number;
  readonly accepting: number;
}

async function measured(
  instances: readonly Running[],
  parties: readonly Party[],
  order: { centre: string; room: string; statements: number },
  database: Database,
): Promise<Measured> {
  const loads = await Promise.all(
    instances.map(({ url }, n) => {
      const { party, pkcs8 } = parties[n] as Party;
      return child<LoadReport>('load.ts', { ...order, url, party, pkcs8, inFlight });
    }),
  );
  const used = () => instances.reduce((sum, { pid }) => sum + processorTime(pid), 0);
  const before = { used: used(), database: databaseTime(database.name) };
  const holding = watchHead(database);
  const reports = await Promise.all(loads.map((load) => load.begin()));
  const held = await holding();
  const after = { used: used(), database: databaseTime(database.name) };
  const refused = reports.flatMap((report) => report.refused);
  if (refused.length > 0) throw new Error(`${refused.length} were refused, such as ${refused[0]}`);
  const count = reports.reduce((sum, { receipts }) => sum + receipts.length, 0);
  const seconds = Math.max(...reports.map((report) => report.seconds));
  return {
    perSecond: count / seconds,
    instances: ((after.used - before.used) / count) * 1000,
    database: ((after.database - before.database) / count) * 1000,
    held,
    count,
    accepting: instances.length,
  };
}

function rowOf(name: string, { perSecond, instances, database, held, count, accepting }: Measured): Row {
  const note = `${shown(count)} one-object shares by ${accepting} on one database, ${inFlight} in flight each; a statement costs ${shown(instances)} ms of processor in instances and ${shown(database)} ms in the database, and the head was held for ${shown(held * 100)} % of the time: at most ${shown(perSecond / held)} a second by any number of instances`;
  return known({ name, unit: 'statements/s', note }, perSecond);
}

/** Who writes is in its transaction, and does not wait for the head: then it is the one that holds it. */
const holders = `select count(*) as held from pg_stat_activity where datname = current_database()
  and application_name = 'parley writer' and state <> 'idle' and wait_event_type is distinct from 'Lock'`;
const samplesEvery = 5;

/** Looks again and again whether somebody holds the head. @returns ends it, with the share of looks that found somebody */
function watchHead({ ask }: Database): () => Promise<number> {
  let [looks, held, ended] = [0, 0, false];
  const watching = (async () => {
    for (; !ended; await new Promise((resolve) => setTimeout(resolve, samplesEvery))) {
      held += Math.min(1, Number((await ask(holders)).held));
      looks++;
    }
  })();
  return async () => {
    ended = true;
    await watching;
    return held / looks;
  };
}

/** Seconds of processor of the processes on this machine that serve the database; what its server does for all is left out. */
function databaseTime(name: string): number {
  let sum = 0;
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const title = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      if (title.startsWith('postgres: ') && title.includes(name)) sum += processorTime(Number(pid));
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

interface Database {
  readonly name: string;
  readonly url: string;
  readonly ask: (text: string) => Promise<Record<string, unknown>>;
  drop(): Promise<void>;
}

async function makeDatabase(server: string): Promise<Database> {
  const name = `parley_bench_${crypto.randomUUID().replaceAll('-', '')}`;
  const admin = new Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  return {
    name,
    url: url.href,
    ask: async (text) => (await client.query(text)).rows[0],
    async drop() {
      await client.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
