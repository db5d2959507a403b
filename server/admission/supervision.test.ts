/** Complaints, their answers, and what is opened for one: rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { type Actor, indicator, random } from '../testing/actor.ts';
import { begin, type Setting, table } from './testing/setting.ts';

const words = [makePart({ reason: 'It stood in a newspaper.' }, random)];
const nowhere = () => ({ party: 'd'.repeat(64), id: crypto.randomUUID() });

describe('complaints and supervision', () => {
  let s: Setting;
  /** Of the host's: Anna and Bert are members, Carl supervises. */
  let room: string;
  let dora: Actor;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
    dora = await s.world.party('Dora');
    room = await supervised([s.anna, s.bert]);
  });
  after(() => s.end());

  async function supervised(members: readonly Actor[]): Promise<string> {
    const of = await s.world.room(members, { supervisor: s.carl.party });
    await s.host.invite(of, s.carl, 'supervisor');
    await s.carl.accept(of);
    return of;
  }
  const lodge = (by: Actor, about: string, statement: StatementRef | null = null, of = room) =>
    by.say('complaint.lodge/1', { about, statement }, { room: of, parts: words });
  const answer = (by: Actor, complaint: StatementRef, verdict = 'answered', of = room) =>
    by.say('complaint.answer/1', { complaint, verdict }, { room: of, parts: words });
  const open = (complaint: StatementRef, target: StatementRef, about: object = {}, of = room, by = s.carl) =>
    by.say(
      'supervision.open/1',
      { complaint, target, parts: null, until: s.at(3_600), ...about },
      { room: of },
    );
  const shared = async (by: Actor, how = {}) => (await by.share(room, [indicator('x')], how)).ref;

  admitted('a complaint about a member that the roster shows', () => lodge(s.anna, s.bert.party));
  admitted('about the owner', () => lodge(s.anna, s.host.party));
  admitted('by who has left, about the owner', async () => {
    const of = await supervised([s.anna, s.bert]);
    await s.anna.say('room.leave/1', {}, { room: of });
    await lodge(s.anna, s.host.party, null, of);
  });
  admitted('by who is suspended, about who misused its own', async () => {
    const of = await supervised([s.anna, s.bert]);
    const { ref } = await s.anna.share(of, [indicator('x')]);
    await s.host.suspend(of, s.anna);
    await lodge(s.anna, s.bert.party, ref, of);
  });
  admitted('by an observer, about who said what it sees', async () => {
    const of = await s.world.room([s.anna], { roster: false });
    await s.host.invite(of, s.bert, 'observer');
    await s.bert.accept(of);
    const { ref } = await s.anna.share(of, [indicator('x')], { to: 'observers' });
    await lodge(s.bert, s.anna.party, ref, of);
  });
  refused(
    'a complaint about oneself',
    'party.unknown',
    '/body/about',
    () => () => lodge(s.anna, s.anna.party),
  );
  refused('about nobody', 'party.unknown', '/body/about', () => () => lodge(s.anna, 'd'.repeat(64)));
  refused('about the centre', 'party.unknown', '/body/about', () => () => lodge(s.anna, s.centre.party));
  refused('about a party elsewhere', 'party.unknown', '/body/about', () => () => lodge(s.anna, dora.party));
  refused('about a member that is not shown', 'party.unknown', '/body/about', async () => {
    const of = await s.world.room([s.anna, s.bert], { roster: false });
    return () => lodge(s.anna, s.bert.party, null, of);
  });
  refused('by who has left, about a member', 'party.unknown', '/body/about', async () => {
    const of = await supervised([s.anna, s.bert]);
    await s.anna.say('room.leave/1', {}, { room: of });
    return () => lodge(s.anna, s.bert.party, null, of);
  });
  refused('by an outsider', 'room.unknown', '/room', () => () => lodge(s.eve, s.anna.party));
  refused('by who is invited', 'room.not-member', '/room', async () => {
    const of = await supervised([s.anna]);
    await s.host.invite(of, s.eve);
    return () => lodge(s.eve, s.host.party, null, of);
  });
  refused('by who supervises', 'room.not-member', '/room', () => () => lodge(s.carl, s.anna.party));
  refused(
    'about what is not there',
    'target.unknown',
    '/body/statement',
    () => () => lodge(s.anna, s.bert.party, nowhere()),
  );
  refused('about what the speaker may not see', 'target.unknown', '/body/statement', async () => {
    const ref = await shared(s.bert, { to: { parties: [s.host.party] } });
    return () => lodge(s.anna, s.bert.party, ref);
  });
  refused('about what was said elsewhere', 'target.unknown', '/body/statement', async () => {
    const of = await s.world.room([s.anna, s.bert]);
    const { ref } = await s.bert.share(of, [indicator('x')]);
    return () => lodge(s.anna, s.bert.party, ref);
  });

  admitted('about what another said to all, or to the addressee too', async () => {
    await lodge(s.anna, s.bert.party, await shared(s.host));
    const to = { parties: [s.anna.party, s.bert.party] };
    await lodge(s.anna, s.bert.party, await shared(s.host, { to }));
  });
  refused('about what another said to others only', 'handling.onward', '/body/statement', async () => {
    const ref = await shared(s.host, { to: { parties: [s.anna.party] } });
    return () => lodge(s.anna, s.bert.party, ref);
  });
  refused('about what an observer may not see', 'handling.onward', '/body/statement', async () => {
    const of = await supervised([s.anna, s.bert]);
    await s.host.invite(of, dora, 'observer');
    await dora.accept(of);
    const { ref } = await s.bert.share(of, [indicator('x')]);
    return () => lodge(s.anna, dora.party, ref, of);
  });
  refused('about what another asked of the speaker', 'handling.onward', '/body/statement', async () => {
    const target = await shared(s.anna);
    const body = { target, parts: null, to: dora.party, purposes: ['event-security'] };
    const { ref } = await s.host.say('ask/1', body, { room, parts: words });
    return () => lodge(s.anna, s.bert.party, ref);
  });

  admitted('an answer by whom it is about, and by who supervises', async () => {
    const { ref } = await lodge(s.anna, s.bert.party);
    await answer(s.bert, ref);
    await answer(s.carl, ref, 'upheld');
  });
  refused('an answer by others', 'answer.unasked', '/body/complaint', async () => {
    const { ref } = await lodge(s.anna, s.bert.party);
    return () => answer(s.anna, ref);
  });
  refused('an answer to nothing', 'answer.unasked', '/body/complaint', () => () => answer(s.bert, nowhere()));
  refused('a second answer', 'answer.given', '/body/complaint', async () => {
    const { ref } = await lodge(s.anna, s.bert.party);
    await answer(s.bert, ref, 'rejected');
    return () => answer(s.bert, ref, 'upheld');
  });

  admitted('opening what the complaint names', async () => {
    const target = await shared(s.bert);
    await open((await lodge(s.anna, s.bert.party, target)).ref, target);
  });
  admitted('opening what the addressee said, or could read', async () => {
    const { ref } = await lodge(s.anna, s.bert.party);
    await open(ref, await shared(s.bert));
    await open(ref, await shared(s.anna), { parts: [0] });
  });
  const noCase = (name: string, before: () => Promise<() => Promise<unknown>>) =>
    refused(name, 'supervision.no-case', '/body/complaint', before);
  noCase('opening without a complaint', async () => {
    const target = await shared(s.bert);
    return () => open(nowhere(), target);
  });
  noCase('opening what is not there', async () => {
    const { ref } = await lodge(s.anna, s.bert.party);
    return () => open(ref, nowhere());
  });
  noCase('opening what does not concern the addressee', async () => {
    const { ref } = await lodge(s.anna, s.bert.party);
    const target = await shared(s.anna, { to: { parties: [s.host.party] } });
    return () => open(ref, target);
  });
  noCase('opening for a complaint that is decided', async () => {
    const target = await shared(s.bert);
    const { ref } = await lodge(s.anna, s.bert.party, target);
    await answer(s.carl, ref, 'rejected');
    return () => open(ref, target);
  });
  noCase('opening what somebody said who never agreed to it', async () => {
    const of = await s.world.room([s.anna, s.bert]);
    const { ref: target } = await s.bert.share(of, [indicator('x')]);
    await s.host.changeTerms(of, { supervisor: s.carl.party });
    await s.host.invite(of, s.carl, 'supervisor');
    await s.carl.accept(of);
    const { ref } = await lodge(s.anna, s.bert.party, target, of);
    return () => open(ref, target, {}, of);
  });
  noCase('opening for a complaint of another room', async () => {
    const of = await supervised([s.anna, s.bert]);
    const { ref } = await lodge(s.anna, s.bert.party, null, of);
    const target = await shared(s.bert);
    return () => open(ref, target);
  });
  refused('opening by who does not supervise', 'room.not-supervisor', '/room', async () => {
    const target = await shared(s.bert);
    const { ref } = await lodge(s.anna, s.bert.party, target);
    return () => open(ref, target, {}, room, s.anna);
  });
  refused('opening for ever', 'header.malformed', '/body/until', async () => {
    const target = await shared(s.bert);
    const { ref } = await lodge(s.anna, s.bert.party, target);
    return () => open(ref, target, { until: s.at(31 * 86_400) });
  });
  refused('opening until yesterday', 'header.malformed', '/body/until', async () => {
    const target = await shared(s.bert);
    const { ref } = await lodge(s.anna, s.bert.party, target);
    return () => open(ref, target, { until: s.at(-60) });
  });
  refused('opening a part that is not there', 'target.unknown', '/body/parts', async () => {
    const target = await shared(s.bert);
    const { ref } = await lodge(s.anna, s.bert.party, target);
    return () => open(ref, target, { parts: [7] });
  });
  refused('opening what was taken back', 'target.recalled', '/body/target', async () => {
    const target = await shared(s.bert);
    const { ref } = await lodge(s.anna, s.bert.party, target);
    await s.bert.recall(room, target);
    return () => open(ref, target);
  });

  it('tells those concerned of who looked without a case', async () => {
    const { ref } = await lodge(s.anna, s.bert.party);
    const target = (await s.host.share(room, [indicator('x')], { to: { parties: [s.anna.party] } })).ref;
    await assert.rejects(open(ref, target), (error) => {
      assert.ok(error instanceof Refusal);
      assert.deepEqual([...error.concerns].sort(), [s.host.party, s.anna.party].sort());
      return true;
    });
  });
});
