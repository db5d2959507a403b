/** Holding against erasure, and what persons ask: rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { type Actor, indicator, random, type Said } from '../testing/actor.ts';
import { begin, type Setting, table } from './testing/setting.ts';

const reason = () => [makePart({ reason: 'because', cases: ['2026/0815-A'] }, random)];
const nobody = { id: '00000000-0000-4000-8000-000000000000' };

describe('holds and persons', () => {
  let s: Setting;
  let room: string;
  let second: string;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert, s.carl]);
    second = await s.world.room([s.anna, s.bert, s.carl]);
  });
  after(() => s.end());

  const share = (how: Partial<Handling> = {}, by = s.anna) =>
    by.share(room, [indicator('a'), indicator('b')], how);
  const hold = (by: Actor, target: StatementRef, about: object = {}, where = room) =>
    by.say(
      'hold/1',
      { target, parts: null, basis: 'court-order', review: s.at(3_600), until: null, ...about },
      { room: where },
    );
  const review = (by: Actor, one: StatementRef, about: object = {}, where = room) =>
    by.say('hold.review/1', { hold: one, review: s.at(3_600), until: null, ...about }, { room: where });
  const end = (by: Actor, one: StatementRef, where = room) =>
    by.say('hold.end/1', { hold: one }, { room: where });
  const ask = (by: Actor, target: StatementRef, about: object = {}, where = room) =>
    by.say(
      'subject.request/1',
      { target, parts: null, request: 'access', due: s.at(3_600), ...about },
      { room: where, parts: reason() },
    );
  const answer = (by: Actor, request: Said, about: object = {}, where = room) =>
    by.say(
      'subject.answer/1',
      { request: request.ref, answer: 'done', basis: null, ...about },
      { room: where },
    );
  const held = async (about: object = {}) => hold(s.anna, (await share()).ref, about);

  describe('a hold', () => {
    admitted('by the originator, of all and of a part', async () => {
      const { ref } = await share();
      await hold(s.anna, ref);
      await hold(s.anna, ref, { parts: [1], until: s.at(7_200) });
    });
    admitted('of what was taken back and another hold has kept', async () => {
      const { ref } = await share();
      await hold(s.anna, ref, { parts: [0] });
      await s.anna.recall(room, ref);
      await hold(s.anna, ref);
    });
    admitted('of a reason, in a room that its author has left', async () => {
      const { ref } = await share({}, s.carl);
      const { ref: taken } = await s.carl.say(
        'recall/1',
        { target: ref, parts: null },
        { room, parts: reason() },
      );
      await s.carl.say('room.leave/1', {}, { room });
      await hold(s.carl, taken);
      await s.host.invite(room, s.carl);
      await s.carl.accept(room);
    });
    refused('by who may see it', 'hold.not-originator', '/body/target', async () => {
      const { ref } = await share();
      return () => hold(s.bert, ref);
    });
    it('tells the originator of the attempt, and nobody else', async () => {
      const { ref } = await share();
      const error = await hold(s.bert, ref).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof Refusal);
      assert.deepEqual(error.concerns, [s.anna.party]);
    });
    for (const [name, who] of [
      ['a member that is not named', () => s.carl],
      ['who is in no room', () => s.eve],
    ] as const)
      refused(`by ${name}`, 'target.unknown', '/body/target', async () => {
        const { ref } = await share({ to: { parties: [s.bert.party] } });
        return () => hold(who(), ref);
      });
    refused(
      'of another’s that never was',
      'target.unknown',
      '/body/target',
      () => () => hold(s.bert, { ...nobody, party: s.anna.party }),
    );
    refused('named in another room', 'header.room', '/room', async () => {
      const { ref } = await share();
      return () => hold(s.anna, ref, {}, second);
    });
    refused('of another’s, named in another room', 'target.unknown', '/body/target', async () => {
      const { ref } = await share();
      return () => hold(s.bert, ref, {}, second);
    });
    refused('of a part that there is not', 'target.unknown', '/body/parts', async () => {
      const { ref } = await share();
      return () => hold(s.anna, ref, { parts: [2] });
    });
    refused('of what was taken back', 'target.recalled', '/body/target', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref);
      return () => hold(s.anna, ref);
    });
    refused('of what has no parts', 'target.kind', '/body/target', async () => {
      const { ref } = await s.anna.recall(room, (await share()).ref);
      return () => hold(s.anna, ref);
    });
    refused('whose review has come', 'header.malformed', '/body/review', async () => {
      const { ref } = await share();
      return () => hold(s.anna, ref, { review: s.at(-1) });
    });
    refused('beside sixteen others', 'hold.too-many', '/body/target', async () => {
      const { ref } = await share();
      for (let i = 0; i < 16; i++) await hold(s.anna, ref);
      return () => hold(s.anna, ref);
    });
  });

  describe('a review and an end of a hold', () => {
    admitted('by its author', async () => {
      const { ref } = await held();
      await review(s.anna, ref, { until: s.at(7_200) });
      await end(s.anna, ref);
    });
    for (const [name, say] of [
      ['a review', review],
      ['an end', end],
    ] as const) {
      refused(`${name} by who may see it`, 'hold.not-originator', '/body/hold', async () => {
        const { ref } = await held();
        return () => say(s.bert, ref);
      });
      refused(`${name} by who may not`, 'target.unknown', '/body/hold', async () => {
        const { ref: target } = await share({ to: { parties: [s.bert.party] } });
        const { ref } = await hold(s.anna, target);
        return () => say(s.carl, ref);
      });
      refused(
        `${name} of none`,
        'target.unknown',
        '/body/hold',
        () => () => say(s.anna, { ...nobody, party: s.anna.party }),
      );
      refused(`${name} of something else`, 'target.unknown', '/body/hold', async () => {
        const { ref } = await share();
        return () => say(s.anna, ref);
      });
      refused(`${name} after it has ended`, 'hold.ended', '/body/hold', async () => {
        const { ref } = await held();
        await end(s.anna, ref);
        return () => say(s.anna, ref);
      });
    }
    refused('a review that has come', 'header.malformed', '/body/review', async () => {
      const { ref } = await held();
      return () => review(s.anna, ref, { review: s.at(-1) });
    });
    refused('an end by the centre before its time', 'rule.broken', '/body/hold', async () => {
      const { ref } = await held({ until: s.at(7_200) });
      return () => end(s.centre, ref);
    });
    refused('an end by the centre where none is named', 'rule.broken', '/body/hold', async () => {
      const { ref } = await held();
      return () => end(s.centre, ref);
    });
    admitted('an end by the centre once its time has come', async () => {
      const { ref } = await held({ review: s.at(1), until: s.at(2) });
      s.later(3);
      await s.world.centre.round();
      const index = await s.world.centre.read(({ log }) => log.find(ref));
      const [row] = await s.world.centre
        .read(({ law }) => law.holdsBy(s.anna.party))
        .then((rows) => rows.filter((one) => one.index === index));
      assert.ok(row?.ended !== null);
    });
  });

  describe('a request of a person', () => {
    admitted('to whoever said what the asker may see, and its answer', async () => {
      const request = await ask(s.bert, (await share()).ref, { parts: [1], request: 'erasure' });
      await answer(s.anna, request, { answer: 'partly', basis: 'rights-of-others' });
    });
    admitted('of what was passed on to who is no member', async () => {
      const { ref } = await share();
      await s.anna.grant(room, ref, s.eve);
      await ask(s.eve, ref);
    });
    admitted('and takes its reason back', async () => {
      const request = await ask(s.bert, (await share()).ref);
      await s.bert.recall(room, request.ref);
    });
    refused('of one’s own', 'target.kind', '/body/target', async () => {
      const { ref } = await share();
      return () => ask(s.anna, ref);
    });
    refused('of what the asker may not see', 'target.unknown', '/body/target', async () => {
      const { ref } = await share({ to: { parties: [s.bert.party] } });
      return () => ask(s.carl, ref);
    });
    refused(
      'of what never was',
      'target.unknown',
      '/body/target',
      () => () => ask(s.bert, { ...nobody, party: s.anna.party }),
    );
    refused('of a part that was not passed on', 'target.unknown', '/body/parts', async () => {
      const { ref } = await share();
      await s.anna.grant(room, ref, s.eve, { parts: [0] });
      return () => ask(s.eve, ref, { parts: [1] });
    });
    refused('whose deadline has passed', 'header.malformed', '/body/due', async () => {
      const { ref } = await share();
      return () => ask(s.bert, ref, { due: s.at(-1) });
    });
    refused('answered by another', 'answer.unasked', '/body/request', async () => {
      const request = await ask(s.bert, (await share()).ref);
      return () => answer(s.carl, request);
    });
    refused('answered in another room', 'answer.unasked', '/body/request', async () => {
      const request = await ask(s.bert, (await share()).ref);
      return () => answer(s.anna, request, {}, second);
    });
    refused('answered twice', 'answer.given', '/body/request', async () => {
      const request = await ask(s.bert, (await share()).ref);
      await answer(s.anna, request);
      return () => answer(s.anna, request);
    });
  });
});
