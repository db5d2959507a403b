/** Keys that get lost, as people meet it: the program against a running centre. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { parley, temporary } from '@parley/cli/testing/terminal.ts';
import { memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';

const note = JSON.stringify({
  type: 'identity',
  spec_version: '2.1',
  id: 'identity--00000000-0000-4000-8000-000000000001',
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  name: 'A duty officer',
});

describe('keys that get lost', () => {
  let served: Served;
  before(async () => {
    served = await serve(await World.begin({ now: () => Date.now() * 1000 }));
  });
  after(() => served.end());

  const at = (home: string) => ({
    home,
    run: async (...args: string[]) => {
      const { status, out, err } = await parley([...args, '--home', home]);
      assert.equal(status, 0, `${args.join(' ')}: ${err}`);
      return out;
    },
    json: async <T>(...args: string[]): Promise<T> => {
      const { status, out, err } = await parley([...args, '--json', '--home', home]);
      assert.equal(status, 0, `${args.join(' ')}: ${err}`);
      return JSON.parse(out) as T;
    },
    fails: async (code: string, ...args: string[]) => {
      const { status, err } = await parley([...args, '--home', home]);
      assert.equal(status, 1, args.join(' '));
      assert.ok(err.includes(code), err);
      return err;
    },
  });

  interface Joined {
    readonly party: string;
    readonly recovery: string;
    readonly logs: string[];
  }
  async function member(t: TestContext, name: string, formerly?: string) {
    const { signer, party } = served.world.host;
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    const host = await centre.session({ signer, party, purpose: 'event-security' });
    const { code } = await host.inviteParty(formerly === undefined ? {} : { formerly });
    const desk = at(temporary(t));
    const former = formerly === undefined ? [] : ['--formerly', formerly];
    const joined = await desk.json<Joined>(
      'join',
      served.url,
      code,
      '--name',
      name,
      '--device',
      'Desk',
      ...former,
    );
    await desk.run('open', '--purpose', 'event-security');
    return { ...desk, ...joined };
  }

  it('prints a recovery key on joining, which brings the party back, once, and its words verify offline', async (t) => {
    const city = await member(t, 'City');
    assert.match(city.recovery, /^RK(-[0-9A-Z]{5}){5}$/);
    await city.run('room', 'open', '--title', 'Harbour', '--purposes', 'event-security');
    const lost = at(temporary(t));
    const about = ['recover', served.url, '--party', city.party, '--device', 'New desk'];
    const mistyped = await parley([...about, '--code', 'RK-12345', '--home', lost.home]);
    assert.equal(mistyped.status, 2, mistyped.err);
    assert.match(mistyped.err, /mistyped[\s\S]*look at the paper/);
    const other = await lost.fails('device.unknown', ...about, '--code', 'RK-00000-00000-00000-00000-00000');
    assert.match(other, /not the recovery key that the party named/);
    const back = await lost.json<{ recovery: string; device: string }>(
      ...about,
      '--code',
      city.recovery.toLowerCase(),
    );
    assert.notEqual(back.recovery, city.recovery);
    await city.fails('device.revoked', 'party', 'list');
    await at(temporary(t)).fails('recovery.spent', ...about, '--code', city.recovery);
    const { attempts } = await lost.json<{ attempts: { code: string }[] }>('attempts');
    assert.deepEqual(attempts.map(({ code }) => code).sort(), ['device.unknown', 'recovery.spent']);

    await lost.run('open', '--purpose', 'event-security');
    const object = join(lost.home, 'object.json');
    writeFileSync(object, note);
    const shared = await lost.json<{ statements: { party: string; id: string }[] }>(
      'share',
      object,
      '--room',
      'Harbour',
    );
    const [said] = shared.statements;
    assert.ok(said);
    const receipt = join(lost.home, 'report.receipt.json');
    await lost.run('receipt', 'get', `${said.party}/${said.id}`, '--out', receipt);
    const keys = city.logs.flatMap((key) => ['--log-key', key]);
    const proven = await lost.json<{ from: string; device: string }>(
      ...['receipt', 'verify', receipt, '--party', city.party, ...keys],
    );
    assert.deepEqual([proven.from, proven.device], ['recovery', back.device]);
    assert.match(
      await lost.run('receipt', 'verify', receipt, '--party', city.party, ...keys),
      /came back with the recovery key/,
    );
    const audited = await lost.json<{ recovered: object[]; revoked: number }>('verify', '--receipt', receipt);
    assert.deepEqual(audited.recovered, [{ party: city.party, device: back.device, by: 'recovery' }]);
    assert.equal(audited.revoked, 1);
    assert.match(await lost.run('device', 'list'), /New desk.*by the recovery key/);
  });

  it('limits a device to a room, without personal data', async (t) => {
    const city = await member(t, 'City');
    await city.run('room', 'open', '--title', 'Gate', '--purposes', 'event-security');
    await city.run('room', 'open', '--title', 'Tower', '--purposes', 'event-security');
    const laptop = at(temporary(t));
    const { request } = await laptop.json<{ request: string }>(
      ...['device', 'request', served.url, '--party', city.party, '--name', 'Laptop'],
    );
    const limits = ['--rights', 'read,speak', '--room', 'Gate', '--no-personal'];
    assert.match(
      await city.run('device', 'enrol', request, ...limits),
      /in Gate only, without personal data/,
    );
    assert.match(await city.run('device', 'list'), /Laptop.*Gate; no personal data/);
    assert.match(await laptop.run('whoami', '--live'), /limits +Gate; no personal data/);
    await laptop.run('open', '--purpose', 'event-security');
    const object = join(laptop.home, 'object.json');
    writeFileSync(object, note);
    await laptop.run('share', object, '--room', 'Gate');
    const rooms = await laptop.run('room', 'list');
    assert.ok(rooms.includes('Gate') && !rooms.includes('Tower'));
    await laptop.fails('device.limited', 'share', object, '--room', 'Gate', '--personal', 'witness:fact');
    await laptop.fails('device.limited', 'accesses');
    await laptop.run('verify');
  });

  it('is founded anew by the word of the host', async (t) => {
    const city = await member(t, 'City');
    const anew = await member(t, 'City', city.party);
    assert.notEqual(anew.party, city.party);
    assert.match(await city.run('statements'), /party\.found/);
  });

  it('is readmitted by two guardians after its delay, unless it objects', async (t) => {
    const [city, corps, watch] = [
      await member(t, 'City'),
      await member(t, 'Corps'),
      await member(t, 'Watch'),
    ];
    await city.run('room', 'open', '--title', 'Quay', '--purposes', 'event-security');
    for (const each of [corps, watch]) {
      await city.run('room', 'invite', 'Quay', each.party);
      await each.run('room', 'accept', 'Quay');
    }
    const guardians = ['--guardian', corps.party, '--guardian', watch.party];
    await city.run('party', 'recovery', ...guardians, '--delay', '1h');
    assert.match(
      await city.run('party', 'recovery'),
      /recovery key +[0-9a-f]{8}.*\n +guardians +.*Corps.* 1 hour/,
    );
    assert.match(await corps.run('party', 'recovery'), /You guard City/);
    await corps.fails(
      'recovery.circular',
      'party',
      'recovery',
      '--guardian',
      city.party,
      '--guardian',
      watch.party,
    );

    const ask = async () => {
      const lost = at(temporary(t));
      const about = ['recover', served.url, '--party', city.party, '--device', 'New desk'];
      const { request } = await lost.json<{ request: string }>(...about);
      return { lost, request };
    };
    const stranger = await ask();
    await corps.run('party', 'readmit', stranger.request);
    assert.match(await city.run('tasks'), /vouches for another device/);
    await city.run('party', 'object');
    await watch.fails('recovery.objected', 'party', 'readmit', stranger.request);

    const { lost, request } = await ask();
    await corps.run('party', 'readmit', request);
    await lost.fails('recovery.unvouched', 'recover');
    assert.match(await watch.run('party', 'readmit', request), /It can come back from/);
    await lost.fails('recovery.early', 'recover');
    await served.world.centre.round();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_660_000 });
    await lost.run('recover', '--no-recovery');
    await lost.run('open', '--purpose', 'event-security');
    const object = join(lost.home, 'object.json');
    writeFileSync(object, note);
    await lost.run('share', object, '--room', 'Quay');
    assert.match(await corps.run('read', '--room', 'Quay'), /A duty officer/);
    assert.match(await corps.run('verify'), /came back with [0-9a-f]{8}, by its guardians/);
  });
});
