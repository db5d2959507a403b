/** What a party takes along, and who could see what it said: the program against a running centre. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { indicator } from '../server/testing/actor.ts';
import { beginServed, type Served } from '../server/testing/served.ts';
import { memberAt } from './testing/member.ts';

describe('leaving with everything, and the officer who watches', () => {
  let served: Served;
  before(async () => {
    served = await beginServed();
  });
  after(() => served.end());

  async function member(t: TestContext, name: string) {
    const desk = await memberAt(served, t, name);
    const share = (object: object, ...how: string[]) =>
      desk.json<{ statements: { id: string }[] }>('share', desk.file(object), '--room', 'Summit', ...how);
    return { ...desk, share };
  }

  async function scene(t: TestContext) {
    const city = await member(t, 'City');
    const corps = await member(t, 'Corps');
    const purposes = ['--purposes', 'event-security,threat-prevention', '--past', '--roster'];
    await city.run('room', 'open', '--title', 'Summit', ...purposes);
    await city.run('room', 'invite', 'Summit', corps.party);
    await corps.run('room', 'accept', 'Summit');
    await city.share(indicator('for the event'), '--purpose', 'event-security');
    await city.share(indicator('for prevention'), '--purpose', 'threat-prevention');
    await city.share(indicator('a witness'), '--personal', 'witness:fact');
    return { city, corps };
  }

  const namesIn = (file: string) => {
    const { objects } = JSON.parse(readFileSync(file, 'utf8')) as { objects: { name: string }[] };
    return objects.map(({ name }) => name).sort();
  };

  it('holds what every purpose opens, each statement once, and is checked without the centre', async (t) => {
    const { corps } = await scene(t);
    await corps.run('open', '--purpose', 'event-security');
    const folder = join(corps.home, 'leaving');
    assert.match(await corps.run('export', '--party', folder), /with 2 objects of 1 room/);
    const [room = ''] = readdirSync(join(folder, 'rooms'));
    assert.match(room, /^Summit-[0-9a-f]{8}$/);
    const bundle = join(folder, 'rooms', room, 'bundle.json');
    assert.deepEqual(namesIn(bundle), ['for prevention', 'for the event']);
    assert.match(await corps.run('export', '--check', folder), /are what was said, and stand in the log/);
    const again = await corps.attempt('export', '--party', folder);
    assert.equal(again.status, 2, 'never over a folder that is there');

    const whole = join(corps.home, 'whole');
    await corps.run('export', '--party', whole, '--justification', 'Moving our records');
    assert.equal(namesIn(join(whole, 'rooms', room, 'bundle.json')).length, 3);

    const statements = join(whole, 'statements.jsonl');
    const receipts = readFileSync(statements, 'utf8');
    writeFileSync(
      statements,
      receipts.replace(/"nonce":"(.)/, (_, c) => `"nonce":"${c === 'A' ? 'B' : 'A'}`),
    );
    const forged = await corps.attempt('export', '--check', whole);
    assert.equal(forged.status, 1);
    assert.match(forged.err, /statements\.jsonl:1/);
    writeFileSync(statements, `${receipts.split('\n').slice(1).join('\n')}`);
    assert.match((await corps.attempt('export', '--check', whole)).err, /the manifest counts/);
  });

  it('takes no justification that was kept for one purpose into the others', async (t) => {
    const { corps } = await scene(t);
    await corps.run('open', '--purpose', 'event-security', '--justification', 'Gate 2, tonight');
    const folder = join(corps.home, 'kept');
    await corps.run('export', '--party', folder);
    const [room = ''] = readdirSync(join(folder, 'rooms'));
    assert.equal(namesIn(join(folder, 'rooms', room, 'bundle.json')).length, 2);
    const readme = readFileSync(join(folder, 'README.txt'), 'utf8');
    assert.match(readme, /nothing here was shared as personal data/);
    const accesses = join(corps.home, 'after.csv');
    await corps.run('export', '--accesses', accesses);
    assert.doesNotMatch(
      readFileSync(accesses, 'utf8'),
      /"threat-prevention","Gate 2/,
      'not beside a reading for another purpose',
    );
  });

  it('says that personal data is among it, and which files are there', async (t) => {
    const { city } = await scene(t);
    const folder = join(city.home, 'own');
    await city.run('export', '--party', folder);
    const readme = readFileSync(join(folder, 'README.txt'), 'utf8');
    assert.match(readme, /personal data is among it \(parts so marked: 1\)/);
    for (const name of [
      'complaints',
      'holds',
      'subject-requests',
      'undertakings',
      'attempts',
      'connectors',
    ]) {
      assert.ok(existsSync(join(folder, `${name}.json`)), name);
      assert.match(readme, new RegExp(`  ${name}\\.json`));
    }
    assert.equal(readme.includes('digests.jsonl'), existsSync(join(folder, 'digests.jsonl')));
  });

  it('finds a bundle that is not what was proven', async (t) => {
    const { corps } = await scene(t);
    await corps.run('open', '--purpose', 'event-security');
    const folder = join(corps.home, 'bundled');
    await corps.run('export', '--party', folder);
    const [room = ''] = readdirSync(join(folder, 'rooms'));
    const bundle = join(folder, 'rooms', room, 'bundle.json');
    const right = readFileSync(bundle, 'utf8');
    const lines = right.split('\n');
    const wrong: readonly (readonly [string, number])[] = [
      [right.replace('for the event', 'for the evenT'), 2],
      [[lines[0], (lines[1] ?? '').slice(0, -1), ...lines.slice(3)].join('\n'), 2],
      [right.replace('"objects":[\n', '"objects":[\n{"type":"indicator"},\n'), 2],
      [lines.slice(0, 3).join('\n'), 3],
    ];
    for (const [text, line] of wrong) {
      writeFileSync(bundle, text);
      const { status, err } = await corps.attempt('export', '--check', folder);
      assert.equal(status, 1);
      assert.match(err, new RegExp(`parts\\.root[^]*bundle\\.json:${line}`), err);
    }
    writeFileSync(bundle, right);
    await corps.run('export', '--check', folder);
  });

  it('leaves nothing behind where it fails', async (t) => {
    const { corps } = await scene(t);
    const failed = await corps.attempt(
      'export',
      '--party',
      join(corps.home, 'no', 'such', 'folder', 'x'),
      '--purpose',
      'x-none',
    );
    assert.notEqual(failed.status, 0);
    assert.ok(!existsSync(join(corps.home, 'no')));
  });

  it('gives the data protection officer all accesses with their justifications, as one file', async (t) => {
    const { corps } = await scene(t);
    const why = '=HYPERLINK("x"), said "so"';
    await corps.run('open', '--purpose', 'event-security', '--justification', why);
    await corps.run('read', '--room', 'Summit', '--person', 'dpo-7');
    const csv = join(corps.home, 'accesses.csv');
    assert.equal((await corps.attempt('export', '--accesses', `${csv}.xlsx`)).status, 2);
    await corps.run('export', '--accesses', csv);
    assert.equal((await corps.attempt('export', '--accesses', csv)).status, 2, 'never over a file');
    const [head, first] = readFileSync(csv, 'utf8').split('\r\n');
    assert.equal(
      head,
      '"at","device","device name","person","purpose","justification","route","originator","statement","parts"',
    );
    assert.match(first ?? '', /"Desk","dpo-7","event-security","'=HYPERLINK\(""x""\), said ""so"""/);
    const lines = join(corps.home, 'accesses.jsonl');
    await corps.run('export', '--accesses', lines);
    const values = readFileSync(lines, 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    assert.equal(values[0].format, 'parley-accesses/1');
    assert.ok(values.some(({ access }) => access?.justification === why && access.person === 'dpo-7'));
  });

  it('says who could, who did, and why not', async (t) => {
    const { city, corps } = await scene(t);
    const { statements } = await city.share(indicator('named'), '--to', 'City');
    const id = statements[0]?.id ?? '';
    const text = await city.run('audience', id);
    assert.match(text, /Corps .* no +– +your handling names others +no\n/, text);
    assert.equal((await corps.attempt('audience', id)).status, 1);
  });
});
