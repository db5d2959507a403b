import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parley } from '@parley/cli/testing/terminal.ts';
import { createLog } from '@parley/server/api/logging.ts';
import { checkCentre } from '@parley/server/check-centre.ts';
import { type DemoOptions, startDemo } from './demo.ts';
import { roles } from './exercise/cast.ts';
import { guide, homeOf, trials } from './guide.ts';

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

test('the exercise is played once, every line of the guide works, and a second start goes on', async (t) => {
  const options = optionsIn(t);
  const { folder } = options;
  const demo = await startDemo(options);
  try {
    assert.equal(demo.first, true);
    for (const role of roles) assert.match((await run(folder, role, ['whoami'])).out, /Fingerprint/);
    const shown = new Map<string, string>();
    for (const { role, args } of trials(demo.exercise)) {
      const { status, out, err } = await run(folder, role, args);
      assert.equal(status, 0, `${args.join(' ')}: ${err}`);
      shown.set(`${role} ${args[0]}`, out);
    }
    assert.match(
      shown.get('halvern recalls') ?? '',
      /1 answer missing of 4[\s\S]*kept +criminal-proceedings/,
    );
    assert.match(shown.get('embassy locked') ?? '', /identity +2 +--justification/);
    assert.match(shown.get('lantern show') ?? '', /Drone over the moorings/);
    assert.doesNotMatch(shown.get('embassy read') ?? '', /Threat by telephone|Blue van/);
    const report = await checkCentre({ folder: join(folder, 'centre') });
    assert.deepEqual([report.size >= demo.records, report.erased], [true, 1]);
    const text = guide({ ...demo, folder: '.parley-demo' }, demo.exercise);
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

function run(folder: string, role: (typeof roles)[number], args: readonly string[]) {
  return parley(['--home', homeOf(folder, role), ...args]);
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
