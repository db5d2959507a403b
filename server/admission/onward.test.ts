/** What belongs to somebody else is passed on only as its originator allowed. */
import { after, before, describe } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { indicator, terms } from '../testing/actor.ts';
import { begin, type Setting, table } from './testing/setting.ts';

const cyber = { purposes: ['cyber-defence'], handling: { ...terms.handling, purposes: ['cyber-defence'] } };
const newer = '2026-05-02T12:00:00.000Z';

describe('passing on', () => {
  let s: Setting;
  let room: string;
  /** Bert's own, where Anna is not. */
  let other: string;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert, s.carl]);
    other = await s.bert.openRoom();
  });
  after(() => s.end());

  const said = async (how: Partial<Handling>) => {
    const object = indicator('hers');
    await s.anna.share(room, [object], how);
    return object;
  };
  const onward = (name: string, how: () => Partial<Handling>, say: (object: object) => Promise<unknown>) =>
    refused(name, 'handling.onward', '/parts/0', async () => {
      const object = await said(how());
      return () => say(object);
    });
  const named = (): Partial<Handling> => ({ to: { parties: [s.bert.party] }, onward: 'never', tlp: 'red' });
  const publicly: Partial<Handling> = { to: 'public', tlp: 'clear', purposes: ['public-information'] };
  onward(
    'another’s object in another room',
    () => ({}),
    (object) => s.bert.share(other, [object]),
  );
  onward(
    'it in another room, though members may pass it on',
    () => ({ onward: 'room' }),
    (object) => s.bert.share(other, [object]),
  );
  onward(
    'it to the public',
    () => ({ onward: 'room' }),
    (object) => s.bert.share(room, [object], publicly),
  );
  onward('it to the room, where it was for named parties', named, (object) => s.bert.share(room, [object]));
  onward('it to others than those named', named, (object) =>
    s.bert.share(room, [object], { to: { parties: [s.carl.party] }, tlp: 'red' }),
  );
  onward(
    'it for another purpose',
    () => ({}),
    (object) => s.bert.share(room, [object], { purposes: ['event-security', 'threat-prevention'] }),
  );
  onward(
    'it without its mark as personal',
    () => ({ personal: [{ category: 'other', nature: 'fact' }] }),
    (object) => s.bert.share(room, [object]),
  );
  for (const [name, old, next] of [
    ['under a wider label', { tlp: 'amber+strict' }, { tlp: 'amber' }],
    ['passed on more freely', { onward: 'never' }, { onward: 'ask' }],
    ['without its end', { until: '2099-01-01T00:00:00.000Z' }, { until: null }],
    ['with a later end', { until: '2099-01-01T00:00:00.000Z' }, { until: '2099-01-02T00:00:00.000Z' }],
  ] as const)
    onward(
      `it ${name}`,
      () => old,
      (object) => s.bert.share(room, [object], next),
    );
  onward(
    'a newer version of it',
    () => ({}),
    (object) => s.bert.share(other, [{ ...object, modified: newer }]),
  );
  for (const [name, how] of [
    ['in another room', () => ({ where: other, how: {} })],
    ['to all of the room', () => ({ where: room, how: {} })],
  ] as const)
    refused(`it ${name}, said first as narrowly as it was`, 'handling.onward', '/parts/0', async () => {
      const object = await said(named());
      await s.bert.share(room, [object], named());
      const { where, how: handling } = how();
      return () => s.bert.share(where, [{ ...object, modified: newer }], handling);
    });
  admitted('it in the same room under the same handling', async () => s.bert.share(room, [await said({})]));
  admitted('it in the same room, where members may pass it on', async () =>
    s.bert.share(room, [await said({ to: { parties: [s.bert.party] }, onward: 'room' })]),
  );
  admitted('it to whom it was named for', async () =>
    s.bert.share(room, [await said({ ...named(), to: { parties: [s.bert.party, s.carl.party] } })], {
      to: { parties: [s.carl.party] },
      onward: 'never',
      tlp: 'red',
    }),
  );
  admitted('what was public, anywhere', async () => s.bert.share(other, [await said(publicly)]));
  admitted('what the speaker cannot know of', async () => s.carl.share(room, [await said(named())]));
  admitted('what the speaker has shared before', async () => {
    const object = indicator('both');
    await s.bert.share(other, [object]);
    await s.anna.share(room, [object]);
    await s.bert.share(other, [{ ...object, modified: newer }]);
  });

  refused('what was taken back from the speaker alone', 'handling.onward', '/parts/0', async () => {
    const object = indicator('narrowed');
    const { ref } = await s.anna.share(room, [object]);
    await s.anna.recall(room, ref, null, [s.bert]);
    return () => s.bert.share(other, [object]);
  });
  admitted('what was withheld from the speaker before it came', async () => {
    const object = indicator('narrowed before');
    const of = await s.world.room([s.anna], { past: true });
    const { ref } = await s.anna.share(of, [object]);
    await s.anna.recall(of, ref, null, [s.bert]);
    await s.host.invite(of, s.bert);
    await s.bert.accept(of);
    await s.bert.share(other, [object]);
  });

  describe('what was granted', () => {
    const granted = async () => {
      const [open, closed] = [indicator('granted'), indicator('withheld')];
      const { ref } = await s.anna.share(room, [open, closed]);
      await s.anna.grant(room, ref, s.eve, { parts: [0] });
      return { open, closed, mine: await s.eve.openRoom() };
    };
    refused('is not passed on', 'handling.onward', '/parts/0', async () => {
      const { open, mine } = await granted();
      return () => s.eve.share(mine, [open]);
    });
    admitted('tells nothing of the parts beside it', async () => {
      const { closed, mine } = await granted();
      await s.eve.share(mine, [closed]);
    });
    admitted('does not bind what its reader had said before', async () => {
      const object = indicator('known to both');
      const mine = await s.eve.openRoom();
      const { ref } = await s.anna.share(room, [object]);
      await s.eve.share(mine, [object]);
      await s.anna.grant(room, ref, s.eve);
      await s.eve.share(mine, [{ ...object, modified: newer }]);
    });
    admitted('and recalled binds nobody', async () => {
      const object = indicator('recalled');
      const { ref } = await s.anna.share(room, [object]);
      await s.anna.grant(room, ref, s.eve);
      await s.anna.recall(room, ref);
      await s.eve.share(await s.eve.openRoom(), [object]);
    });
  });

  admitted('what no purpose opens to the speaker: it cannot know of it', async () => {
    const split = await s.world.room([s.anna, s.bert], { purposes: ['event-security', 'cyber-defence'] });
    await s.host.changeTerms(split, cyber);
    await s.bert.accept(split);
    const object = indicator('closed to him');
    await s.anna.share(split, [object]);
    await s.bert.share(other, [object]);
  });
});
