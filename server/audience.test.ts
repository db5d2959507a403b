import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { type Ability, releaseAudience } from './release/audience.ts';
import { type Actor, indicator, type Said } from './testing/actor.ts';
import { World } from './testing/world.ts';

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

describe('who could read an item, as its author is told', () => {
  let world: World;
  let anna: Actor;
  let bert: Actor;
  let carl: Actor;

  before(async () => {
    world = await World.begin();
    anna = await world.party('Anna');
    bert = await world.party('Bert');
    carl = await world.party('Carl');
  });
  after(async () => {
    await world.end();
    assert.deepEqual(world.doubts, []);
  });

  const audience = async (by: Actor, said: Said): Promise<readonly Ability[]> =>
    (await world.centre.read((sources) => releaseAudience(by.viewer(), said.ref, sources))).value.audience;
  const of = (list: readonly Ability[], who: Actor) =>
    list
      .filter(({ party }) => party === who.party)
      .map(({ parts, could, rule, purposes, justification }) => [
        parts,
        could,
        rule,
        purposes,
        justification,
      ]);

  it('may be many parties, by name', async () => {
    const many = await Promise.all(Array.from({ length: 48 }, (_, i) => world.party(`Party ${i}`)));
    const room = await world.room([anna, carl]);
    await Promise.all(
      many.map(async (each) => {
        await world.host.invite(room, each);
        await each.accept(room);
      }),
    );
    const said = await anna.share(room, [indicator('many')], {
      to: { parties: many.map(({ party }) => party) },
    });
    const told = await audience(anna, said);
    assert.equal(told.filter(({ could }) => could).length, many.length);
    assert.deepEqual(of(told, carl), [[[0], false, 'not-named', [], false]]);
  });

  it('names the way for those who could, and the rule for those who could not', async () => {
    const room = await world.room([anna, bert, carl]);
    const said = await anna.share(room, [indicator('a'), indicator('b')], {
      to: { parties: [bert.party] },
      purposes: ['event-security', 'threat-prevention'],
      personal: [{ category: 'witness', nature: 'fact' }],
    });
    const both = ['event-security', 'threat-prevention'];
    assert.deepEqual(of(await audience(anna, said), bert), [[[0, 1], true, 'member', both, true]]);
    assert.deepEqual(of(await audience(anna, said), carl), [[[0, 1], false, 'not-named', [], false]]);
    assert.deepEqual(of(await audience(anna, said), anna), [], 'the author itself is not listed');
    await anna.grant(room, said.ref, carl, { parts: [1], purposes: ['event-security'] });
    assert.deepEqual(of(await audience(anna, said), carl), [
      [[0], false, 'not-named', [], false],
      [[1], true, 'grant', ['event-security'], true],
    ]);
    await anna.recall(room, said.ref, [0]);
    assert.deepEqual(of(await audience(anna, said), bert), [
      [[0], false, 'taken-back', [], false],
      [[1], true, 'member', both, true],
    ]);
  });

  it('says which rule denies: a purpose that the terms no longer hold, a gap, leaving', async () => {
    const room = await world.room([anna, bert, carl]);
    const said = await anna.share(room, [indicator('c')], { purposes: ['threat-prevention'] });
    await world.host.changeTerms(room, {
      purposes: ['event-security'],
      handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
    });
    await bert.accept(room);
    assert.deepEqual(of(await audience(anna, said), bert), [[[0], false, 'purpose', [], false]]);
    await carl.say('room.leave/1', {}, { room });
    assert.deepEqual(of(await audience(anna, said), carl), [], 'who has left is not on the roster');
    await world.host.invite(room, carl);
    assert.deepEqual(of(await audience(anna, said), carl), [], 'nor is who is invited');
    await carl.accept(room);
  });

  it('says of who came later that the terms hide the past from it, and of who observes that it is for members', async () => {
    const room = await world.room([anna], { past: false });
    const said = await anna.share(room, [indicator('g')]);
    await world.host.invite(room, bert);
    await bert.accept(room);
    await world.host.say('room.invite/1', { party: carl.party, as: 'observer' }, { room });
    await carl.accept(room);
    assert.deepEqual(of(await audience(anna, said), bert), [[[0], false, 'joined-later', [], false]]);
    assert.deepEqual(of(await audience(anna, said), carl), [[[0], false, 'not-for-this-role', [], false]]);
  });

  it('tells nobody who is in, where the roster is hidden', async () => {
    const room = await world.room([anna, bert], { roster: false });
    const said = await anna.share(room, [indicator('d')], {
      to: { parties: [bert.party, carl.party].sort() },
    });
    const [toBert, toCarl] = [of(await audience(anna, said), bert), of(await audience(anna, said), carl)];
    assert.deepEqual(toBert, [[[0], false, 'roster', [], false]]);
    assert.deepEqual(toCarl, toBert, 'a member and one that is none look the same');
    await anna.grant(room, said.ref, bert);
    await anna.grant(room, said.ref, carl);
    assert.deepEqual(of(await audience(anna, said), bert), of(await audience(anna, said), carl));
    assert.deepEqual(of(await audience(anna, said), bert), [[[0], true, 'grant', ['event-security'], false]]);
  });

  it('answers the author alone, and of what was shared', async () => {
    const room = await world.room([anna, bert]);
    const said = await anna.share(room, [indicator('e')], {});
    await assert.rejects(audience(bert, said), refused('target.not-author'));
    await assert.rejects(audience(carl, said), refused('absent'));
    const left = await bert.say('room.leave/1', {}, { room });
    await assert.rejects(audience(bert, left), refused('target.kind'));
  });

  it('lists anybody where it is public', async () => {
    const room = await world.room([anna, bert], { purposes: ['event-security', 'public-information'] });
    const said = await anna.share(room, [indicator('f')], {
      to: 'public',
      tlp: 'clear',
      onward: 'room',
      purposes: ['event-security', 'public-information'],
    });
    const [first] = await audience(anna, said);
    assert.deepEqual(first, {
      party: null,
      parts: [0],
      could: true,
      rule: 'public',
      purposes: ['public-information'],
      justification: false,
    });
  });
});
