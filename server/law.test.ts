/** A hold suspends erasure and not hiding; what names a case is found where it may be seen; both follow from the log. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { begin, type Setting } from './admission/testing/setting.ts';
import { projectionDigests, rebuild, type Tables } from './folds.ts';
import { openLog } from './place.ts';
import { releaseCase } from './release/cases.ts';
import { releaseRecalls, releaseTasks } from './release/dues.ts';
import { releaseHeadings } from './release/headings.ts';
import { releaseHolds, releaseSubjects } from './release/law.ts';
import { type Actor, indicator, random, type Said } from './testing/actor.ts';
import { placeOf } from './testing/located.ts';

const filed = (...refs: string[]) => ({
  external_references: refs.map((external_id) => ({ source_name: 'case', external_id })),
});

describe('what the law asks', () => {
  let s: Setting;
  let room: string;
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert]);
  });
  after(() => s.end());

  const hold = (target: StatementRef, about: object = {}) =>
    s.anna.say(
      'hold/1',
      { target, parts: null, basis: 'court-order', review: s.at(60), until: null, ...about },
      { room },
    );
  const endHold = (one: Said) => s.anna.say('hold.end/1', { hold: one.ref }, { room });
  const read: Setting['world']['centre']['read'] = (work) => s.world.centre.read(work);
  /** How many parts of it still have bytes. */
  const left = async ({ index }: Said): Promise<number> => {
    while ((await read((_, { log }) => log.condemned())) > 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return read((_, { log }) => log.parts([0, 1, 2].map((n) => index * 256 + n)).then(({ size }) => size));
  };
  const headings = async (by: Actor, about: object = {}): Promise<string[]> => {
    const { value } = await s.world.centre.read((sources) =>
      releaseHeadings(by.viewer(about), { room, after: null, limit: 1_000 }, sources),
    );
    return value.statements.map(({ record }) => record.header.id);
  };
  const recalls = async () => {
    const erasedAt = (index: number) => s.world.centre.journals.erasures.erasedAt(index);
    const { value } = await s.world.centre.read((sources) =>
      releaseRecalls(s.anna.viewer(), sources, erasedAt),
    );
    return value.recalls;
  };
  const recallOf = async ({ ref }: Said) =>
    (await recalls())
      .filter(({ target }) => target.id === ref.id)
      .map(({ held, erased }) => ({ held, erased }));

  it('hides at once, and erases when no hold is left', async () => {
    const said = await s.anna.share(room, [indicator('one'), indicator('two'), indicator('three')]);
    const first = await hold(said.ref, { parts: [0, 1] });
    const second = await hold(said.ref, { parts: [1] });
    await s.anna.recall(room, said.ref);
    assert.deepEqual(await s.bert.names(room), []);
    assert.deepEqual(await s.anna.names(room), []);
    assert.equal(await left(said), 2);
    assert.deepEqual(await recallOf(said), [{ held: [0, 1], erased: null }]);
    await endHold(first);
    assert.equal(await left(said), 1);
    assert.deepEqual(await recallOf(said), [{ held: [1], erased: null }]);
    await endHold(second);
    assert.equal(await left(said), 0);
    const recall = await eventually('noted by the journal', async () => {
      const [one] = await recallOf(said);
      return one?.erased === null ? null : one;
    });
    assert.deepEqual(recall?.held, []);
  });

  it('an end of a share hides and does not erase, and the end of the hold that has come releases', async () => {
    const said = await s.anna.share(room, [indicator('ends')], { until: s.at(5) });
    await hold(said.ref, { review: s.at(8), until: s.at(10) });
    s.later(6);
    await s.world.centre.round();
    assert.deepEqual(await s.bert.names(room), []);
    assert.equal(await left(said), 1);
    s.later(6);
    await s.world.centre.round();
    assert.equal(await left(said), 0);
  });

  it('is told to those who may see what is held, and to nobody else', async () => {
    const named = await s.anna.share(room, [indicator('for bert')], { to: { parties: [s.bert.party] } });
    const personal = await s.anna.share(room, [indicator('on a person')], {
      personal: [{ category: 'witness', nature: 'fact' }],
    });
    await s.host.invite(room, s.carl);
    await s.carl.accept(room);
    const both = [await hold(named.ref), await hold(personal.ref)].map(({ ref }) => ref.id);
    const seen = async (by: Actor, about: object = {}) =>
      (await headings(by, about)).filter((id) => both.includes(id));
    assert.deepEqual(await seen(s.anna), both);
    assert.deepEqual(await seen(s.bert), both.slice(0, 1));
    assert.deepEqual(await seen(s.bert, { justification: 'case 7' }), both);
    // It joined before the holds, and after what they hold.
    assert.deepEqual(await seen(s.carl, { justification: 'case 7' }), []);
    const { value } = await s.world.centre.read((sources) =>
      releaseHolds(s.carl.viewer({ justification: 'case 7' }), sources),
    );
    assert.deepEqual(value.holds, []);
    await s.anna.grant(room, named.ref, s.carl);
    assert.deepEqual(await seen(s.carl), both.slice(0, 1));
    await s.anna.recall(room, named.ref);
    assert.deepEqual(await seen(s.carl), []);
  });

  it('is not held itself, and no look goes deeper than to what is held', async () => {
    const said = await s.anna.share(room, [indicator('held once')]);
    const reasons = [makePart({ reason: 'ordered' }, random)];
    const body = { parts: null, basis: 'court-order', review: s.at(60), until: null };
    const held = await s.anna.say('hold/1', { ...body, target: said.ref }, { room, parts: reasons });
    await assert.rejects(
      () => s.anna.say('hold/1', { ...body, target: held.ref }, { room }),
      (error: unknown) => error instanceof Refusal && error.code === 'target.kind',
    );
    assert.ok((await headings(s.bert)).includes(held.ref.id));
    const { value } = await read((sources) => {
      const heldBy = async (indexes: readonly number[]) => new Map(indexes.map((index) => [index, index]));
      const request = { room, after: null, limit: 1_000 };
      return releaseHeadings(s.bert.viewer(), request, { ...sources, law: { ...sources.law, heldBy } });
    });
    assert.ok(value.statements.every(({ record }) => record.header.kind !== 'hold/1'));
  });

  it('asks its author to look again, and keeps the deadlines of persons', async () => {
    const said = await s.anna.share(room, [indicator('reviewed')]);
    const held = await hold(said.ref, { review: s.at(1) });
    const request = await s.bert.say(
      'subject.request/1',
      { target: said.ref, parts: [0], request: 'erasure', due: s.at(2) },
      { room, parts: [makePart({ reason: 'Maria Müller asks' }, random)] },
    );
    s.later(3);
    const tasks = async () => {
      const { value } = await s.world.centre.read((sources) => releaseTasks(s.anna.viewer(), sources));
      return value.tasks.filter(({ statement }) => [held.ref.id, request.ref.id].includes(statement.id));
    };
    assert.deepEqual((await tasks()).map(({ what, detail }) => [what, detail]).sort(), [
      ['hold', 'court-order'],
      ['subject', 'erasure'],
    ]);
    const requests = async (by: Actor) => {
      const { value } = await s.world.centre.read((sources) => releaseSubjects(by.viewer(), sources));
      return value.requests.map(({ request: what, overdue, answer }) => ({ what, overdue, answer }));
    };
    assert.deepEqual(await requests(s.bert), [{ what: 'erasure', overdue: true, answer: null }]);
    assert.deepEqual(await requests(s.carl), []);
    await s.anna.say('hold.review/1', { hold: held.ref, review: s.at(60), until: null }, { room });
    const body = { request: request.ref, answer: 'refused', basis: 'ongoing-inquiry' };
    await s.anna.say('subject.answer/1', body, { room });
    assert.deepEqual(await tasks(), []);
    assert.deepEqual(await requests(s.anna), [{ what: 'erasure', overdue: true, answer: 'refused' }]);
  });

  it('finds what names a case where it may be seen, until it is taken back', async () => {
    const find = async (by: Actor, ref: string, about: object = {}): Promise<string[]> => {
      const found: string[] = [];
      for (let after: string | null = null; ; ) {
        const { value } = await s.world.centre.read((sources) =>
          releaseCase(by.viewer(about), { ref, room: null, after, limit: 1 }, sources),
        );
        for (const { record, parts } of value.statements)
          found.push(...parts.map(({ n }) => `${record.header.kind} ${n}`));
        after = value.next;
        if (after === null) return found;
      }
    };
    const said = await s.anna.share(room, [indicator('x'), indicator('y', filed('2026/0815-A', 'B 7'))]);
    await s.anna.share(room, [indicator('secret', filed('2026/0815-A'))], {
      to: { parties: [s.host.party] },
    });
    await s.anna.share(room, [indicator('locked', filed('2026/0815-A'))], {
      purposes: ['threat-prevention'],
    });
    const parts = [makePart({ reason: 'on it', cases: ['2026/0815-a'] }, random)];
    const body = { target: said.ref, parts: [1], to: s.eve.party, purposes: ['event-security'] };
    const { ref } = await s.bert.say('ask/1', body, { room, parts });
    assert.deepEqual(await find(s.bert, ' 2026/0815-A  '), ['share/1 1', 'ask/1 0']);
    assert.deepEqual(await find(s.bert, 'b 7'), ['share/1 1']);
    assert.deepEqual(await find(s.bert, '2026/0815-A', { purpose: 'threat-prevention' }), [
      'share/1 0',
      'ask/1 0',
    ]);
    assert.deepEqual(await find(s.eve, '2026/0815-A'), []);
    await s.anna.grant(room, said.ref, s.eve);
    assert.deepEqual(await find(s.eve, '2026/0815-A'), ['share/1 1']);
    await s.bert.recall(room, ref);
    await s.anna.recall(room, said.ref, [1]);
    assert.deepEqual(await find(s.bert, '2026/0815-A'), []);
    assert.deepEqual(await find(s.eve, '2026/0815-A'), []);
  });

  it('folds to the same, with what is held and with what was erased', async () => {
    const said = await s.anna.share(room, [indicator('kept', filed('C')), indicator('gone', filed('C'))]);
    await hold(said.ref, { parts: [0] });
    await s.anna.recall(room, said.ref);
    assert.equal(await left(said), 1);
    const live = await s.world.centre.read((_, { db }) => projectionDigests(db));
    const copy = await s.world.copy();
    const store = await openLog<Tables>(placeOf(copy));
    await rebuild(store);
    const again = await store.snapshot(({ db }) => projectionDigests(db));
    await store.close();
    assert.deepEqual(Object.fromEntries(again), Object.fromEntries(live));
  });
});
