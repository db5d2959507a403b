/** What a device may not within the rights it has, rule by rule. */
import { after, before, describe } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { releaseTasks } from '../release/dues.ts';
import { type Actor, indicator, random } from '../testing/actor.ts';
import { begin, type Setting, table } from './testing/setting.ts';

const personal: Partial<Handling> = { personal: [{ category: 'witness', nature: 'fact' }] };

describe('limits of devices', () => {
  let s: Setting;
  let here: string;
  let there: string;
  /** Of Anna's: one for a room, one for everything but persons. */
  let desk: Actor;
  let clerk: Actor;
  const { refused, admitted } = table(() => s);
  const tasksOf = async (actor: Actor) =>
    (await s.world.centre.read((sources) => releaseTasks(actor.viewer(), sources))).value.tasks;
  before(async () => {
    s = await begin();
    here = await s.world.room([s.anna, s.bert]);
    there = await s.world.room([s.anna, s.bert], { title: 'Elsewhere' });
    desk = await s.anna.enrol(['read', 'speak', 'govern'], null, { rooms: [here] });
    clerk = await s.anna.enrol(['read', 'speak', 'govern'], null, { personal: false });
  });
  after(() => s.end());

  refused(
    'speaking in another room',
    'device.limited',
    '/room',
    () => () => desk.share(there, [indicator('I')]),
  );
  refused('what is said in no room', 'device.limited', '/kind', () => () => desk.openRoom());
  refused('enrolling another', 'device.limited', '/kind', () => () => desk.enrol(['read']));
  refused(
    'personal data from a device without a right to it',
    'device.limited',
    '/body/handling/personal',
    () => () => clerk.share(here, [indicator('I')], personal),
  );
  admitted('what is not personal', () => clerk.share(there, [indicator('plain')]));
  refused('taking back what the device may not see', 'target.unknown', '/body/target', async () => {
    const { ref } = await s.anna.share(here, [indicator('I')], personal);
    return () => clerk.recall(here, ref);
  });
  refused(
    'enrolling another with personal data',
    'device.limited',
    '/kind',
    () => () => clerk.enrol(['read'], null, { personal: true }),
  );
  refused(
    'revoking another, without a right to personal data',
    'device.limited',
    '/kind',
    () => () => clerk.say('device.revoke/1', { device: desk.signer.device }),
  );
  const aboutPerson = async (by: Actor, about: Actor) => {
    const { ref } = await by.share(here, [indicator('P')], { ...personal, onward: 'ask' });
    await about.read(here, { justification: 'a threat to life' });
    return ref;
  };
  const words = { parts: [makePart({ reason: 'the witness Jan Jansen' }, random)] };
  const ask = async () => {
    const target = await aboutPerson(s.anna, s.bert);
    const purposes = ['event-security'];
    return s.bert.say('ask/1', { target, parts: null, to: s.bert.party, purposes }, { room: here, ...words });
  };
  refused('denying what asks for what the device may not see', 'answer.unasked', '/body/ask', async () => {
    const { ref } = await ask();
    return () => clerk.say('deny/1', { ask: ref }, { room: here });
  });
  refused('answering a notice of it', 'answer.unasked', '/body/notice', async () => {
    const target = await aboutPerson(s.bert, s.anna);
    await s.bert.recall(here, target);
    await s.world.centre.round();
    const [notice] = (await tasksOf(s.anna)).filter(({ what }) => what === 'notice');
    const body = { notice: notice?.statement, answer: 'destroyed', basis: null, until: null };
    return () => clerk.say('ack/1', body, { room: here });
  });
  refused('answering a person’s request', 'answer.unasked', '/body/request', async () => {
    const target = await aboutPerson(s.anna, s.bert);
    const body = { target, parts: null, request: 'access', due: s.at(3600) };
    const { ref } = await s.bert.say('subject.request/1', body, { room: here, ...words });
    return () => clerk.say('subject.answer/1', { request: ref, answer: 'done', basis: null }, { room: here });
  });
  refused('ending a hold on it', 'target.unknown', '/body/hold', async () => {
    const target = await aboutPerson(s.anna, s.bert);
    const hold = { target, parts: null, basis: 'court-order', review: s.at(3600), until: null };
    const { ref } = await s.anna.say('hold/1', hold, { room: here });
    return () => clerk.say('hold.end/1', { hold: ref }, { room: here });
  });
  refused('answering a complaint about it', 'answer.unasked', '/body/complaint', async () => {
    const statement = await aboutPerson(s.anna, s.bert);
    const { ref } = await s.bert.say(
      'complaint.lodge/1',
      { about: s.anna.party, statement },
      { room: here, ...words },
    );
    return () =>
      clerk.say('complaint.answer/1', { complaint: ref, verdict: 'answered' }, { room: here, ...words });
  });
  refused('taking back what was said about it', 'target.unknown', '/body/target', async () => {
    const target = await aboutPerson(s.bert, s.anna);
    const body = { target, parts: null, request: 'access', due: s.at(3600) };
    const { ref } = await s.anna.say('subject.request/1', body, { room: here, ...words });
    return () => clerk.recall(here, ref);
  });
  refused(
    'it as what shows that an undertaking was broken',
    'target.unknown',
    '/body/evidence/0',
    async () => {
      const ref = await aboutPerson(s.bert, s.anna);
      const terms = await s.anna.termsHash(here);
      const body = { undertaking: 'any', by: s.bert.party, terms, state: 'broken', evidence: [ref] };
      return () => clerk.say('undertaking.state/1', body, { room: here });
    },
  );
  refused('opening it for a complaint', 'supervision.no-case', '/body/complaint', async () => {
    const target = await aboutPerson(s.bert, s.anna);
    const body = { complaint: target, target, parts: null, until: s.at(600) };
    return () => clerk.say('supervision.open/1', body, { room: here });
  });
  admitted('answering what is about no person', async () => {
    const { ref } = await s.anna.share(here, [indicator('plain')], { onward: 'ask' });
    const body = { target: ref, parts: null, to: s.bert.party, purposes: ['event-security'] };
    const asked = await s.bert.say('ask/1', body, { room: here });
    return clerk.say('deny/1', { ask: asked.ref }, { room: here });
  });
  refused('a device for a room that its party does not know', 'room.unknown', '/body/rooms/1', async () => {
    const hidden = await s.eve.openRoom();
    return () => s.anna.enrol(['read'], null, { rooms: [here, hidden] });
  });
  refused(
    'the same room twice',
    'header.malformed',
    '/body/rooms',
    () => () => s.anna.enrol(['read'], null, { rooms: [here, here] }),
  );
  refused('revoking the last with a right to personal data', 'device.last', '/body/device', async () => {
    const party = await s.world.party('Personal');
    await party.enrol(['govern'], null, { personal: false });
    return () => party.say('device.revoke/1', { device: party.signer.device });
  });
  refused('revoking the last that governs without limits', 'device.last', '/body/device', async () => {
    const party = await s.world.party('Party');
    const room = await party.openRoom();
    await party.enrol(['govern'], null, { rooms: [room] });
    return () => party.say('device.revoke/1', { device: party.signer.device });
  });
});
