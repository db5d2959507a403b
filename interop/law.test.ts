/** Holds, persons and cases, as people type them against a running centre. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { beginServed, type Served } from '../server/testing/served.ts';
import { memberAt } from './testing/member.ts';

const person = {
  type: 'identity',
  spec_version: '2.1',
  id: 'identity--00000000-0000-4000-8000-000000000001',
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  name: 'Müller, Maria',
  description: 'Seen at the quay.',
};

describe('what the law asks, at the program', () => {
  let served: Served;
  before(async () => {
    served = await beginServed();
  });
  after(() => served.end());

  const member = (t: TestContext, name: string) => memberAt(served, t, name);

  async function scene(t: TestContext, title: string) {
    const city = await member(t, 'City');
    const corps = await member(t, 'Corps');
    await city.run('room', 'open', '--title', title, '--purposes', 'event-security');
    await city.run('room', 'invite', title, corps.party);
    await corps.run('room', 'accept', title);
    const file = join(city.home, 'person.json');
    writeFileSync(file, JSON.stringify(person));
    const about = ['--room', title, '--personal', 'witness:fact', '--case', '2026/0815-A', '--json'];
    const { statements } = JSON.parse(await city.run('share', file, ...about)) as {
      statements: { id: string; party: string }[];
    };
    return { city, corps, share: statements[0]?.id ?? '' };
  }

  it('finds a person with a justification only, asks, and answers by the deadline', async (t) => {
    const { city, corps, share } = await scene(t, 'Persons');
    const refused = await corps.attempt('subject', 'find', 'maria muller');
    assert.equal(refused.status, 2);
    assert.match(refused.err, /justification/);
    await corps.run('open', '--purpose', 'event-security', '--justification', 'DSR 2026/31');
    const found = await corps.run('subject', 'find', 'maria muller');
    assert.match(found, /Searched 2 objects [\s\S]*City [\s\S]*identity +\/name +witness: fact/);
    assert.match(await corps.run('subject', 'find', 'Mario Muller'), /The person is not found in it/);
    const json = JSON.parse(await corps.run('subject', 'find', 'Muller', '--json'));
    assert.deepEqual(
      json.found.map(({ id, own }: { id: string; own: boolean }) => [id, own]),
      [[share, false]],
    );

    const ask = ['--request', 'erasure', '--due', '30d', '--reason', 'Maria Müller: the charge was dropped'];
    assert.match(await corps.run('subject', 'ask', share, ...ask), /^City .* is asked for erasure of all of/);
    const tasks = await city.run('tasks');
    const [, request = ''] = /subject answer (\S+) --answer/.exec(tasks) ?? [];
    assert.match(tasks, /erasure for a person/);
    assert.match(await city.run('show', request), /asks for +erasure of all of [\s\S]*reason +Maria Müller/);
    await city.run('subject', 'answer', request, '--answer', 'partly', '--basis', 'ongoing-inquiry');
    assert.match(
      await corps.run('subject', 'list'),
      /erasure [\s\S]*you ask City .*partly, .*ongoing-inquiry/,
    );
    assert.match(await city.run('subject', 'list', '--open'), /Nothing was asked/);
    assert.equal((await city.attempt('subject', 'answer', request, '--answer', 'done')).status, 1);
  });

  it('holds what is taken back, shows it to those who may see it, and lets it go', async (t) => {
    const { city, corps, share } = await scene(t, 'Holds');
    await corps.run('open', '--purpose', 'event-security', '--justification', 'case 7');
    await corps.run('read', '--room', 'Holds');
    const hold = ['hold', 'add', share, '--basis', 'court-order', '--review', '90d'];
    assert.match(await city.run(...hold, '--reason', 'Court 7', '--case', 'C 7'), /is held \(court-order\)/);
    assert.match(await corps.run('hold', 'list'), /City .*court-order/);
    const { err } = await corps.attempt(...hold);
    assert.match(err, /Only the party that said it may hold it/);
    await city.run('recall', share);
    assert.match(await city.run('recalls'), /held: parts 0-1 hidden and not erased/);
    const notice = /notice of recall.* ack (\S+) --answer/.exec(await corps.run('tasks'))?.[1] ?? '';
    await corps.run('ack', notice, '--answer', 'kept', '--basis', 'court-order', '--until', '90d');
    assert.match(await corps.run('hold', 'list'), /KEPT HERE[\s\S]*City .*court-order/);
    assert.match(await city.run('recalls'), /Corps .*kept +court-order +until/);
    const { holds } = JSON.parse(await city.run('hold', 'list', '--json')) as {
      holds: { statement: { id: string } }[];
    };
    const id = holds[0]?.statement.id ?? '';
    await city.run('hold', 'review', id, '--review', '30d', '--until', '60d');
    await city.run('hold', 'review', id, '--review', '40d');
    await city.run('hold', 'end', id, '--reason', 'Acquitted');
    assert.match(await city.run('hold', 'list'), /Nothing is held/);
    assert.match(await city.run('hold', 'list', '--all'), /ended /);
  });

  it('keeps one’s own case references at home, and finds what others filed', async (t) => {
    const { city, corps, share } = await scene(t, 'Cases');
    await corps.run('open', '--purpose', 'event-security', '--justification', 'case 7');
    assert.match(
      await corps.run('case', 'find', '2026/0815-a'),
      /share\/1 +Case 2026\/0815-A \(on identity--/,
    );
    const size = served.world.centre.head()?.size;
    await corps.run('case', 'add', 'Our 31', share);
    assert.match(await corps.run('case', 'list'), /Our 31/);
    assert.match(await corps.run('case', 'find', 'our  31'), /FILED HERE[\s\S]*it was not sent/);
    assert.match(await corps.run('case', 'find', 'our 31', '--said'), /Others have said nothing of it/);
    assert.ok(readFileSync(join(corps.home, 'cases.json'), 'utf8').includes('Our 31'));
    await corps.run('case', 'remove', 'our 31', share);
    assert.match(await corps.run('case', 'list'), /No case references/);
    // What is filed at home leaves no trace at the centre; digests of accesses aside, which it says itself.
    assert.equal(served.world.centre.head()?.size, size);
    await city.run('recall', share);
    assert.doesNotMatch(await corps.run('case', 'find', '2026/0815-A'), /Case 2026/);
  });
});
