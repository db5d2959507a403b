/** Classification, PAP, Europol’s codes and personal data, as they are typed and shown. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { member, testCentre } from '../testing/centre.ts';
import { parley, temporary } from '../testing/terminal.ts';

async function withRoom(t: TestContext, ...more: string[]) {
  const centre = await testCentre(t);
  const police = await member(t, centre, 'Ostrey Police');
  const purposes = 'event-security,criminal-investigation,criminal-intelligence';
  await police.do('room', 'open', '--title', 'Summit', '--purposes', purposes, ...more);
  let n = 0;
  const share = (...options: string[]) => {
    const path = join(temporary(t), 'object.json');
    writeFileSync(
      path,
      JSON.stringify({ type: 'indicator', id: `indicator--${crypto.randomUUID()}`, name: `Van ${n++}` }),
    );
    return police.try('share', path, '--room', 'Summit', ...options);
  };
  const shared = async (...options: string[]) => {
    const { status, out, err } = await share(...options, '--json');
    assert.equal(status, 0, err);
    return (JSON.parse(out) as { handling: Handling }).handling;
  };
  return { centre, police, share, shared };
}

test('codes set purposes and passing on, and what has no faithful mapping is refused', async (t) => {
  const { share, shared } = await withRoom(t, '--onward', 'room');
  const handling = await shared('--code', 'H1,H2');
  assert.deepEqual([handling.purposes, handling.onward], [['criminal-intelligence'], 'ask']);
  const basic = await shared('--code', 'H0');
  assert.deepEqual(basic.purposes, ['criminal-investigation', 'criminal-intelligence']);
  assert.equal(basic.onward, 'room');
  const narrower = await shared('--code', 'H0', '--purpose', 'criminal-investigation', '--onward', 'never');
  assert.deepEqual([narrower.purposes, narrower.onward], [['criminal-investigation'], 'never']);
  for (const [options, says] of [
    [['--code', 'H3'], /handling\.code[\s\S]*H3 restricts in words/],
    [['--code', 'H1', '--purpose', 'event-security'], /handling\.code[\s\S]*criminal-intelligence/],
    [['--code', 'H2', '--onward', 'room'], /handling\.code[\s\S]*asking, or never/],
    [['--code', 'H0', '--to', 'public'], /handling\.code[\s\S]*public/],
  ] as const) {
    const { status, err } = await share(...options);
    assert.equal(status, 1, err);
    assert.match(err, says);
  }
});

test('what is marked higher than the accreditation is refused before it is sent, and shown where it is not', async (t) => {
  const { centre, police, share } = await withRoom(t, '--pap', 'green');
  const before = centre.small.requests.length;
  const marked = ['--classification', 'restricted'];
  const open = ['room', 'open', '--title', 'Secrets', '--purposes', 'event-security', ...marked];
  for (const refused of [
    await share(...marked),
    await police.try(...open),
    await police.try('room', 'terms', 'Summit', ...marked),
  ]) {
    assert.equal(refused.status, 1);
    assert.match(refused.err, /handling\.classification[\s\S]*nothing above unclassified/);
  }
  assert.ok(!centre.small.requests.slice(before).includes('POST /api/v1/statements'));
  await centre.small.speak('centre.accredit/1', { highest: 'secret' });
  await police.do(...open);
  assert.match((await share(...marked)).out, /RESTRICTED, PAP:GREEN/, 'PAP as the terms propose');
  const options = [
    '--classification',
    'secret',
    '--pap',
    'red',
    '--personal',
    'suspect:assessment,victim:fact',
  ];
  const { status, out, err } = await share(...options);
  assert.equal(status, 0, err);
  assert.match(out, /SECRET, PAP:RED, personal data \(suspect: assessment, victim: fact\)/);
  await share('--classification', 'unclassified', '--pap', 'clear');

  const list = (...filter: string[]) => police.do('statements', '--kind', 'share', ...filter);
  const lines = async (...filter: string[]) => (await list(...filter)).trimEnd().split('\n').length;
  await police.do('open', '--purpose', 'event-security');
  assert.equal(await lines(), 3);
  assert.match(await list(), /RESTRICTED, PAP:GREEN\n/);
  assert.equal(await lines('--classification', 'restricted'), 2);
  assert.equal(await lines('--classification', 'secret'), 1);
  assert.equal(await lines('--pap', 'amber'), 1);
  assert.equal(await lines('--personal', 'victim'), 1);
  assert.equal(await list('--personal', 'witness'), 'Nothing that you may see.\n');
  assert.match(await list('--personal', 'any'), /SECRET, PAP:RED, personal data/);
  assert.match(await police.do('read'), /SECRET, PAP:RED, personal data \(suspect: assessment/);
  assert.match(await police.do('log'), /accredited +for nothing above secret/);
});

test('a wrong mark is a wrong option', async (t) => {
  const { share } = await withRoom(t);
  for (const options of [
    ['--classification', 'geheim'],
    ['--pap', 'white'],
    ['--personal', 'child:fact'],
  ])
    assert.equal((await share(...options)).status, 2);
});

test('the tables are shown without a centre', async (t) => {
  const env = { PARLEY_HOME: temporary(t) };
  const { status, out } = await parley(['codes', '--language', 'de'], { env });
  assert.equal(status, 0);
  assert.match(out, /H1 +Nicht in Gerichtsverfahren/);
  assert.match(out, /restricted +RESTREINT UE\/EU RESTRICTED +NATO RESTRICTED +VS — NUR/);
  const { codes, pap } = JSON.parse((await parley(['codes', '--json'], { env })).out);
  assert.deepEqual([codes.length, pap.length], [3, 4]);
});
