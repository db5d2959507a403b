/**
 * Our log beside tessera's POSIX log, in one run: the sequencer on its SQLite store against tessera's appender on its
 * files. Both make a transparency log durable (fsync) before they answer; neither is asked whether it may be said, and
 * nothing is folded. Ours answers with the inclusion proof under a checkpoint that is signed twice, for every batch;
 * tessera signs one, ten times a second, and answers with the index.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import { statementType } from '@parley/core/statement.ts';
import type { Checked } from '@parley/server/log/checked.ts';
import { createLogKeys } from '@parley/server/log/keys.ts';
import { createSequencer } from '@parley/server/log/sequencer.ts';
import { createSqlite, openSqlite } from '@parley/server/storage/sqlite.ts';
import { byRatio, type Row, shown, skipped } from '../report.ts';
import type { Options } from '../sizes.ts';
import { forget, temporary } from '../stage.ts';

/** Bytes of one entry: of header and signature together, as of a share of one object. */
const entrySize = 900;
const inFlight = 256;
/** How long tessera gathers a batch; the best of them counts. */
const ages = ['5ms', '10ms', '20ms'];
const rounds = 3;
const goFolder = join(import.meta.dirname, '..', 'go');

export async function tlog({ size, say }: Options): Promise<Row[]> {
  const { records } = size.tlog;
  const root = temporary('tlog');
  try {
    const tessera = buildTessera(root);
    if (tessera === null) return [skipped('log-beside-tessera', 'Go is not there')];
    let [ours, theirs] = [0, 0];
    let best = '';
    for (let round = 0; round < rounds; round++) {
      ours = Math.max(ours, await ourRate(mkdtempSync(join(root, 'ours-')), records));
      for (const age of ages) {
        const rate = theirRate(tessera, mkdtempSync(join(root, 'theirs-')), records, age);
        if (rate > theirs) [theirs, best] = [rate, age];
      }
      say(`log: ours ${shown(ours)}, tessera ${shown(theirs)} records a second`);
    }
    const note = `${shown(records)} entries of ${entrySize} bytes, ${inFlight} in flight, durable, best of ${rounds}; the sequencer on SQLite; reference: tessera 1.0.4 on POSIX files, batches of ${best}`;
    return [byRatio({ name: 'log-beside-tessera', unit: 'records/s', note }, ours, theirs, { least: 1 })];
  } finally {
    forget(root);
  }
}

/** From the pinned sources in `bench/go`; null where there is no Go. */
function buildTessera(root: string): string | null {
  if (spawnSync('go', ['version']).status !== 0) return null;
  const program = join(root, 'tessera');
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: goFolder, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`go build: ${built.stderr}`);
  return program;
}

function theirRate(program: string, folder: string, entries: number, age: string): number {
  const args = { folder: join(folder, 'log'), entries, size: entrySize, 'in-flight': inFlight, age };
  const flags = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { status, stdout, stderr } = spawnSync(program, flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tessera: ${stderr}`);
  forget(folder);
  return entries / (JSON.parse(stdout) as { seconds: number }).seconds;
}

async function ourRate(folder: string, records: number): Promise<number> {
  const path = join(folder, 'log.sqlite');
  createSqlite(path);
  const store = openSqlite<unknown>(path);
  const sequencer = await createSequencer<unknown>({
    store,
    keys: createLogKeys(),
    origin: 'bench.example/log/1',
    admit: async () => ({ span: 1 }),
    fold: async () => {},
    onFault: fail,
    onDoubt: fail,
  });
  const entries = Array.from({ length: records }, entry);
  let next = 0;
  const indexes = new Set<number>();
  const begun = performance.now();
  const say = async () => {
    for (let each = entries[next++]; each; each = entries[next++])
      indexes.add((await sequencer.submit(each)).index);
  };
  await Promise.all(Array.from({ length: inFlight }, say));
  const seconds = (performance.now() - begun) / 1000;
  await sequencer.stop();
  await store.close();
  forget(folder);
  if (indexes.size !== records) throw new Error(`${indexes.size} records for ${records} entries`);
  return records / seconds;
}

/** The log reads of a statement who said it and under which id: the rest is as long as it is. */
function entry(): Checked {
  const device = 'd'.repeat(64);
  const header = {
    kind: 'share/1',
    centre: 'bench.example',
    id: crypto.randomUUID(),
    party: device,
    device,
    body: {},
  };
  const text = JSON.stringify({ ...header, at: '' });
  const padded = { ...header, at: 'x'.repeat(entrySize - 64 - text.length) } as unknown as AnyHeader;
  const payload = utf8(JSON.stringify(padded));
  const signature: Bytes = new Uint8Array(randomBytes(64));
  const envelope = { payload, payloadType: statementType, keyid: device, signature };
  return { statement: { envelope, header: padded }, parts: [], leaves: [], objects: [] };
}

function fail(cause: unknown): never {
  throw cause;
}
