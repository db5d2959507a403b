/** What the centre says of itself is held to the same rules, and nobody else says it. */
import { after, before, describe } from 'node:test';
import type { Code } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { indicator } from '../testing/actor.ts';
import { begin, type Setting, table } from './testing/setting.ts';

describe('what the centre says', () => {
  let s: Setting;
  let room: string;
  const { refused } = table(() => s);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert]);
  });
  after(() => s.end());

  const share = async (until: string | null = null): Promise<StatementRef> =>
    (await s.anna.share(room, [indicator('x'), indicator('y')], { until })).ref;
  const digest = () => ({ from: s.at(-60), to: s.at(-30), leaves: 0, root: `${'A'.repeat(43)}=` });

  refused('a notice by a party', 'centre.only', '/kind', async () => {
    const target = await share();
    const body = { cause: 'recall', target, parts: [0], by: target, to: s.bert.party };
    return () => s.anna.say('notice/1', body, { room });
  });
  refused('an ending by a party', 'centre.only', '/kind', async () => {
    const target = await share(s.at(60));
    return () => s.host.say('expiry/1', { target, due: s.at(60) }, { room });
  });
  refused(
    'a commitment to accesses by a party',
    'centre.only',
    '/kind',
    () => () => s.host.say('access.digest/1', digest()),
  );

  const notices = (
    name: string,
    code: Code,
    at: string,
    about: (target: StatementRef, by: StatementRef) => object,
  ) =>
    refused(name, code, at, async () => {
      const target = await share();
      const { ref: by } = await s.anna.recall(room, target);
      const { where, ...changed } = { where: room, ...about(target, by) } as { where: string };
      const body = { cause: 'recall', target, parts: [0], by, to: s.bert.party, ...changed };
      return () => s.centre.say('notice/1', body, { room: where });
    });
  const nowhere = () => ({ party: s.anna.party, id: crypto.randomUUID() });
  notices('a notice of what was never said', 'target.unknown', '/body/target', () => ({ target: nowhere() }));
  notices('a notice by what was never said', 'target.unknown', '/body/by', () => ({ by: nowhere() }));
  notices('a notice to nobody', 'party.unknown', '/body/to', () => ({ to: 'f'.repeat(64) }));
  notices('a notice to the originator', 'party.unknown', '/body/to', () => ({ to: s.anna.party }));
  notices('a notice of a part that there is not', 'target.unknown', '/body/parts', () => ({ parts: [2] }));
  notices('a notice in another room', 'header.room', '/room', () => ({ where: crypto.randomUUID() }));
  notices('a notice of a recall of something else', 'rule.broken', '/body/by', (target) => ({ by: target }));
  notices('a notice of a correction that is none', 'rule.broken', '/body/by', () => ({
    cause: 'correction',
  }));

  const endings = (name: string, code: Code, at: string, seconds: number, about: () => object) =>
    refused(name, code, at, async () => {
      const due = s.at(30);
      const target = await share(due);
      s.later(seconds);
      const { where, ...changed } = { where: room, ...about() } as { where: string };
      return () => s.centre.say('expiry/1', { target, due, ...changed }, { room: where });
    });
  endings('an ending before its time', 'rule.broken', '/body/due', 10, () => ({}));
  endings('an ending at another time', 'rule.broken', '/body/due', 31, () => ({ due: s.at(-20) }));
  endings('an ending in another room', 'header.room', '/room', 31, () => ({ where: crypto.randomUUID() }));
  refused('an ending of what has none', 'rule.broken', '/body/due', async () => {
    const target = await share();
    return () => s.centre.say('expiry/1', { target, due: s.at(0) }, { room });
  });
  refused('an ending of what was taken back', 'target.recalled', '/body/target', async () => {
    const due = s.at(30);
    const target = await share(due);
    await s.anna.recall(room, target);
    s.later(31);
    return () => s.centre.say('expiry/1', { target, due }, { room });
  });

  refused(
    'a commitment to what is still to come',
    'rule.broken',
    '/body/to',
    () => () => s.centre.say('access.digest/1', { ...digest(), to: s.at(60) }),
  );
  refused('a commitment to no time', 'rule.broken', '/body/to', () => {
    const { from, ...rest } = digest();
    return () => s.centre.say('access.digest/1', { ...rest, from, to: from });
  });
});
