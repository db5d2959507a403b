/** What a centre may hold, and what becomes of what it may hold no longer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Classification } from '@parley/core/classification.ts';
import type { Handling } from '@parley/core/handling.ts';
import { releaseAccreditation } from '../release/accreditation.ts';
import { releaseTasks } from '../release/dues.ts';
import { type Actor, handling, indicator, type Said } from '../testing/actor.ts';
import { begin, refusalOf, type Setting, table } from './testing/setting.ts';

const place = '/body/handling/classification';

describe('classification', () => {
  let s: Setting;
  let room: string;
  const { refused, admitted } = table(() => s);
  const accredit = (highest: Classification) => s.centre.say('centre.accredit/1', { highest });
  const share = (classification: Classification) => s.anna.share(room, [indicator('a')], { classification });
  const standing = () => s.world.centre.read(async (sources) => (await releaseAccreditation(sources)).value);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert, s.carl]);
  });
  after(() => s.end());

  it('counts a centre that never said anything as unclassified', async () => {
    assert.deepEqual(await standing(), { highest: 'unclassified', statement: null });
  });
  refused(
    'what is restricted, in a centre that never said anything',
    'handling.classification',
    place,
    () => () => share('restricted'),
  );
  admitted('what is unclassified, said so', () => share('unclassified'));
  refused(
    'a party that accredits the centre',
    'centre.only',
    '/kind',
    () => () => s.host.say('centre.accredit/1', { highest: 'secret' }),
  );
  refused(
    'the centre that says what stands',
    'rule.broken',
    '/body/highest',
    () => () => accredit('unclassified'),
  );
  admitted('what the centre has become accredited for', async () => {
    const { ref } = await accredit('restricted');
    assert.deepEqual(await standing(), { highest: 'restricted', statement: ref });
    await share('restricted');
  });
  refused('what is above it', 'handling.classification', place, () => () => share('confidential'));
  it('says what would be right', async () => {
    const told = await refusalOf(share('top-secret'));
    assert.match(told.detail ?? '', /top-secret.*nothing above restricted/);
    assert.deepEqual(told.params, { highest: 'restricted' });
  });

  describe('where it is lowered', () => {
    let said: Said;
    let room: string;
    const tasks = (actor: Actor) =>
      s.world.centre.read(async (sources) => (await releaseTasks(actor.viewer(), sources)).value.tasks);
    before(async () => {
      room = await s.world.room([s.anna, s.bert]);
      said = await s.anna.share(room, [indicator('held'), indicator('held too')], {
        classification: 'restricted',
      });
      await accredit('unclassified');
    });

    it('leaves what is there to who could see it, and nobody else', async () => {
      assert.equal((await s.bert.read(room)).statements.length, 1);
    });
    refused(
      'its grant to another',
      'handling.classification',
      '/body/target',
      () => () => s.anna.grant(room, said.ref, s.eve),
    );
    refused(
      'a request to pass it on',
      'handling.classification',
      '/body/target',
      () => () =>
        s.bert.say(
          'ask/1',
          { target: said.ref, parts: null, to: s.eve.party, purposes: handling.purposes },
          { room },
        ),
    );
    it('tells its originator, and nobody else', async () => {
      const mine = (await tasks(s.anna)).filter(({ what }) => what === 'classification');
      assert.ok(mine.some(({ statement }) => statement.id === said.ref.id));
      assert.ok(mine.every(({ detail, party }) => detail === 'restricted' && party === s.world.centre.party));
      for (const other of [s.bert, s.host])
        assert.deepEqual(
          (await tasks(other)).filter(({ what }) => what === 'classification'),
          [],
        );
    });
    it('lets it be taken back, in part and whole', async () => {
      const open = async () => (await tasks(s.anna)).some(({ statement }) => statement.id === said.ref.id);
      await s.anna.recall(room, said.ref, [0]);
      assert.ok(await open());
      await s.anna.recall(room, said.ref, [1]);
      assert.ok(!(await open()));
    });
  });
});

describe('passing on what is marked', () => {
  let s: Setting;
  let room: string;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert]);
    await s.centre.say('centre.accredit/1', { highest: 'secret' });
  });
  after(() => s.end());
  const victim = { category: 'victim', nature: 'fact' } as const;
  const suspect = { category: 'suspect', nature: 'assessment' } as const;
  const passOn = async (old: Partial<Handling>, next: Partial<Handling>) => {
    const object = indicator('hers');
    await s.anna.share(room, [object], old);
    return () => s.bert.share(room, [object], next);
  };
  for (const [name, old, next] of [
    ['it less secret', { classification: 'secret' }, { classification: 'restricted' }],
    ['it without its classification', { classification: 'restricted' }, {}],
    ['it for freer use', { pap: 'amber' }, { pap: 'green' }],
    ['it without a word on its use', { pap: 'green' }, {}],
    ['it without one of those it is about', { personal: [victim, suspect] }, { personal: [victim] }],
    ['it as a fact', { personal: [suspect] }, { personal: [{ ...suspect, nature: 'fact' }] }],
  ] as const)
    refused(name, 'handling.onward', '/parts/0', () =>
      passOn(old as Partial<Handling>, next as Partial<Handling>),
    );
  for (const [name, old, next] of [
    ['it as secret as it was', { classification: 'restricted' }, { classification: 'restricted' }],
    [
      'it more secret, for narrower use, on more persons',
      { personal: [victim] },
      { classification: 'secret', pap: 'red', personal: [victim, suspect] },
    ],
    ['what nobody marked, marked as nothing', {}, { classification: 'unclassified', pap: 'clear' }],
  ] as const)
    admitted(name, async () => (await passOn(old as Partial<Handling>, next as Partial<Handling>))());
});
