/** Complaints and supervision, as people type them against a running centre. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { indicator } from '../server/testing/actor.ts';
import { beginServed, type Served } from '../server/testing/served.ts';
import { memberAt } from './testing/member.ts';

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

  const member = (t: TestContext, name: string) => memberAt(served, t, name, { justification: 'case 7' });

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
    assert.match(shown, /opened\s+.*to who supervises, ended .* with the answer/);
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
