/** Asking, granting, denying: rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { type Actor, indicator, type Said } from '../testing/actor.ts';
import { begin, refusalOf, type Setting, table } from './testing/setting.ts';

const event = ['event-security'];

describe('requests and grants', () => {
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

  describe('a request', () => {
    refused('for one’s own', 'target.kind', '/body/target', async () => {
      const { ref } = await share();
      return () => ask(s.anna, ref);
    });
    const unseen: readonly [string, () => Promise<StatementRef>][] = [
      ['for what was never said', async () => ({ party: s.anna.party, id: crypto.randomUUID() })],
      [
        'for what others were named for',
        async () => (await share({ to: { parties: [s.carl.party] }, tlp: 'red' })).ref,
      ],
      [
        'for what was taken back',
        async () => {
          const { ref } = await share();
          await s.anna.recall(room, ref);
          return ref;
        },
      ],
      [
        'for what has ended',
        async () => {
          const { ref } = await share({ until: s.at(30) });
          s.later(31);
          return ref;
        },
      ],
      ['for what was said in another room', async () => (await s.anna.share(second, [indicator('x')])).ref],
      ['for what is no content', async () => (await ask(s.anna, (await share({}, s.carl)).ref)).ref],
    ];
    for (const [name, target] of unseen)
      refused(name, 'target.unknown', '/body/target', async () => {
        const ref = await target();
        return () => ask(s.bert, ref);
      });
    it('is refused alike for all of them', async () => {
      const told = [];
      for (const [, target] of unseen) told.push(await refusalOf(ask(s.bert, await target())));
      for (const one of told) assert.deepEqual(one, told[0]);
    });
    refused('for a part that there is not', 'target.unknown', '/body/parts', async () => {
      const { ref } = await share();
      return () => ask(s.bert, ref, { parts: [2] });
    });
    it('tells nothing of parts that were not granted', async () => {
      const { ref } = await s.anna.share(
        room,
        ['a', 'b', 'c'].map((name) => indicator(name)),
        {
          to: { parties: [s.carl.party] },
          tlp: 'red',
        },
      );
      await s.anna.grant(room, ref, s.bert, { parts: [0] });
      await s.anna.recall(room, ref, [1]);
      const told = await Promise.all([1, 2, 3].map((n) => refusalOf(ask(s.bert, ref, { parts: [0, n] }))));
      assert.deepEqual(told[0], { code: 'target.unknown', at: '/body/parts', detail: undefined, params: {} });
      for (const one of told) assert.deepEqual(one, told[0]);
      await ask(s.bert, ref, { parts: [0] });
    });
    refused('against a handling that says never', 'handling.onward', '/body/target', async () => {
      const { ref } = await share({ onward: 'never' });
      return () => ask(s.bert, ref);
    });
    refused('for more purposes than it has', 'grant.wider', '/body/purposes', async () => {
      const { ref } = await share();
      return () => ask(s.bert, ref, { purposes: ['event-security', 'threat-prevention'] });
    });
    refused('by who is outside, with a grant', 'room.unknown', '/room', async () => {
      const { ref } = await share();
      await s.anna.grant(room, ref, s.eve);
      return () => ask(s.eve, ref);
    });
    refused('by who has left', 'room.not-member', '/room', async () => {
      const passing = await s.world.room([s.anna, s.bert]);
      const { ref } = await s.anna.share(passing, [indicator('x')]);
      await leave(s.bert, passing);
      return () => ask(s.bert, ref, {}, passing);
    });
    admitted('about what another purpose opens, or a justification', async () => {
      await ask(s.bert, (await share({ purposes: ['threat-prevention'] })).ref, {
        purposes: ['threat-prevention'],
      });
      await ask(s.bert, (await share({ personal: [{ category: 'other', nature: 'fact' }] })).ref);
    });
    admitted('for nobody that is known: the originator will see', async () => {
      await ask(s.bert, (await share()).ref, { to: 'f'.repeat(64) });
    });
  });

  describe('a grant', () => {
    const grants = (
      name: string,
      code: Parameters<typeof refused>[1],
      at: string,
      about: (target: StatementRef) => Promise<object> | object,
      by: () => Actor = () => s.anna,
    ) =>
      refused(name, code, at, async () => {
        const { ref: target } = await share();
        const body = {
          target,
          parts: null,
          to: s.eve.party,
          purposes: event,
          terms: await s.anna.termsHash(room),
          ask: null,
        };
        const changed = { ...body, ...(await about(target)) };
        return () => by().say('grant/1', changed, { room });
      });
    grants(
      'of another’s',
      'target.not-author',
      '/body/target',
      () => ({}),
      () => s.bert,
    );
    grants('of what was never said', 'target.unknown', '/body/target', () => ({
      target: { party: s.anna.party, id: crypto.randomUUID() },
    }));
    grants('of a part that there is not', 'target.unknown', '/body/parts', () => ({ parts: [0, 2] }));
    grants('of what was taken back', 'target.recalled', '/body/target', async (target) => {
      await s.anna.recall(room, target);
      return {};
    });
    grants('of what is no content', 'target.kind', '/body/target', async () => ({
      target: (await ask(s.anna, (await share({}, s.carl)).ref)).ref,
    }));
    grants('of what was said in another room', 'header.room', '/room', async () => ({
      target: (await s.anna.share(second, [indicator('x')])).ref,
    }));
    grants('to nobody', 'party.unknown', '/body/to', () => ({ to: 'f'.repeat(64) }));
    grants('to the centre', 'party.unknown', '/body/to', () => ({ to: s.centre.party }));
    grants('to oneself', 'party.unknown', '/body/to', () => ({ to: s.anna.party }));
    grants('beyond the purposes of the record', 'grant.wider', '/body/purposes', () => ({
      purposes: ['event-security', 'threat-prevention'],
    }));
    grants('under terms that are not offered', 'terms.other', '/body/terms', () => ({
      terms: `${'A'.repeat(43)}=`,
    }));
    grants('for a request that nobody made', 'answer.unasked', '/body/ask', () => ({
      ask: { party: s.bert.party, id: crypto.randomUUID() },
    }));
    grants('for a request of another originator', 'answer.unasked', '/body/ask', async () => ({
      ask: (await ask(s.bert, (await share({}, s.carl)).ref)).ref,
    }));
    grants('for a request about something else', 'answer.unasked', '/body/ask', async () => ({
      ask: (await ask(s.bert, (await share()).ref)).ref,
    }));
    grants('to another than was asked for', 'answer.unasked', '/body/ask', async (target) => ({
      ask: (await ask(s.bert, target)).ref,
      to: s.carl.party,
    }));
    grants('for a request that was denied', 'answer.given', '/body/ask', async (target) => {
      const request = await ask(s.bert, target);
      await deny(s.anna, request);
      return { ask: request.ref };
    });
    refused('under terms that have changed meanwhile', 'terms.other', '/body/terms', async () => {
      const changing = await s.world.room([s.anna]);
      const { ref: target } = await s.anna.share(changing, [indicator('x')]);
      const terms = await s.anna.termsHash(changing);
      await s.host.changeTerms(changing, { title: 'Other' });
      const body = { target, parts: null, to: s.eve.party, purposes: event, terms, ask: null };
      return () => s.anna.say('grant/1', body, { room: changing });
    });
    it('by who has left is refused, whether the terms have changed or not', async () => {
      const changing = await s.world.room([s.anna]);
      const { ref: target } = await s.anna.share(changing, [indicator('x')]);
      const terms = await s.anna.termsHash(changing);
      await leave(s.anna, changing);
      const body = { target, parts: null, to: s.eve.party, purposes: event, terms, ask: null };
      const grant = () => refusalOf(s.anna.say('grant/1', body, { room: changing }));
      const told = await grant();
      await s.host.changeTerms(changing, { title: 'Other' });
      assert.deepEqual([told.code, await grant()], ['room.not-member', told]);
    });
  });

  describe('a denial', () => {
    refused('of a request to another originator', 'answer.unasked', '/body/ask', async () => {
      const request = await ask(s.bert, (await share()).ref);
      return () => deny(s.carl, request);
    });
    refused('by who asked', 'answer.unasked', '/body/ask', async () => {
      const request = await ask(s.bert, (await share()).ref);
      return () => deny(s.bert, request);
    });
    refused('of what is no request', 'answer.unasked', '/body/ask', async () => {
      const said = await share();
      return () => deny(s.anna, said);
    });
    refused('twice', 'answer.given', '/body/ask', async () => {
      const request = await ask(s.bert, (await share()).ref);
      await deny(s.anna, request);
      return () => deny(s.anna, request);
    });
    refused('after a grant', 'answer.given', '/body/ask', async () => {
      const { ref } = await share();
      const request = await ask(s.bert, ref);
      await s.anna.grant(room, ref, s.eve, { ask: request.ref });
      return () => deny(s.anna, request);
    });
    refused('in another room', 'answer.unasked', '/body/ask', async () => {
      const request = await ask(s.bert, (await share()).ref);
      return () => deny(s.anna, request, second);
    });
    refused('in a room that there is not', 'answer.unasked', '/body/ask', async () => {
      const request = await ask(s.bert, (await share()).ref);
      return () => deny(s.anna, request, crypto.randomUUID());
    });
    admitted('by who has left: it is an answer', async () => {
      const passing = await s.world.room([s.anna, s.bert]);
      const { ref } = await s.anna.share(passing, [indicator('x')]);
      const request = await ask(s.bert, ref, {}, passing);
      await leave(s.anna, passing);
      await deny(s.anna, request, passing);
    });
  });
});
