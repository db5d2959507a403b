/** What a party takes along, and who could see what it said: the program against a running centre. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { parley, temporary } from '@parley/cli/testing/terminal.ts';
import { memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import { indicator } from '../server/testing/actor.ts';
import { beginServed, type Served } from '../server/testing/served.ts';

describe('leaving with everything, and the officer who watches', () => {
  let served: Served;
  before(async () => {
    served = await beginServed();
  });
  after(() => served.end());

  async function member(t: TestContext, name: string) {
    const { signer, party } = served.world.host;
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    const host = await centre.session({ signer, party, purpose: 'event-security' });
    const { code } = await host.inviteParty({});
    const home = temporary(t);
    const tries = (...args: string[]) => parley([...args, '--home', home]);
    const run = async (...args: string[]) => {
      const { status, out, err } = await tries(...args);
      assert.equal(status, 0, `${args.join(' ')}: ${err}`);
      return out;
    };
    await run('join', served.url, code, '--name', name, '--device', 'Desk');
    const share = async (object: object, ...how: string[]) => {
      const path = join(home, 'object.json');
      writeFileSync(path, JSON.stringify(object));
      return JSON.parse(await run('share', path, '--room', 'Summit', '--json', ...how));
    };
    const own = JSON.parse(await run('whoami', '--json')) as { party: string };
    return { home, tries, run, share, party: own.party };
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
    const again = await corps.tries('export', '--party', folder);
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
    const forged = await corps.tries('export', '--check', whole);
    assert.equal(forged.status, 1);
    assert.match(forged.err, /statements\.jsonl:1/);
    writeFileSync(statements, `${receipts.split('\n').slice(1).join('\n')}`);
    assert.match((await corps.tries('export', '--check', whole)).err, /the manifest counts/);
  });

  it('leaves nothing behind where it fails', async (t) => {
    const { corps } = await scene(t);
    const failed = await corps.tries(
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
    await corps.run('export', '--accesses', csv);
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
    const text = await city.run('audience', statements[0].id);
    assert.match(
      text,
      /Corps .* no +– +no member now, or was none when it was said, or is not named +no\n/,
      text,
    );
    assert.equal((await corps.tries('audience', statements[0].id)).status, 1);
  });
});
