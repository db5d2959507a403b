/** That undertakings hold or were broken, and what is suspended in return: rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StatementRef } from '@parley/core/fields.ts';
import { releaseUndertakings } from '../release/undertakings.ts';
import { type Actor, indicator } from '../testing/actor.ts';
import { begin, type Setting, table } from './testing/setting.ts';

describe('undertakings', () => {
  let s: Setting;
  /** Of the host's, with Anna and Bert as members; Carl observes. Anna shares routes in return for everybody's reports. */
  let room: string;
  const { refused, admitted } = table(() => s);
  const undertakings = () => [
    { id: 'report', by: 'each' as const, text: 'Each reports within a day.', inReturnFor: [] },
    { id: 'routes', by: s.anna.party, text: 'Anna shares routes.', inReturnFor: ['report'] },
    { id: 'rooms', by: s.bert.party, text: 'Bert lends rooms.', inReturnFor: ['routes'] },
  ];
  const open = async () => {
    const opened = await s.world.room([s.anna, s.bert], { undertakings: undertakings() });
    await s.host.invite(opened, s.carl, 'observer');
    await s.carl.accept(opened);
    return opened;
  };
  before(async () => {
    s = await begin();
    room = await open();
  });
  after(() => s.end());

  const state = async (by: Actor, of: string, about: object = {}) =>
    by.say(
      'undertaking.state/1',
      {
        undertaking: 'report',
        by: s.bert.party,
        terms: await by.termsHash(of),
        state: 'broken',
        evidence: [],
        ...about,
      },
      { room: of },
    );
  const suspend = (by: Actor, of: string, because: StatementRef, about: object = {}) =>
    by.say(
      'undertaking.suspend/1',
      { undertaking: 'routes', because, from: s.bert.party, ...about },
      { room: of },
    );
  const resume = (by: Actor, of: string, suspension: StatementRef) =>
    by.say('undertaking.resume/1', { suspension }, { room: of });

  admitted('what a member, an observer and who owes it say of it', async () => {
    await state(s.anna, room);
    await state(s.carl, room, { state: 'holds', by: s.carl.party });
    await state(s.bert, room, { state: 'holds' });
    await state(s.host, room, { undertaking: 'routes', by: s.anna.party, state: 'holds' });
  });
  refused('who stands outside', 'room.unknown', '/room', () => () => state(s.eve, room));
  refused('who supervises', 'room.not-member', '/room', async () => {
    const of = await s.world.room([s.anna, s.bert], {
      undertakings: undertakings(),
      supervisor: s.eve.party,
    });
    await s.host.invite(of, s.eve, 'supervisor');
    await s.eve.accept(of);
    return () => state(s.eve, of);
  });
  refused(
    'an undertaking that is not there',
    'undertaking.unknown',
    '/body/undertaking',
    () => () => state(s.anna, room, { undertaking: 'nothing' }),
  );
  refused('terms that the speaker has not accepted', 'terms.other', '/body/terms', async () => {
    const of = await open();
    await s.host.changeTerms(of, { undertakings: undertakings(), retention: 30 });
    return () => state(s.anna, of);
  });
  refused(
    'who does not owe it',
    'party.unknown',
    '/body/by',
    () => () => state(s.host, room, { undertaking: 'routes' }),
  );
  refused('who is not in', 'party.unknown', '/body/by', () => () => state(s.anna, room, { by: s.eve.party }));
  refused(
    'a member, by an observer that does not see who is in',
    'party.unknown',
    '/body/by',
    () => () => state(s.carl, room),
  );

  admitted('evidence that is one’s own, or that one may see', async () => {
    const mine = await s.anna.share(room, [indicator('mine')], { to: { parties: [s.host.party] } });
    const theirs = await s.bert.share(room, [indicator('theirs')]);
    await state(s.anna, room, { evidence: [mine.ref, theirs.ref] });
  });
  const at = '/body/evidence/0';
  refused('evidence that one may not see', 'target.unknown', at, async () => {
    const { ref } = await s.bert.share(room, [indicator('x')], { to: { parties: [s.host.party] } });
    return () => state(s.anna, room, { evidence: [ref] });
  });
  refused(
    'evidence that is not there',
    'target.unknown',
    at,
    () => () => state(s.anna, room, { evidence: [{ party: s.bert.party, id: crypto.randomUUID() }] }),
  );
  refused('evidence from another room', 'target.unknown', at, async () => {
    const other = await s.world.room([s.anna]);
    const { ref } = await s.anna.share(other, [indicator('x')]);
    return () => state(s.anna, room, { evidence: [ref] });
  });
  refused('evidence that another named to a few', 'handling.onward', at, async () => {
    const { ref } = await s.bert.share(room, [indicator('x')], { to: { parties: [s.anna.party] } });
    return () => state(s.anna, room, { evidence: [ref] });
  });

  admitted('suspending what is owed in return, resuming, and suspending again', async () => {
    const of = await open();
    const { ref } = await state(s.anna, of);
    const first = await suspend(s.anna, of, ref);
    await resume(s.anna, of, first.ref);
    await suspend(s.anna, of, ref);
  });
  refused('what another owes', 'undertaking.unknown', '/body/undertaking', async () => {
    const { ref } = await state(s.anna, room);
    return () => suspend(s.anna, room, ref, { undertaking: 'rooms' });
  });
  refused(
    'what is owed in return for something else',
    'undertaking.not-in-return',
    '/body/because',
    async () => {
      const { ref } = await state(s.anna, room, { by: s.host.party });
      return () => suspend(s.bert, room, ref, { undertaking: 'rooms', from: s.host.party });
    },
  );
  refused('what is owed in return for nothing', 'undertaking.not-in-return', '/body/because', async () => {
    const { ref } = await state(s.anna, room);
    return () => suspend(s.anna, room, ref, { undertaking: 'report' });
  });
  refused('towards another than who broke it', 'undertaking.not-in-return', '/body/from', async () => {
    const { ref } = await state(s.anna, room);
    return () => suspend(s.anna, room, ref, { from: s.host.party });
  });
  refused('towards oneself', 'undertaking.not-in-return', '/body/from', async () => {
    const { ref } = await state(s.bert, room, { by: s.anna.party, undertaking: 'report' });
    return () => suspend(s.anna, room, ref, { from: s.anna.party });
  });
  refused('because of what holds', 'target.kind', '/body/because', async () => {
    const { ref } = await state(s.anna, room, { state: 'holds' });
    return () => suspend(s.anna, room, ref);
  });
  refused('because of what its author says no more', 'target.kind', '/body/because', async () => {
    const { ref } = await state(s.host, room);
    await state(s.host, room, { state: 'holds' });
    return () => suspend(s.anna, room, ref);
  });
  refused('because of what is something else', 'target.unknown', '/body/because', async () => {
    const { ref } = await s.anna.share(room, [indicator('x')]);
    return () => suspend(s.anna, room, ref);
  });
  refused('because of what was said in another room', 'target.unknown', '/body/because', async () => {
    const { ref } = await state(s.anna, await open());
    return () => suspend(s.anna, room, ref);
  });
  refused('by an observer', 'room.observer', '/room', async () => {
    const { ref } = await state(s.anna, room);
    return () => suspend(s.carl, room, ref, { undertaking: 'report' });
  });
  refused('twice', 'state.already', '/body/undertaking', async () => {
    const of = await open();
    const { ref } = await state(s.anna, of);
    await suspend(s.anna, of, ref);
    return () => suspend(s.anna, of, ref);
  });
  refused('ending another’s', 'target.unknown', '/body/suspension', async () => {
    const of = await open();
    const { ref } = await suspend(s.anna, of, (await state(s.anna, of)).ref);
    return () => resume(s.bert, of, ref);
  });
  refused('ending it twice', 'state.already', '/body/suspension', async () => {
    const of = await open();
    const { ref } = await suspend(s.anna, of, (await state(s.anna, of)).ref);
    await resume(s.anna, of, ref);
    return () => resume(s.anna, of, ref);
  });

  it('shows members the last word of each, and what is withheld', async () => {
    const of = await open();
    const first = await state(s.anna, of);
    const last = await state(s.anna, of, { state: 'holds' });
    const other = await state(s.host, of);
    const stop = await suspend(s.anna, of, other.ref);
    const seenBy = (actor: Actor) =>
      s.world.centre.read(async (sources) => (await releaseUndertakings(actor.viewer(), of, sources)).value);
    const [report, routes] = (await seenBy(s.bert)).undertakings;
    assert.deepEqual(
      report?.states.map(({ statement, state: said }) => [statement.id, said]),
      [
        [last.ref.id, 'holds'],
        [other.ref.id, 'broken'],
      ],
    );
    assert.ok(first.index < last.index);
    assert.deepEqual(
      routes?.suspensions.map(({ party, from, because, resumed }) => [party, from, because, resumed]),
      [[s.anna.party, s.bert.party, other.ref, null]],
    );
    const observed = (await seenBy(s.carl)).undertakings;
    assert.deepEqual(
      observed.map(({ undertaking, states, suspensions }) => [
        undertaking,
        states.length,
        suspensions.length,
      ]),
      [
        ['report', 0, 0],
        ['routes', 0, 0],
        ['rooms', 0, 0],
      ],
    );
    await resume(s.anna, of, stop.ref);
    assert.notEqual((await seenBy(s.bert)).undertakings[1]?.suspensions[0]?.resumed, null);
    await assert.rejects(seenBy(s.eve), { code: 'absent' });
  });
});
