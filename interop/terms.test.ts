/** Terms between states, as people type them against a running centre: observers, suspension, grounds, undertakings. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { beginServed, type Served } from '../server/testing/served.ts';
import { memberAt } from './testing/member.ts';

const report = (name: string, n: number) => ({
  type: 'identity',
  spec_version: '2.1',
  id: `identity--00000000-0000-4000-8000-00000000000${n}`,
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  name,
});

describe('terms between states, at the program', () => {
  let served: Served;
  before(async () => {
    served = await beginServed();
  });
  after(() => served.end());

  const member = (t: TestContext, name: string, level: 'technical' | null = null) =>
    memberAt(served, t, name, { level });
  const open = ['--purposes', 'event-security'];

  it('brings in an observer and a supervisor, and shows who listens', async (t) => {
    const [city, press, inspector] = [
      await member(t, 'City'),
      await member(t, 'Press'),
      await member(t, 'Office'),
    ];
    await city.run(
      'room',
      'open',
      '--title',
      'Summit',
      ...open,
      '--no-roster',
      '--supervisor',
      inspector.party,
    );
    await city.run('room', 'invite', 'Summit', press.party, '--as', 'observer');
    assert.match(await press.run('room', 'show', 'Summit'), /you are\s+invited as observer/);
    await press.run('room', 'accept', 'Summit');
    await city.run('room', 'invite', 'Summit', inspector.party, '--as', 'supervisor');
    await inspector.run('room', 'accept', 'Summit');
    await city.run('share', city.file(report('inside', 1)), '--room', 'Summit');
    await city.run('share', city.file(report('outside', 2)), '--room', 'Summit', '--to', 'observers');
    const members = await city.run('room', 'members', 'Summit');
    assert.match(members, /Press\s+[0-9a-f]{8}\s+observer/);
    assert.match(members, /Office\s+[0-9a-f]{8}\s+supervisor/);
    const read = await press.run('read', '--room', 'Summit');
    assert.match(read, /outside/);
    assert.doesNotMatch(read, /inside/);
    assert.doesNotMatch(await inspector.run('read', '--room', 'Summit'), /inside|outside/);
    const { err, status } = await press.attempt('share', press.file(report('no', 3)), '--room', 'Summit');
    assert.equal(status, 1);
    assert.match(err, /room\.observer/);
    assert.match(await inspector.run('room', 'show', 'Summit'), /you are\s+supervisor/);
  });

  it('suspends a member and restores it', async (t) => {
    const [city, corps] = [await member(t, 'City'), await member(t, 'Corps')];
    await city.run('room', 'open', '--title', 'Quay', ...open);
    await city.run('room', 'invite', 'Quay', corps.party);
    await corps.run('room', 'accept', 'Quay');
    await city.run('share', city.file(report('early', 1)), '--room', 'Quay');
    assert.match(await corps.run('read', '--room', 'Quay'), /early/);
    const { id } = await city.json<{ id: string }>(
      ...(['room', 'suspend', 'Quay', 'Corps', '--reason', 'The audit is open.'] as const),
    );
    const told = await corps.run('show', id);
    assert.match(told, /suspends +Corps \([0-9a-f]{8}\)\n +reason +The audit is open\.\n/);
    assert.doesNotMatch(told, /[0-9a-f]{64}/);
    assert.doesNotMatch(await corps.run('read', '--room', 'Quay'), /early/);
    assert.match(await corps.run('room', 'show', 'Quay'), /you are\s+suspended/);
    assert.match(await city.run('room', 'members', 'Quay'), /Corps\s+[0-9a-f]{8}\s+member, suspended/);
    await city.run('share', city.file(report('meanwhile', 2)), '--room', 'Quay');
    await city.run('room', 'restore', 'Quay', 'Corps');
    const read = await corps.run('read', '--room', 'Quay');
    assert.match(read, /early/);
    assert.doesNotMatch(read, /meanwhile/);
  });

  it('asks for a ground, and for the level', async (t) => {
    const [city, corps] = [await member(t, 'City'), await member(t, 'Corps', 'technical')];
    const ground = { id: 'agreement', text: 'Treaty of 3 May, Art. 7' };
    const protection = (...parties: string[]) =>
      city.file({
        controller: 'each',
        processor: null,
        transfers: parties.map((party) => ({ party, ground })),
        others: null,
      });
    await city.run('room', 'open', '--title', 'Lab', ...open, '--protection', protection(city.party));
    await city.run('room', 'invite', 'Lab', corps.party);
    const refused = await corps.attempt('room', 'accept', 'Lab');
    assert.match(refused.err, /terms\.no-ground/);
    await city.run('room', 'terms', 'Lab', '--protection', protection(city.party, corps.party));
    await corps.run('room', 'accept', 'Lab');
    const shown = await corps.run('room', 'show', 'Lab');
    assert.match(shown, /agreement \(Regulation \(EU\) 2016\/679, Art\. 46.*Treaty of 3 May/);
    await city.run('room', 'terms', 'Lab', '--level', 'ministerial');
    assert.match((await corps.attempt('room', 'accept', 'Lab')).err, /party\.level/);
    assert.match(await corps.run('party', 'list'), /Corps\s+[0-9a-f]{8}\s+self\s+technical/);
  });

  it('states that an undertaking was broken, withholds, and resumes', async (t) => {
    const [city, corps] = [await member(t, 'City'), await member(t, 'Corps')];
    const undertakings = city.file([
      { id: 'reports', by: 'each', text: 'Each reports within a day.', inReturnFor: [] },
      { id: 'routes', by: city.party, text: 'The City shares routes.', inReturnFor: ['reports'] },
    ]);
    await city.run('room', 'open', '--title', 'Route', ...open, '--undertakings', undertakings);
    await city.run('room', 'invite', 'Route', corps.party);
    await corps.run('room', 'accept', 'Route');
    const share = await city.json<{ statements: { id: string }[] }>(
      'share',
      city.file(report('evidence', 1)),
      '--room',
      'Route',
    );
    const stated = await city.json<{ id: string }>(
      ...(['room', 'state', 'Route', 'reports', '--by', 'Corps', '--broken'] as const),
      ...['--evidence', share.statements[0]?.id ?? '', '--reason', 'Nothing came for a week.'],
    );
    const stop = await city.json<{ id: string }>(
      'room',
      'withhold',
      'Route',
      'routes',
      '--because',
      stated.id,
    );
    const told = await corps.run('show', stated.id);
    assert.match(
      told,
      /room +Route \([0-9a-f]{8}\)\n[\s\S]*undertaking +reports, owed by Corps \([0-9a-f]{8}\)\n/,
    );
    assert.match(told, /state +it was broken\n[\s\S]*reason +Nothing came for a week\.\n/);
    assert.match(
      await corps.run('show', stop.id),
      /suspends +routes\n +towards +Corps [\s\S]*because of +\S+, said by City/,
    );
    const page = await corps.run('room', 'undertakings', 'Route');
    assert.match(page, /broken\s+by Corps \([0-9a-f]{8}\), says City/);
    assert.match(page, /suspended\s+City \([0-9a-f]{8}\) withholds from Corps/);
    await city.run('room', 'resume', 'Route', stop.id);
    assert.match(await corps.run('room', 'undertakings', 'Route'), /was suspended/);
    const { undertakings: all } = await city.json<{
      undertakings: { undertaking: string; states: object[] }[];
    }>('room', 'undertakings', 'Route');
    assert.deepEqual(
      all.map(({ undertaking, states }) => [undertaking, states.length]),
      [
        ['reports', 1],
        ['routes', 0],
      ],
    );
    const { err, status } = await city.attempt('room', 'state', 'Route', 'reports', '--by', 'Corps');
    assert.equal(status, 2);
    assert.match(err, /--holds or --broken/);
  });
});
