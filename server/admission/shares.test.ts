/** Sharing: terms, recipients, versions, and what belongs to somebody else. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { readersAt } from '../sources.ts';
import { type Actor, indicator, random, terms } from '../testing/actor.ts';
import { admit } from './admit.ts';
import { checkShape } from './check.ts';
import { maxStreams } from './shares.ts';
import { begin, refusalOf, refusedWithoutTrace, type Setting, table } from './testing/setting.ts';

const cyber = { purposes: ['cyber-defence'], handling: { ...terms.handling, purposes: ['cyber-defence'] } };
const newer = '2026-05-02T12:00:00.000Z';

describe('shares', () => {
  let s: Setting;
  let room: string;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert, s.carl]);
  });
  after(() => s.end());

  const shares = (name: string, how: () => Partial<Handling>, at: string, what: object = {}) =>
    refused(
      name,
      'handling.contradiction',
      at,
      () => () => s.anna.share(room, [indicator('x', what)], how()),
    );

  shares(
    'the public under a label that is not CLEAR',
    () => ({ to: 'public', purposes: ['public-information'] }),
    '/body/handling/tlp',
  );
  shares('RED without names', () => ({ tlp: 'red' }), '/body/handling/to');
  shares(
    'RED that members may pass on',
    () => ({ tlp: 'red', onward: 'room', to: { parties: [s.bert.party] } }),
    '/body/handling/onward',
  );
  shares(
    'personal data to the public',
    () => ({
      to: 'public',
      tlp: 'clear',
      purposes: ['public-information'],
      personal: [{ category: 'other', nature: 'fact' }],
    }),
    '/body/handling/personal',
  );
  shares('the public without its purpose', () => ({ to: 'public', tlp: 'clear' }), '/body/handling/purposes');
  shares(
    'the public, never passed on',
    () => ({ to: 'public', tlp: 'clear', purposes: ['public-information'], onward: 'never' }),
    '/body/handling/onward',
  );
  shares('a recipient twice', () => ({ to: { parties: [s.bert.party, s.bert.party] } }), '/body/handling/to');
  shares('a review after the end', () => ({ until: s.at(60), review: s.at(61) }), '/body/handling/review');
  shares('an end that has come', () => ({ until: s.at(0) }), '/body/handling/until');
  for (const [label, ref] of [
    ['TLP:RED', 'e828b379-4e03-4974-9ac4-e53a884c97c1'],
    ['TLP:AMBER+STRICT', '939a9414-2ddd-4d32-a0cd-375ea402b003'],
    ['TLP:RED of TLP 1', '5e57c739-391a-4eb3-b6be-7d15ca92d5ed'],
  ]) {
    const id = `marking-definition--${ref}`;
    shares(`an object marked ${label}`, () => ({}), '/parts/0/object_marking_refs/0', {
      object_marking_refs: [id],
    });
    shares(`a property marked ${label}`, () => ({}), '/parts/0/granular_markings/0/marking_ref', {
      granular_markings: [{ marking_ref: id, selectors: ['name'] }],
    });
  }

  refused(
    'a purpose that the terms do not have',
    'handling.purpose',
    '/body/handling/purposes/1',
    () => () => s.anna.share(room, [indicator('x')], { purposes: ['event-security', 'cyber-defence'] }),
  );

  it('judges purposes by the terms that the speaker has accepted, and reads by those of the reader', async () => {
    const changing = await s.world.room([s.anna, s.bert]);
    await s.host.changeTerms(changing, cyber);
    const under = (purpose: string) => ({ purposes: [purpose] });
    await s.anna.share(changing, [indicator('old terms')], under('event-security'));
    const early = () => s.anna.share(changing, [indicator('x')], under('cyber-defence'));
    assert.equal((await refusedWithoutTrace(s.world, early)).code, 'handling.purpose');
    await s.host.share(changing, [indicator('new terms')], under('cyber-defence'));
    assert.deepEqual(await s.bert.names(changing), ['old terms']);
    assert.deepEqual(await s.bert.names(changing, { purpose: 'cyber-defence' }), []);
    await s.bert.accept(changing);
    assert.deepEqual(await s.bert.names(changing), []);
    assert.deepEqual(await s.bert.names(changing, { purpose: 'cyber-defence' }), ['new terms']);
    await s.anna.accept(changing);
    const late = () => s.anna.share(changing, [indicator('x')], under('event-security'));
    assert.equal((await refusedWithoutTrace(s.world, late)).code, 'handling.purpose');
    await s.anna.share(changing, [indicator('both')], under('cyber-defence'));
  });

  const retention = async () => {
    const kept = await s.world.room([s.anna], { retention: 7 });
    return (until: string | null) => s.anna.share(kept, [indicator('x')], { until });
  };
  refused(
    'no end where the terms have a retention',
    'handling.contradiction',
    '/body/handling/until',
    async () => {
      const say = await retention();
      return () => say(null);
    },
  );
  refused('an end after the retention', 'handling.contradiction', '/body/handling/until', async () => {
    const say = await retention();
    return () => say(s.at(7 * 86_400 + 1));
  });
  admitted('an end within the retention', async () => (await retention())(s.at(7 * 86_400 - 1)));

  it('answers alike who is in and who is not, where the roster is hidden', async () => {
    const hidden = await s.world.room([s.anna, s.bert], { roster: false });
    const open = await s.world.room([s.anna, s.bert]);
    const parties = [s.bert.party, s.eve.party, 'f'.repeat(64), s.centre.party];
    const naming = (by: Actor, of: string, party: string) => () =>
      by.share(of, [indicator('x')], { to: { parties: [party] } });
    for (const party of parties) await naming(s.anna, hidden, party)();
    for (const [by, of] of [
      [s.anna, open],
      [s.host, hidden],
    ] as const) {
      await naming(by, of, s.bert.party)();
      for (const party of parties.slice(1)) {
        const told = await refusedWithoutTrace(s.world, naming(by, of, party));
        assert.deepEqual([told.code, told.at], ['handling.recipient', '/body/handling/to/parties/0']);
      }
    }
  });

  it('answers alike for a member that never agreed to be seen and for no member', async () => {
    const mixed = await s.world.room([s.bert], { roster: false });
    await s.host.changeTerms(mixed, { roster: true });
    await s.host.invite(mixed, s.anna);
    await s.anna.accept(mixed);
    const naming = (party: Actor) =>
      refusedWithoutTrace(s.world, () =>
        s.anna.share(mixed, [indicator('x')], { to: { parties: [party.party] } }),
      );
    assert.deepEqual(await naming(s.bert), await naming(s.eve));
    assert.equal((await naming(s.eve)).code, 'handling.recipient');
    await s.bert.accept(mixed);
    await s.anna.share(mixed, [indicator('x')], { to: { parties: [s.bert.party] } });
  });

  it('refuses a party a new class of handling where it has made too many, and nothing else', async () => {
    const parts = [makePart(indicator('x'), random)];
    const { header } = (await s.anna.share(room, [indicator('x')])).statement;
    const checked = checkShape(await s.anna.make('share/1', header.body, { room, parts }), parts);
    const judged = (classes: number, known = false) =>
      s.world.centre.read((_, moment) => {
        const stub = { streamsBy: async () => classes, hasStream: async () => known };
        const readers = { ...readersAt(moment, s.world.centre.name), ...stub };
        return admit(checked, readers, s.world.centre.now());
      });
    assert.deepEqual(await judged(maxStreams - 1), { span: 1 });
    assert.deepEqual(await judged(maxStreams, true), { span: 1 });
    const told = await refusalOf(judged(maxStreams));
    assert.deepEqual([told.code, told.params], ['room.streams', { limit: maxStreams }]);
  });

  it('refuses what is known already, and says which parts where all known ones are the same', async () => {
    const [a, b, c] = [indicator('a'), indicator('b'), indicator('c')];
    await s.anna.share(room, [a, b]);
    const again = await refusedWithoutTrace(s.world, () => s.anna.share(room, [c, b, a]));
    assert.deepEqual(
      [again.code, again.at, again.params],
      ['stix.version-known', '/parts/1', { known: '1,2' }],
    );
    const changed = await refusedWithoutTrace(s.world, () =>
      s.anna.share(room, [a, { ...b, name: 'other' }]),
    );
    assert.deepEqual([changed.code, changed.at, changed.params], ['stix.version-known', '/parts/1', {}]);
    await s.anna.share(room, [c, { ...b, modified: newer }]);
  });
  admitted('a known version in another room, by another party, and after a recall', async () => {
    const object = indicator('object');
    const { ref } = await s.anna.share(room, [object]);
    await s.anna.share(await s.anna.openRoom(), [object]);
    await s.bert.share(room, [object]);
    await s.anna.recall(room, ref);
    await s.anna.share(room, [{ ...object, name: 'anew' }]);
  });
  refused('the same version twice in one statement', 'part.malformed', '/parts/1', () => () => {
    const object = indicator('twice');
    return s.anna.share(room, [object, object]);
  });
});
