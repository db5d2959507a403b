/** Sharing the ATT&CK data by the command line, and reading all of it back, verified, by the SDK. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { refOf, roomId } from '@parley/core/statement.ts';
import { byValue, type Row, skipped } from '../report.ts';
import type { Options } from '../sizes.ts';
import { purpose, terms } from '../speech.ts';
import { forget, makeStage, partyFrom, readJson, sessionOf, start, temporary, visit } from '../stage.ts';

const data = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'attack-enterprise.jsonl.gz');
/** As people call it: it starts Node a second time, with what Node has compiled before. */
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'parley.js');

export async function share(_: Options): Promise<Row[]> {
  if (!existsSync(data)) return [skipped('share-attack', `the data is not beside the project: ${data}`)];
  const root = temporary('share');
  const stage = await makeStage(root);
  const running = await start(stage.config);
  try {
    const centre = await visit(running.url);
    const hosting = await sessionOf(centre, stage.host);
    const room = roomId(refOf((await hosting.openRoom({ ...terms, title: 'Attack' })).statement.header));
    const home = join(root, 'home');
    await parley(
      home,
      'join',
      running.url,
      (await hosting.inviteParty()).code,
      '--name',
      'City',
      '--device',
      'Desk',
    );
    const city = await partyFrom(readJson(join(home, 'device.json')));
    await hosting.invite(room, city.party);
    const session = await sessionOf(centre, city);
    const offered = (await session.rooms()).find((one) => one.room === room)?.offered;
    await session.accept(room, offered?.hash ?? '');
    const lines = gunzipSync(readFileSync(data)).toString().trimEnd().split('\n');
    const shared = await timed(() =>
      parley(home, 'share', data, '--room', room, '--purpose', purpose, '--json'),
    );
    const read = await timed(async () => {
      const seen: Buffer[] = [];
      for await (const { part } of session.parts(room)) seen.push(digest(part.bytes));
      return seen;
    });
    const expected = lines.map((line) => digest(Buffer.from(line)));
    if (!sameSet(read.value, expected)) throw new Error('what was read is not what was shared');
    const per = (seconds: number) => lines.length / seconds;
    const note = `${lines.length} objects, 34 MB`;
    return [
      byValue(
        {
          name: 'share-attack',
          unit: 'objects/s',
          note: `${note}, by the command, its start included: validated, signed, committed, projected`,
        },
        per(shared.seconds),
        { least: 10_000 },
      ),
      byValue(
        { name: 'read-attack', unit: 'objects/s', note: `${note}, read back by the SDK, each verified` },
        per(read.seconds),
        {
          least: 20_000,
        },
      ),
    ];
  } finally {
    await running.stop();
    forget(root);
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function sameSet(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  const texts = (list: readonly Buffer[]) => list.map((each) => each.toString('latin1')).sort();
  const [x, y] = [texts(a), texts(b)];
  return x.length === y.length && x.every((text, i) => text === y[i]);
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const begun = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - begun) / 1000 };
}

function parley(home: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [launcher, '--home', home, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`parley ${args[0]} ended with ${code}`)),
    );
  });
}
