/** Devices that may less than their party: in some rooms only, with or without personal data. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { makePart } from '@parley/core/parts.ts';
import { begin, type Setting } from './admission/testing/setting.ts';
import { releaseComplaints } from './release/complaints.ts';
import { releaseStatement } from './release/content.ts';
import { releaseRecalls, releaseTasks } from './release/dues.ts';
import { releaseHeadings } from './release/headings.ts';
import { releaseHolds, releaseSubjects } from './release/law.ts';
import { releaseLocked } from './release/locked.ts';
import { releaseOwn, releaseWhole } from './release/own.ts';
import { releaseReceipt } from './release/receipts.ts';
import { releaseRecovery } from './release/recovery.ts';
import type { Sources } from './release/sources.ts';
import { type ReadJournal, releaseStatistics, releaseSupervisedAccesses } from './release/supervision.ts';
import { releaseDevices, releaseParties, releaseRooms } from './release/views.ts';
import { type Actor, indicator, random } from './testing/actor.ts';

const personal: Partial<Handling> = { personal: [{ category: 'witness', nature: 'fact' }] };
const everybody: Partial<Handling> = {
  to: 'public',
  purposes: ['public-information'],
  tlp: 'clear',
  onward: 'room',
};

describe('a device that is limited', () => {
  let s: Setting;
  let here: string;
  let there: string;
  /** Of Anna's: one for a room, one for everything but persons. */
  let desk: Actor;
  let clerk: Actor;
  before(async () => {
    s = await begin();
    here = await s.world.room([s.anna, s.bert]);
    there = await s.world.room([s.anna, s.bert], { title: 'Elsewhere' });
    desk = await s.anna.enrol(['read', 'speak', 'govern'], null, { rooms: [here] });
    clerk = await s.anna.enrol(['read', 'speak'], null, { personal: false });
  });
  after(() => s.end());

  const see = <T>(work: (sources: Sources) => Promise<T>) => s.world.centre.read(work);
  const headings = async (actor: Actor) => {
    const who = actor.viewer({ purpose: 'event-security', justification: 'a threat to life' });
    const list = await see((sources) =>
      releaseHeadings(who, { room: null, after: null, limit: 1_000 }, sources),
    );
    return list.value.statements.map(({ record }) => record.header);
  };

  it('speaks in its rooms, and reads there what its party may', async () => {
    const said = await s.bert.share(here, [indicator('for Anna')]);
    assert.ok((await desk.names(here)).includes('for Anna'));
    await desk.share(here, [indicator('from the desk')]);
    assert.ok(said.index > 0);
  });

  it('sees nothing of other rooms nor of its party as a whole, the public aside', async () => {
    const hidden = await s.bert.share(there, [indicator('hidden')]);
    const open = await s.bert.share(there, [indicator('open')], everybody);
    const who = desk.viewer();
    const rooms = (await see((sources) => releaseRooms(who, sources))).value.rooms;
    const relations = new Map(rooms.map(({ room, relation }) => [room, relation]));
    assert.deepEqual([relations.get(here), relations.get(there)], ['member', 'public']);
    await assert.rejects(
      see((sources) => releaseStatement(who, hidden.ref, sources)),
      { code: 'absent' },
    );
    await see((sources) =>
      releaseStatement(desk.viewer({ purpose: 'public-information' }), open.ref, sources),
    );
    for (const header of await headings(desk))
      assert.ok(
        header.room === here || header.kind === 'room.open/1' || header.kind.startsWith('centre.'),
        header.kind,
      );
    const tasks = (await see((sources) => releaseTasks(who, sources))).value.tasks;
    assert.ok(tasks.every(({ room }) => room === here));
    const devices = (await see((sources) => releaseDevices(who, sources))).value.devices;
    assert.deepEqual(
      devices.map(({ device, rooms: only }) => [device, only]),
      [[desk.signer.device, [here]]],
    );
    const known = (await see((sources) => releaseParties(who, sources))).value.parties;
    assert.ok(!known.some(({ party }) => party === s.eve.party));
    for (const work of [
      (sources: Sources) => releaseOwn(who, sources, async () => 1),
      (sources: Sources) => releaseRecovery(who, sources),
    ])
      await assert.rejects(see<unknown>(work), { code: 'device.limited' });
  });

  it('without a right to personal data sees none, not even its own party’s, nor counts it', async () => {
    await s.anna.share(here, [indicator('own person')], personal);
    const { ref } = await s.bert.share(here, [indicator('a person')], personal);
    await s.bert.share(here, [indicator('a thing')]);
    const names = await clerk.names(here, { justification: 'a threat to life' });
    assert.ok(names.includes('a thing'));
    assert.ok(!names.some((name) => name.endsWith('person')));
    const locked = await see((sources) => releaseLocked(clerk.viewer(), here, sources));
    assert.deepEqual(locked.value.locked, []);
    const whole = await see((sources) => releaseLocked(s.anna.viewer(), here, sources));
    assert.equal(whole.value.locked.length, 1);
    const who = clerk.viewer({ justification: 'a threat to life' });
    await assert.rejects(
      see((sources) => releaseStatement(who, ref, sources)),
      { code: 'absent' },
    );
    await s.bert.recall(here, ref);
    await s.world.centre.round();
    await assert.rejects(
      see((sources) => releaseStatement(who, ref, sources)),
      { code: 'absent' },
    );
  });

  it('nor is it told of what is said about it: in headers, tasks, recalls, holds and complaints', async () => {
    const room = await s.world.room([s.anna, s.bert]);
    const words = [makePart({ reason: 'the witness Jan Jansen' }, random)];
    /** What each is answered with, on a share of Anna’s and one of Bert’s. */
    const rounds = async (how: Partial<Handling>): Promise<StatementRef[]> => {
      const mine = (await s.anna.share(room, [indicator('mine')], { onward: 'ask', ...how })).ref;
      const his = (await s.bert.share(room, [indicator('his')], how)).ref;
      const justification = 'a threat to life';
      for (const by of [s.anna, s.bert]) await by.read(room, { justification });
      const [due, target, parts] = [s.at(3600), mine, null];
      const purposes = ['event-security'];
      const said = async (by: Actor, kind: KindName, body: object, reason = words) =>
        (await by.say(kind, body, { room, ...(reason.length > 0 ? { parts: reason } : {}) })).ref;
      const ask = await said(s.bert, 'ask/1', { target, parts, to: s.bert.party, purposes });
      await said(s.bert, 'ask/1', { target, parts, to: s.bert.party, purposes });
      const request = await said(s.bert, 'subject.request/1', { target, parts, request: 'access', due });
      const hold = await said(s.anna, 'hold/1', {
        ...{ target, parts, basis: 'court-order', review: s.at(1), until: null },
      });
      const about = s.anna.party;
      const complaint = await said(s.bert, 'complaint.lodge/1', { about, statement: mine });
      const list = [
        ...[mine, his, ask, request, hold, complaint],
        await said(s.anna, 'deny/1', { ask }),
        await said(s.anna, 'hold.review/1', { hold, review: s.at(2), until: null }),
        await said(s.anna, 'complaint.answer/1', { complaint, verdict: 'answered' }),
        (await s.bert.recall(room, his)).ref,
        (await s.anna.recall(room, mine)).ref,
      ];
      s.later(5);
      await s.world.centre.round();
      return list;
    };
    const things = await rounds({});
    const persons = await rounds(personal);
    const who = clerk.viewer({ justification: 'a threat to life' });
    const about = (refs: readonly StatementRef[], value: object) =>
      refs.filter(({ id }) => JSON.stringify(value).includes(id)).length;
    const lists = {
      headers: (await headings(clerk)).filter((header) => header.room === room),
      tasks: (await see((sources) => releaseTasks(who, sources))).value.tasks,
      recalls: (await see((sources) => releaseRecalls(who, sources, async () => null))).value.recalls,
      holds: (await see((sources) => releaseHolds(who, sources))).value.holds,
      requests: (await see((sources) => releaseSubjects(who, sources))).value.requests,
      complaints: (await see((sources) => releaseComplaints(who, null, sources))).value.complaints,
    };
    for (const [name, list] of Object.entries(lists)) {
      assert.ok(about(things, list) > 0, name);
      assert.equal(about(persons, list), 0, name);
    }
    for (const ref of persons) {
      await assert.rejects(
        see((sources) => releaseStatement(who, ref, sources)),
        { code: 'absent' },
      );
      await assert.rejects(
        see((sources) => releaseReceipt(who, ref, sources)),
        { code: 'absent' },
      );
    }
    const theirs = (await see((sources) => releaseTasks(s.anna.viewer(), sources))).value.tasks;
    assert.ok(about(persons, theirs) > 0);
  });

  it('nor who read it, in its own party’s list and as who supervises', async () => {
    const room = await s.world.room([], {});
    await s.host.changeTerms(room, { supervisor: s.eve.party });
    for (const by of [s.anna, s.bert]) {
      await s.host.invite(room, by);
      await by.accept(room);
    }
    await s.host.invite(room, s.eve, 'supervisor');
    await s.eve.accept(room);
    const person = (await s.bert.share(room, [indicator('a person')], personal)).ref;
    const thing = (await s.bert.share(room, [indicator('a thing')])).ref;
    await s.anna.read(room, { justification: 'a threat to life' });
    const words = [makePart({ reason: 'the witness Jan Jansen' }, random)];
    await s.anna.say('complaint.lodge/1', { about: s.bert.party, statement: person }, { room, parts: words });
    const assistant = await s.eve.enrol(['read'], null, { personal: false });
    const read: ReadJournal = (...page) => s.world.centre.journals.accesses.ofParties(...page);
    const seenBy = async (actor: Actor) => {
      const viewer = actor.viewer();
      const accesses = await see((sources) =>
        releaseSupervisedAccesses(viewer, room, { after: null, limit: 100 }, sources, read, String),
      );
      const numbers = await see((sources) =>
        releaseStatistics(viewer, room, { from: 0, after: null }, sources, read, String),
      );
      const ids = accesses.value.accesses.flatMap(({ statements }) => statements.map(({ id }) => id));
      const parts = numbers.value.accesses.map((row) => row.parts);
      return { ids: new Set(ids), parts, complaints: numbers.value.complaints.length };
    };
    assert.deepEqual(await seenBy(s.eve), { ids: new Set([person.id, thing.id]), parts: [2], complaints: 1 });
    assert.deepEqual(await seenBy(assistant), { ids: new Set([thing.id]), parts: [1], complaints: 0 });
    const places = await see(({ log }) => log.findAll([person, thing]));
    const beyond = await see((sources) =>
      releaseOwn(clerk.viewer(), sources, (_, beyondOf) => beyondOf(places.map(Number))),
    );
    assert.deepEqual([...beyond.value], [places[0]]);
    await assert.rejects(
      see((sources) => releaseWhole(clerk.viewer(), sources, async () => 1)),
      { code: 'device.limited' },
    );
  });
});
