/** Devices that may less than their party: in some rooms only, with or without personal data. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { begin, type Setting } from './admission/testing/setting.ts';
import { releaseStatement } from './release/content.ts';
import { releaseTasks } from './release/dues.ts';
import { releaseHeadings } from './release/headings.ts';
import { releaseLocked } from './release/locked.ts';
import { releaseOwn } from './release/own.ts';
import { releaseRecovery } from './release/recovery.ts';
import type { Sources } from './release/sources.ts';
import { releaseDevices, releaseParties, releaseRooms } from './release/views.ts';
import { type Actor, indicator } from './testing/actor.ts';

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
});
