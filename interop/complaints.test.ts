/** Complaints and supervision, as people type them against a running centre. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { parley, temporary } from '@parley/cli/testing/terminal.ts';
import { memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import { indicator } from '../server/testing/actor.ts';
import { beginServed, type Served } from '../server/testing/served.ts';

interface Complaint {
  readonly statement: { readonly party: string; readonly id: string };
  readonly open: boolean;
  readonly reason: string;
  readonly answers: readonly { readonly verdict: string; readonly reason: string }[];
}

describe('complaints, at the program', () => {
  let served: Served;
  before(async () => {
    served = await beginServed();
  });
  after(() => served.end());

  async function member(t: TestContext, name: string) {
    const { signer, party } = served.world.host;
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    const host = await centre.session({ signer, party, purpose: 'event-security' });
    const { code } = await host.inviteParty();
    const home = temporary(t);
    const attempt = (...args: string[]) => parley([...args, '--home', home]);
    const run = async (...args: string[]) => {
      const { status, out, err } = await attempt(...args);
      assert.equal(status, 0, `${args.join(' ')}: ${err}`);
      return out;
    };
    const json = async <T>(...args: string[]) => JSON.parse(await run(...args, '--json')) as T;
    const file = (text: unknown) => {
      const path = join(home, `${crypto.randomUUID()}.json`);
      writeFileSync(path, JSON.stringify(text));
      return path;
    };
    await run('join', served.url, code, '--name', name, '--device', 'Desk');
    await run('open', '--purpose', 'event-security', '--justification', 'case 7');
    const { party: own } = await json<{ party: string }>('whoami');
    return { run, json, attempt, file, party: own };
  }

  it('complains, looks into it, and decides', async (t) => {
    const [city, corps, office] = [
      await member(t, 'City'),
      await member(t, 'Corps'),
      await member(t, 'Office'),
    ];
    const open = ['--purposes', 'event-security', '--supervisor', office.party];
    await city.run('room', 'open', '--title', 'Summit', ...open);
    await city.run('room', 'invite', 'Summit', corps.party);
    await corps.run('room', 'accept', 'Summit');
    await city.run('room', 'invite', 'Summit', office.party, '--as', 'supervisor');
    await office.run('room', 'accept', 'Summit');
    const path = city.file(indicator('the guest list'));
    const shared = await city.json<{ statements: { party: string; id: string }[] }>(
      'share',
      path,
      '--room',
      'Summit',
    );
    const [target] = shared.statements;
    assert.ok(target);
    const { id } = target;
    await corps.run('read', '--room', 'Summit', '--person', 'N7');

    const accesses = await office.run('supervise', 'accesses', 'Summit');
    assert.match(accesses, /Corps.*N7 at device [0-9a-f]{8}.*event-security \("case 7"\)/);
    assert.match(accesses, new RegExp(`${id.slice(0, 8)}#0`));
    const refused = await city.attempt('supervise', 'accesses', 'Summit');
    assert.match(refused.err, /room\.not-supervisor/);

    const told = await city.run(
      ...['complain', '--room', 'Summit', '--about', 'Corps', '--statement', id],
      ...['--reason', 'It stood in a newspaper.'],
    );
    assert.match(told, /Corps.*and.*Office.*who decides it, see your complaint/);
    assert.match(await corps.run('tasks'), /complaint about Corps.*City.*complaint answer/);
    const { complaints } = await office.json<{ complaints: Complaint[] }>('complaints', '--open');
    const [one] = complaints;
    assert.equal(one?.reason, 'It stood in a newspaper.');
    const ref = one?.statement.id ?? '';

    const without = await office.attempt('show', `${target.party}/${id}`);
    assert.equal(without.status, 1);
    assert.match(await office.run('supervise', 'open', ref, '--until', '7d'), /is open to your party until/);
    assert.match(await office.run('show', `${target.party}/${id}`), /the guest list/);
    assert.match(await city.run('complaints'), /opened\s+.*to who supervises, until/);
    assert.match(await city.run('readers', id), /Office/);

    await corps.run(
      ...['complaint', 'answer', ref, '--verdict', 'answered'],
      ...['--reason', 'The officer was disciplined.'],
    );
    const upheld = ['complaint', 'answer', ref, '--verdict', 'upheld', '--reason', 'Against paragraph 4.'];
    await office.run(...upheld);
    const shown = await city.run('complaints', '--room', 'Summit');
    assert.match(shown, /decided/);
    assert.match(shown, /answered\s+Corps.*The officer was disciplined/);
    assert.match(shown, /upheld\s+Office.*Against paragraph 4/);
    assert.match(await city.run('complaints', '--open'), /There are no complaints/);
    assert.equal((await office.attempt('show', `${target.party}/${id}`)).status, 1);
    const again = await office.attempt('supervise', 'open', ref, '--until', '7d');
    assert.match(again.err, /supervision\.no-case/);
    assert.match(await city.run('attempts'), /supervision\.no-case|No open complaint/);

    const numbers = await office.run('supervise', 'statistics', 'Summit');
    assert.match(numbers, /Corps \([0-9a-f]{8}\)\s+event-security\s+1\s+1\s+1/);
    assert.match(numbers, /Corps \([0-9a-f]{8}\)\s+upheld\s+1/);
  });
});
