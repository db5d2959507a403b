/** What a device may not within the rights it has, rule by rule. */
import { after, before, describe } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { type Actor, indicator } from '../testing/actor.ts';
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
  before(async () => {
    s = await begin();
    here = await s.world.room([s.anna, s.bert]);
    there = await s.world.room([s.anna, s.bert], { title: 'Elsewhere' });
    desk = await s.anna.enrol(['read', 'speak', 'govern'], null, { rooms: [here] });
    clerk = await s.anna.enrol(['read', 'speak'], null, { personal: false });
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
  refused('revoking the last that governs without limits', 'device.last', '/body/device', async () => {
    const party = await s.world.party('Party');
    const room = await party.openRoom();
    await party.enrol(['govern'], null, { rooms: [room] });
    return () => party.say('device.revoke/1', { device: party.signer.device });
  });
});
