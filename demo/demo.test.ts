import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parley } from '@parley/cli/testing/terminal.ts';
import { createLog } from '@parley/server/api/logging.ts';
import { checkCentre } from '@parley/server/check-centre.ts';
import { type DemoOptions, startDemo } from './demo.ts';
import { roles, type Seat } from './exercise/cast.ts';
import { guide, homeOf } from './guide.ts';
import { sections } from './trials.ts';

function optionsIn(t: TestContext): DemoOptions {
  const dir = mkdtempSync(join(tmpdir(), 'parley-demo-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return {
    folder: join(dir, 'demo'),
    port: 0,
    progress: () => {},
    onDoubt: (cause) => assert.fail(String(cause)),
    log: createLog('silent'),
  };
}

/** What the lines of the guide must show: each capability once. By home and command. */
const told: readonly (readonly [string, RegExp])[] = [
  ['embassy locked', /identity +2 +--justification/],
  ['halvern audience', /Norvane[^\n]+yes[\s\S]*Ostrey[^\n]+no +/],
  ['norvane read', /RESTRICTED, PAP:AMBER +Threat by telephone/],
  ['city file', /false-pass\.png +image\/png[\s\S]*as it was shared/],
  ['city case', /Case NPS-2214\/26/],
  ['lantern show', /Drone over the moorings/],
  ['halvern recalls', /1 answer missing of 4[\s\S]*kept +criminal-proceedings/],
  ['ostrey hold', /court-order/],
  ['ostrey recalls', /hidden and not erased/],
  ['norvane room', /ministerial[\s\S]*agreement[^\n]+Art\. 9[\s\S]*in return for report-sightings/],
  ['halvern room', /broken[\s\S]*withholds from Quorra/],
  ['quorra read', /Boats without lights/],
  ['lantern read', /Boats without lights/],
  ['quorra complaints', /upheld[\s\S]*open/],
  ['norvane audience', /Quorra[^\n]+you took it back from this party/],
  ['commission supervise', /Planning the night watch[\s\S]*upheld +1/],
  ['commission show', /Boats without lights/],
  ['embassy statements', /victim: fact/],
  ['city subject', /rectification[^\n]+open[\s\S]*#0 +Ostrey/],
  ['lantern device', /second laptop[^\n]+by the recovery key/],
  ['quorra party', /72 hours after both/],
  ['quorra device', /Tablet on the patrol boat[^\n]+Corridor Watch; no personal data/],
  ['quorra-tablet read', /Convoy of nine lorries/],
  ['city connector', /Gate sensors[\s\S]*enrolled for other rooms/],
  ['norvane attempts', /supervision\.no-case[\s\S]*hold\.not-originator/],
  ['embassy export', /stand in the log/],
];

const untold: readonly (readonly [string, RegExp])[] = [
  ['embassy read', /Threat by telephone|Blue van|Camera at the fuel berth/],
  ['quorra read', /Patrols of the coming week|Tarek Oln/],
  ['lantern read', /Patrols of the coming week/],
];

/** The line for a client that cannot sign, as curl would send it. */
async function asCurl(text: string): Promise<string> {
  const [, user = '', url = ''] = /curl --user (\S+) "(\S+)"/.exec(text) ?? [];
  const response = await fetch(url, { headers: { authorization: `Basic ${btoa(user)}` } });
  assert.equal(response.status, 200);
  return response.text();
}

test('the exercise is played once, every line of the guide works, and a second start goes on', async (t) => {
  const options = optionsIn(t);
  const { folder } = options;
  const demo = await startDemo(options);
  try {
    assert.equal(demo.first, true);
    for (const role of roles) assert.match((await run(folder, role, ['whoami'])).out, /Fingerprint/);
    const shown = new Map<string, string>();
    for (const { seat, args } of sections(folder, demo.exercise).flatMap(({ trials }) => trials)) {
      const { status, out, err } = await run(folder, seat, args);
      assert.equal(status, 0, `${seat} ${args.join(' ')}: ${err}`);
      const key = `${seat} ${args[0]}`;
      shown.set(key, (shown.get(key) ?? '') + out);
    }
    for (const [key, what] of told) assert.match(shown.get(key) ?? '', what, key);
    for (const [key, what] of untold) assert.doesNotMatch(shown.get(key) ?? '', what, key);
    const report = await checkCentre({ folder: join(folder, 'centre') });
    assert.deepEqual([report.size >= demo.records, report.erased], [true, 1]);
    const text = guide({ ...demo, folder: '.parley-demo' }, demo.exercise);
    assert.match(await asCurl(text), /"Counterfeit crew passes"/);
    assert.match(text, /npm run -s parley -- --home \.parley-demo\/homes\/lantern whoami/);
  } finally {
    await demo.stop();
  }
  const again = await startDemo(options);
  try {
    assert.deepEqual([again.first, again.exercise], [false, demo.exercise]);
    assert.ok(again.records >= demo.records);
    const read = await run(folder, 'quorra', ['read', '--room', 'Corridor Watch']);
    assert.match(read.out, /Convoy of nine lorries/, read.err);
  } finally {
    await again.stop();
  }
});

function run(folder: string, seat: Seat, args: readonly string[]) {
  return parley(['--home', homeOf(folder, seat), ...args]);
}

test('what a start left unfinished is begun anew, and a folder of somebody else is not touched', async (t) => {
  const options = optionsIn(t);
  mkdirSync(join(options.folder, 'homes'), { recursive: true });
  writeFileSync(join(options.folder, 'letters.txt'), 'x');
  await assert.rejects(startDemo(options), { code: 'store.present' });
  rmSync(join(options.folder, 'letters.txt'));
  const demo = await startDemo(options);
  await demo.stop();
  assert.equal(demo.first, true);
});
