/** The program against a running centre: what people type, refused where the centre would refuse it. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { beginServed, type Served } from '../server/testing/served.ts';
import { memberAt } from './testing/member.ts';

const indicator = (name: string, modified = '2026-01-01T00:00:00.000Z') =>
  JSON.stringify({
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--00000000-0000-4000-8000-000000000001',
    created: '2026-01-01T00:00:00.000Z',
    modified,
    name,
    pattern: "[ipv4-addr:value = '192.0.2.1']",
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00Z',
  });

describe('the program and a centre', () => {
  let served: Served;
  before(async () => {
    served = await beginServed({}, { ownThread: true });
  });
  after(() => served.end());

  const member = (t: TestContext, name: string) => memberAt(served, t, name);

  it('shares plainly into a room with a retention, and tells what became of it', async (t) => {
    const city = await member(t, 'City');
    const corps = await member(t, 'Corps');
    const room = ['--room', 'Summit'];
    const terms = ['--title', 'Summit', '--purposes', 'event-security', '--retention', '90', '--past'];
    await city.run('room', 'open', ...terms);
    await city.run('room', 'invite', 'Summit', corps.party);
    assert.match(await corps.run('room', 'show', 'Summit'), /members +shown to members/);
    await corps.run('room', 'accept', 'Summit');

    const shared = await city.run('share', city.file(indicator('one')), ...room);
    assert.match(shared, /^Shared 1 object [\s\S]*until /);
    const again = await city.run('share', city.file(indicator('one')), ...room, '--tlp', 'green');
    assert.match(again, /^Nothing was shared: .* there before; that handling stands\.\nTo change it, recall/);

    await corps.run('read');
    await city.run('share', city.file(indicator('two', '2026-02-01T00:00:00Z')), ...room);
    assert.match(await corps.run('read'), /TLP:AMBER +one \(older version\)\n.*TLP:AMBER +two\n$/);

    const [, id = ''] = /Statement [0-9a-f]{8}\/([0-9a-f]{8})/.exec(shared) ?? [];
    await corps.run('ask', id, '--to', 'City', '--purpose', 'event-security', '--reason', 'the road');
    const asked = await city.run('tasks');
    const [, ask = ''] = /parley --home \S+ grant (\S+), or deny/.exec(asked) ?? [];
    assert.match(asked, /ask for all of [0-9a-f]{8}\/[0-9a-f]{8}, for City .*event-security/);
    assert.match(await city.run('show', ask), /asks for [\s\S]* City [\s\S]*reason +the road/);

    const narrowed = await city.run('recall', id, '--from', 'Corps', '--reason', 'not for it');
    assert.match(narrowed, /is taken back from Corps \([0-9a-f]{8}\) only/);
    // The centre tells by itself, and nobody waits for it.
    await served.world.centre.round();
    assert.match(
      await city.run('recalls'),
      /recall from Corps \([0-9a-f]{8}\) only .*, 1 answer missing of 1/,
    );
    await city.run('recall', id, '--reason', 'it was wrong');
    await served.world.centre.round();
    const owed = await corps.run('tasks');
    assert.match(owed, /notice of correction/);
    const notice = /notice of recall.* ack (\S+) --answer/.exec(owed)?.[1] ?? '';
    const told = await corps.run('show', notice);
    assert.match(told, /tells +Corps [\s\S]*part 0 of \S+, said by City \([0-9a-f]{8}\), was taken back/);
    await corps.run('ack', notice, '--answer', 'destroyed');

    await city.run('room', 'terms', 'Summit', '--retention', '30');
    assert.match(
      await corps.run('room', 'decline', 'Summit'),
      /You stay a member under the terms you accepted/,
    );

    await corps.run('room', 'leave', 'Summit');
    const answered = await city.run('recalls');
    assert.match(answered, /\n *Corps \([0-9a-f]{8}\) +destroyed/, answered);
  });

  it('lets a client that cannot sign work with a token, and says why it is refused', async (t) => {
    const city = await member(t, 'Metropolis');
    const terms = ['--title', 'Gates', '--purposes', 'event-security', '--retention', '30'];
    await city.run('room', 'open', ...terms);
    const common = ['--room', 'Gates', '--for', 'event-security', '--ends', '26w'];
    const add = ['connector', 'add', ...common, '--name', 'Gate feed', '--access', 'read,write'];
    const shown = await city.run(...add, '--tlp', 'green');
    const [, token = ''] = /\n {2}(parleyc_\S{43})\n/.exec(shown) ?? [];
    assert.match(
      shown,
      /may read and write for event-security in "Gates"[\s\S]*Everyone sees that the centre signs/,
    );
    const [, url = ''] = /curl --user any:\S+ (\S+)\/parts/.exec(shown) ?? [];
    const headers = { authorization: `Basic ${btoa(`any:${token}`)}`, 'content-type': 'application/json' };
    const send = (body: string) => fetch(`${url}/objects`, { method: 'POST', headers, body });
    assert.match(await (await send(indicator('from the gate'))).text(), /"taken"/);
    assert.match(await city.run('read', '--room', 'Gates'), /from the gate/);
    const [line = ''] = (await city.run('read', '--room', 'Gates', '--json')).split('\n');
    const said = JSON.parse(line) as { id: string; connector: boolean; handling: { until: string } };
    assert.equal(said.connector, true);
    assert.ok(Date.parse(said.handling.until) < Date.now() + 30 * 86_400_000 + 60_000);
    assert.match(
      await city.run('show', said.id.slice(0, 8)),
      /signed by +the centre, with the key of a connector/,
    );
    await send('{"type":"identity"}');
    assert.match(
      await city.run('connector', 'list'),
      /Gate feed +[0-9a-f]{8} +read, write +event-security +Gates/,
    );
    assert.match(
      await city.run('connector', 'why', 'Gate feed'),
      /stix\.malformed[\s\S]*What the client sent/,
    );
    const why = async (id: string) => {
      const asked = ['connector', 'why', 'Gate feed', '--statement', id, '--json'];
      return JSON.parse(await city.run(...asked)).verdict;
    };
    assert.equal(await why(said.id.slice(0, 8)), 'open');
    assert.equal(await why('00000000'), 'absent');
    assert.match(await city.run('connector', 'revoke', 'Gate feed'), /is revoked/);
    assert.equal(await why(said.id.slice(0, 8)), 'ended');
    assert.equal((await send(indicator('too late'))).status, 401);
    assert.match(await city.run('connector', 'why', 'Gate feed'), /device\.revoked[\s\S]*Add a new one/);
    assert.equal(await city.run('attempts'), 'Nothing was tried against your party.\n');
    assert.equal(JSON.parse(await city.run('tasks', '--json')).attempts, 0);
  });
});
