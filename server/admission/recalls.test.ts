/** Taking back, and answering a notice: rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { releaseTasks } from '../release/dues.ts';
import { type Actor, indicator, random, type Said } from '../testing/actor.ts';
import { begin, refusalOf, type Setting, table } from './testing/setting.ts';

const reason = () => [makePart({ reason: 'because' }, random)];
const event = ['event-security'];

describe('recalls', () => {
  let s: Setting;
  let room: string;
  /** Another room of the same members. */
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
  const ask = (by: Actor, target: StatementRef, about: object = {}, where = room) =>
    by.say('ask/1', { target, parts: null, to: s.eve.party, purposes: event, ...about }, { room: where });
  const deny = (by: Actor, request: Said, where = room) =>
    by.say('deny/1', { ask: request.ref }, { room: where });
  const leave = (by: Actor, where: string) => by.say('room.leave/1', {}, { room: where });

  describe('a recall', () => {
    refused('of another’s', 'target.not-author', '/body/target', async () => {
      const { ref } = await share();
      return () => s.bert.recall(room, ref);
    });
    refused(
      'of what was never said',
      'target.unknown',
      '/body/target',
      () => () => s.anna.recall(room, { party: s.anna.party, id: crypto.randomUUID() }),
    );
    refused('of a part that there is not', 'target.unknown', '/body/parts', async () => {
      const { ref } = await share();
      return () => s.anna.recall(room, ref, [0, 2]);
    });
    refused('twice', 'target.recalled', '/body/target', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref);
      return () => s.anna.recall(room, ref);
    });
    refused('of the same part twice', 'target.recalled', '/body/target', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref, [1]);
      return () => s.anna.recall(room, ref, [1]);
    });
    admitted('of all, after one part', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref, [1]);
      await s.anna.recall(room, ref);
    });
    refused('in another room', 'header.room', '/room', async () => {
      const { ref } = await share();
      return () => s.anna.recall(second, ref);
    });
    refused('in a room that there is not', 'header.room', '/room', async () => {
      const { ref } = await share();
      return () => s.anna.recall(crypto.randomUUID(), ref);
    });
    refused('of terms', 'target.kind', '/body/target', async () => {
      const { ref } = await s.host.changeTerms(second, {});
      return () => s.host.recall(second, ref);
    });
    refused('of an acceptance', 'target.kind', '/body/target', async () => {
      const own = await s.anna.openRoom();
      await s.anna.invite(own, s.bert);
      const { ref } = await s.bert.accept(own);
      return () => s.bert.recall(own, ref);
    });
    refused('of an enrolment', 'target.kind', '/body/target', async () => {
      await s.anna.enrol(['read']);
      const ref = await s.world.centre.read(async (_, { log }) => {
        const records = await log.range(0, (await log.head())?.size ?? 0);
        const found = records.findLast(({ header }) => header.kind === 'device.enrol/1');
        return { party: s.anna.party, id: found?.header.id ?? '' };
      });
      return () => s.anna.recall(room, ref);
    });
    refused('of an answer that has no reason', 'target.kind', '/body/target', async () => {
      const request = await ask(s.bert, (await share()).ref);
      const { ref } = await deny(s.anna, request);
      return () => s.anna.recall(room, ref);
    });
    admitted('of the reason of an answer, once', async () => {
      const request = await ask(s.bert, (await share()).ref);
      const denial = await s.anna.say('deny/1', { ask: request.ref }, { room, parts: reason() });
      await s.anna.recall(room, denial.ref);
      assert.equal((await refusalOf(s.anna.recall(room, denial.ref))).code, 'target.recalled');
    });
  });

  describe('a recall from some', () => {
    const publicly: Partial<Handling> = { to: 'public', tlp: 'clear', purposes: ['public-information'] };
    const from = (ids: readonly string[], target: StatementRef, about: object = {}) =>
      s.anna.say('recall/1', { target, parts: null, from: ids, ...about }, { room });
    refused('of what is public', 'target.kind', '/body/from', async () => {
      const { ref } = await share(publicly);
      return () => s.anna.recall(room, ref, null, [s.bert]);
    });
    refused('of a reason', 'target.kind', '/body/from', async () => {
      const request = await ask(s.bert, (await share()).ref);
      const denial = await s.anna.say('deny/1', { ask: request.ref }, { room, parts: reason() });
      return () => s.anna.recall(room, denial.ref, null, [s.bert]);
    });
    refused('of another’s', 'target.not-author', '/body/target', async () => {
      const { ref } = await share();
      return () => s.bert.recall(room, ref, null, [s.carl]);
    });
    refused('from oneself', 'party.unknown', '/body/from/0', async () => {
      const { ref } = await share();
      return () => s.anna.recall(room, ref, null, [s.anna]);
    });
    refused('from who has not joined', 'party.unknown', '/body/from/0', async () => {
      const { ref } = await share();
      return () => from(['0'.repeat(64)], ref);
    });
    refused('from nobody', 'header.malformed', '/body/from', async () => {
      const { ref } = await share();
      return () => from([], ref);
    });
    refused('from one twice', 'header.malformed', '/body/from', async () => {
      const { ref } = await share();
      return () => from([s.bert.party, s.bert.party], ref);
    });
    refused('of a part that there is not', 'target.unknown', '/body/parts', async () => {
      const { ref } = await share();
      return () => s.anna.recall(room, ref, [2], [s.bert]);
    });
    refused('of what was taken back from all', 'target.recalled', '/body/target', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref);
      return () => s.anna.recall(room, ref, null, [s.bert]);
    });
    refused('twice, with nothing passed on since', 'target.recalled', '/body/from', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref, null, [s.bert, s.carl]);
      return () => s.anna.recall(room, ref, [1], [s.bert]);
    });
    admitted('again after a grant', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref, null, [s.bert]);
      await s.anna.grant(room, ref, s.bert);
      await s.anna.recall(room, ref, null, [s.bert]);
    });
    admitted('from who is in no room, or was never told of it', async () => {
      const { ref } = await share({ to: { parties: [s.bert.party] } });
      await s.anna.recall(room, ref, null, [s.eve]);
      await s.anna.recall(room, ref, null, [s.carl]);
    });
    admitted('of all, afterwards', async () => {
      const { ref } = await share();
      await s.anna.recall(room, ref, null, [s.bert]);
      await s.anna.recall(room, ref);
    });
  });

  describe('an acknowledgement', () => {
    const noticed = async (by: Actor = s.bert): Promise<StatementRef> => {
      const { ref } = await share();
      await by.read(room);
      await s.anna.recall(room, ref);
      await s.world.centre.round();
      const { value } = await s.world.centre.read((sources) => releaseTasks(by.viewer(), sources));
      const last = value.tasks.findLast(({ what }) => what === 'notice');
      assert.ok(last);
      return last.statement;
    };
    const ack = (by: Actor, notice: StatementRef, about: object = {}, where = room) =>
      by.say('ack/1', { notice, answer: 'destroyed', basis: null, until: null, ...about }, { room: where });
    refused('of another’s notice', 'answer.unasked', '/body/notice', async () => {
      const notice = await noticed();
      return () => ack(s.carl, notice);
    });
    refused('by the originator', 'answer.unasked', '/body/notice', async () => {
      const notice = await noticed();
      return () => ack(s.anna, notice);
    });
    refused('of what is no notice', 'answer.unasked', '/body/notice', async () => {
      const { ref } = await share();
      return () => ack(s.bert, ref);
    });
    refused('twice', 'answer.given', '/body/notice', async () => {
      const notice = await noticed();
      await ack(s.bert, notice);
      return () => ack(s.bert, notice, { answer: 'unreachable' });
    });
    refused('in another room', 'answer.unasked', '/body/notice', async () => {
      const notice = await noticed();
      return () => ack(s.bert, notice, {}, second);
    });
    refused('in a room that there is not', 'answer.unasked', '/body/notice', async () => {
      const notice = await noticed();
      return () => ack(s.bert, notice, {}, crypto.randomUUID());
    });
    refused('that keeps it until a time that has come', 'header.malformed', '/body/until', async () => {
      const notice = await noticed();
      return () => ack(s.bert, notice, { answer: 'kept', basis: 'court-order', until: s.at(0) });
    });
    for (const [name, about] of [
      ['that keeps it on no basis', { answer: 'kept', until: '2099-01-01T00:00:00.000Z' }],
      ['that keeps it without an end', { answer: 'kept', basis: 'court-order' }],
      ['that has destroyed it on a basis', { basis: 'court-order' }],
    ] as const)
      refused(name, 'header.malformed', '/body', async () => {
        const notice = await noticed();
        return () => ack(s.bert, notice, about);
      });
    admitted('by who has left', async () => {
      const passing = await s.world.room([s.anna, s.bert]);
      const { ref } = await s.anna.share(passing, [indicator('x')]);
      await s.bert.read(passing);
      await leave(s.bert, passing);
      await s.anna.recall(passing, ref);
      await s.world.centre.round();
      const { value } = await s.world.centre.read((sources) => releaseTasks(s.bert.viewer(), sources));
      const notice = value.tasks.find((task) => task.room === passing);
      assert.ok(notice);
      await ack(s.bert, notice.statement, {}, passing);
    });
  });
});
