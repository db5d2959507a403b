/** What leaving, a suspension, a narrowing and an ended opening do not undo, and on which SQL and `decide` agree. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { millisecondsOf, type StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { checkCentre } from './check-centre.ts';
import { releaseHeadings } from './release/headings.ts';
import { type Actor, indicator, random } from './testing/actor.ts';
import { located } from './testing/located.ts';
import { World } from './testing/world.ts';

const minute = 60_000_000;
const open: Partial<Handling> = {
  to: 'public',
  tlp: 'clear',
  purposes: ['public-information'],
  onward: 'room',
};
const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

describe('rooms that parties leave', () => {
  let world: World;
  let anna: Actor;
  let bert: Actor;
  let vera: Actor;
  let room: string;
  let later = 0;

  before(async () => {
    world = await World.begin({ now: () => Date.now() * 1000 + later });
    anna = await world.party('Anna');
    bert = await world.party('Bert');
    vera = await world.party('Vera');
  });
  beforeEach(async () => {
    room = await world.room([anna, bert]);
  });
  after(async () => {
    await world.centre.round();
    await checkCentre({ ...located(world.folder), centre: world.centre.name, now: world.centre.now() });
    assert.equal(world.centre.disagreements(), 0);
    assert.deepEqual(world.doubts, []);
    await world.end();
  });

  const headings = async (by: Actor, ref: StatementRef, about = {}) => {
    const { value } = await world.centre.read((sources) =>
      releaseHeadings(by.viewer(about), { room, after: null, limit: 1_000 }, sources),
    );
    assert.equal(world.centre.disagreements(), 0);
    return value.statements.flatMap(({ record, content }) => (record.header.id === ref.id ? [content] : []));
  };
  const supervised = async () => {
    await world.host.changeTerms(room, { supervisor: vera.party });
    for (const by of [anna, bert]) await by.accept(room);
    await world.host.invite(room, vera, 'supervisor');
    await vera.accept(room);
  };
  /** Anna complains of Bert, and Vera opens what was said, for a minute. */
  const opening = async (target: StatementRef) => {
    const parts = [makePart({ reason: 'look' }, random)];
    const about = { about: bert.party, statement: target };
    const { ref: complaint } = await anna.say('complaint.lodge/1', about, { room, parts });
    const until = millisecondsOf(world.centre.now() + minute);
    await vera.say('supervision.open/1', { complaint, target, parts: null, until }, { room });
  };

  for (const [how, end] of [
    ['leaving', () => bert.say('room.leave/1', {}, { room })],
    ['being suspended', () => world.host.suspend(room, bert)],
    ['being removed', () => world.host.say('room.remove/1', { party: bert.party }, { room })],
  ] as const)
    it(`another's stays another's after ${how}`, async () => {
      const other = await bert.openRoom();
      const [known, unseen] = [indicator('known'), indicator('unseen')];
      await anna.share(room, [known], { onward: 'never' });
      await bert.read(room);
      await end();
      await anna.share(room, [unseen], { onward: 'never' });
      await assert.rejects(bert.share(other, [known], open), refused('handling.onward'));
      await bert.share(other, [unseen], open);
    });

  it('another’s stays another’s for who comes back as an observer', async () => {
    const other = await bert.openRoom();
    const known = indicator('known');
    await anna.share(room, [known], { onward: 'never' });
    await bert.say('room.leave/1', {}, { room });
    await world.host.invite(room, bert, 'observer');
    await bert.accept(room);
    await assert.rejects(bert.share(other, [known], open), refused('handling.onward'));
  });

  it('what was passed on stays closed to who is suspended and leaves, until it is in again', async () => {
    const { ref } = await anna.share(room, [indicator('granted')]);
    await anna.grant(room, ref, bert);
    await world.host.suspend(room, bert);
    await bert.say('room.leave/1', {}, { room });
    assert.deepEqual(await bert.names(room), []);
    assert.deepEqual(await headings(bert, ref), []);
    await world.host.invite(room, bert);
    assert.deepEqual(await headings(bert, ref), []);
    await bert.accept(room);
    assert.deepEqual(await bert.names(room), ['granted']);
    await bert.say('room.leave/1', {}, { room });
    assert.deepEqual(await bert.names(room), ['granted'], 'leaving alone closes no grant');
  });

  it('a recall from who supervises closes what it has opened', async () => {
    await supervised();
    const { ref } = await anna.share(room, [indicator('opened')]);
    await opening(ref);
    assert.deepEqual(await vera.names(room), ['opened']);
    await anna.recall(room, ref, null, [bert]);
    assert.deepEqual(await vera.names(room), ['opened']);
    await anna.recall(room, ref, null, [vera]);
    assert.deepEqual(await vera.names(room), []);
    assert.deepEqual(await headings(vera, ref), []);
  });

  it('an opening that has ended leaves the ways that other purposes open', async () => {
    await supervised();
    const purposes = ['event-security', 'threat-prevention'];
    const { ref } = await anna.share(room, [indicator('a')], { purposes });
    const shown = await anna.share(room, [indicator('b')], open);
    await opening(ref);
    await opening(shown.ref);
    await anna.grant(room, ref, vera, { purposes: ['threat-prevention'] });
    later += 2 * minute;
    assert.deepEqual(await vera.names(room), []);
    assert.deepEqual(await headings(vera, ref), []);
    assert.deepEqual(await vera.names(room, { purpose: 'threat-prevention' }), ['a']);
    assert.deepEqual(await vera.names(room, { purpose: 'public-information' }), ['b']);
    assert.equal(world.centre.disagreements(), 0);
  });

  it('what was taken back from one, told, and passed on to it again is closed by a suspension', async () => {
    const { ref } = await anna.share(room, [indicator('a')]);
    await bert.read(room);
    await anna.recall(room, ref, null, [bert]);
    await world.centre.round();
    await anna.grant(room, ref, bert);
    assert.deepEqual(await headings(bert, ref), ['open']);
    await world.host.suspend(room, bert);
    assert.deepEqual(await headings(bert, ref), ['erased']);
    assert.deepEqual(await bert.names(room), []);
  });

  it('and wants a justification where it holds personal data', async () => {
    const personal = [{ category: 'other', nature: 'fact' }] as const;
    const { ref } = await anna.share(room, [indicator('a')], { personal: [...personal] });
    await bert.read(room, { justification: 'case' });
    await anna.recall(room, ref, null, [bert]);
    await world.centre.round();
    await anna.grant(room, ref, bert);
    assert.deepEqual(await headings(bert, ref), []);
    assert.deepEqual(await headings(bert, ref, { justification: 'case' }), ['open']);
  });

  it('an undertaking of a party that is not there is not stated', async () => {
    const by = 'd'.repeat(64);
    room = await world.room([anna], {
      undertakings: [{ id: 'tell', by, text: 'It tells.', inReturnFor: [] }],
    });
    const terms = await anna.termsHash(room);
    const body = { undertaking: 'tell', by, terms, state: 'broken', evidence: [] };
    await assert.rejects(anna.say('undertaking.state/1', body, { room }), refused('party.unknown'));
  });
});
