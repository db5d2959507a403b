/** As what a party comes into a room, on what ground, at what level; and being suspended and restored: rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { groundFor } from '@parley/core/transfer.ts';
import { releaseLocked } from '../release/locked.ts';
import { type Actor, handling, indicator } from '../testing/actor.ts';
import { begin, type Setting, table } from './testing/setting.ts';

const treaty = { id: 'agreement' as const, text: 'Treaty of 3 May, Art. 7' };

describe('standing in a room', () => {
  let s: Setting;
  /** Of the host's: Anna is a member, Bert observes, Carl supervises. */
  let room: string;
  let experts: Actor;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna], { supervisor: s.carl.party });
    await s.host.invite(room, s.bert, 'observer');
    await s.bert.accept(room);
    await s.host.invite(room, s.carl, 'supervisor');
    await s.carl.accept(room);
    experts = await s.world.party('Experts', { level: 'technical' });
  });
  after(() => s.end());

  const say = (by: Actor, kind: Parameters<Actor['say']>[0], body: object = {}, of = room) =>
    by.say(kind, body, { room: of });
  const accept = async (by: Actor, of: string) =>
    by.say('room.accept/1', { terms: await by.termsHash(of) }, { room: of });
  const remove = (of: string, party: Actor) =>
    s.host.say('room.remove/1', { party: party.party }, { room: of });

  for (const [who, actor] of [
    ['an observer', () => s.bert],
    ['a supervisor', () => s.carl],
  ] as const) {
    refused(`a share by ${who}`, 'room.observer', '/room', () => () => actor().share(room, [indicator('x')]));
    refused(`a request by ${who}`, 'room.observer', '/room', async () => {
      const { ref } = await s.anna.share(room, [indicator('x')], { to: 'observers' });
      const body = { target: ref, parts: null, to: s.eve.party, purposes: handling.purposes };
      return () => say(actor(), 'ask/1', body);
    });
    refused(`a grant by ${who}`, 'room.observer', '/room', async () => {
      const { ref } = await s.anna.share(room, [indicator('x')]);
      return () => actor().grant(room, ref, s.eve);
    });
    refused(`an invitation by ${who}`, 'room.not-owner', '/room', () => () => actor().invite(room, s.eve));
    refused(`suspending by ${who}`, 'room.not-owner', '/room', () => () => actor().suspend(room, s.anna));
  }
  admitted('that an observer declines new terms, accepts them, and leaves', async () => {
    const of = await s.host.openRoom();
    await s.host.invite(of, s.bert, 'observer');
    await s.bert.accept(of);
    await s.host.changeTerms(of, { retention: 30 });
    await s.bert.say('room.decline/1', { terms: await s.bert.termsHash(of) }, { room: of });
    await s.bert.accept(of);
    await say(s.bert, 'room.leave/1', {}, of);
  });
  refused(
    'who observes and is invited as a member',
    'room.member',
    '/body/party',
    () => () => s.host.invite(room, s.bert, 'member'),
  );

  refused(
    'a supervisor that the terms do not name',
    'room.supervisor',
    '/body/as',
    () => () => s.host.invite(room, s.eve, 'supervisor'),
  );
  refused('the supervisor that comes as a member', 'room.supervisor', '/body/as', async () => {
    const of = await s.host.openRoom({ supervisor: s.eve.party });
    return () => s.host.invite(of, s.eve);
  });
  refused(
    'a room that its owner supervises',
    'room.supervisor',
    '/parts/0/supervisor',
    () => () => s.host.openRoom({ supervisor: s.host.party }),
  );
  refused(
    'a member that becomes the supervisor',
    'room.supervisor',
    '/parts/0/supervisor',
    () => () => s.host.changeTerms(room, { supervisor: s.anna.party }),
  );
  refused('who was invited as a member, and is named since', 'room.supervisor', '/room', async () => {
    const of = await s.host.openRoom();
    await s.host.invite(of, s.eve);
    await s.host.changeTerms(of, { supervisor: s.eve.party });
    return () => accept(s.eve, of);
  });
  refused('who was invited as supervisor, and is named no more', 'room.supervisor', '/room', async () => {
    const of = await s.host.openRoom({ supervisor: s.eve.party });
    await s.host.invite(of, s.eve, 'supervisor');
    await s.host.changeTerms(of, {});
    return () => accept(s.eve, of);
  });
  refused(
    'suspending the supervisor',
    'room.supervisor',
    '/body/party',
    () => () => s.host.suspend(room, s.carl),
  );
  refused(
    'removing the supervisor that the terms name',
    'room.supervisor',
    '/body/party',
    () => () => remove(room, s.carl),
  );
  admitted('removing it once they do not', async () => {
    const of = await s.host.openRoom({ supervisor: s.eve.party });
    await s.host.invite(of, s.eve, 'supervisor');
    await s.eve.accept(of);
    await s.host.changeTerms(of, {});
    await remove(of, s.eve);
  });

  refused('suspending the owner', 'room.owner', '/body/party', () => () => s.host.suspend(room, s.host));
  refused(
    'suspending who is no member',
    'party.unknown',
    '/body/party',
    () => () => s.host.suspend(room, s.eve),
  );
  refused(
    'suspending nobody',
    'party.unknown',
    '/body/party',
    () => () => s.host.say('room.suspend/1', { party: 'f'.repeat(64) }, { room }),
  );
  refused(
    'restoring who is not suspended',
    'party.unknown',
    '/body/party',
    () => () => s.host.restore(room, s.anna),
  );
  refused('restoring by the suspended', 'room.not-owner', '/room', async () => {
    const of = await suspended();
    return () => s.anna.restore(of, s.anna);
  });

  /** A room in which Anna is suspended. */
  async function suspended(): Promise<string> {
    const of = await s.world.room([s.anna]);
    await s.host.suspend(of, s.anna);
    return of;
  }
  refused('suspending twice', 'state.already', '/body/party', async () => {
    const of = await suspended();
    return () => s.host.suspend(of, s.anna);
  });
  refused('inviting the suspended', 'room.member', '/body/party', async () => {
    const of = await suspended();
    return () => s.host.invite(of, s.anna);
  });
  refused('a share by the suspended', 'room.suspended', '/room', async () => {
    const of = await suspended();
    return () => s.anna.share(of, [indicator('x')]);
  });
  refused('new terms accepted by the suspended', 'room.suspended', '/room', async () => {
    const of = await suspended();
    await s.host.changeTerms(of, { retention: 30 });
    return () => accept(s.anna, of);
  });
  refused('naming the suspended', 'handling.recipient', '/body/handling/to/parties/0', async () => {
    const of = await suspended();
    return () => s.host.share(of, [indicator('x')], { to: { parties: [s.anna.party] } });
  });
  admitted('that the suspended takes back its own, answers, and leaves', async () => {
    const of = await s.world.room([s.anna, s.bert]);
    const mine = await s.anna.share(of, [indicator('mine')]);
    const theirs = await s.bert.share(of, [indicator('theirs')]);
    await s.anna.read(of);
    await s.host.suspend(of, s.anna);
    await s.anna.recall(of, mine.ref);
    await s.bert.recall(of, theirs.ref);
    await s.world.centre.round();
    const notice = await s.world.centre.read(async ({ recalls, log }) => {
      const [first] = (await recalls.noticesTo(s.anna.party)).filter(({ room: where }) => where === of);
      const [record] = await log.records([first?.index ?? -1]);
      return record && { party: record.header.party, id: record.header.id };
    });
    assert.ok(notice);
    await say(s.anna, 'ack/1', { notice, answer: 'destroyed', basis: null, until: null }, of);
    await say(s.anna, 'room.leave/1', {}, of);
  });
  admitted('that the suspended is removed, and invited anew', async () => {
    const of = await suspended();
    await remove(of, s.anna);
    await s.host.invite(of, s.anna);
    await s.anna.accept(of);
  });
  admitted('that a restored member shares again, as what it was', async () => {
    const of = await suspended();
    await s.host.restore(of, s.anna);
    await s.anna.share(of, [indicator('again')]);
    await s.host.invite(of, s.bert, 'observer');
    await s.bert.accept(of);
    await s.host.suspend(of, s.bert);
    await s.host.restore(of, s.bert);
    await assert.rejects(s.bert.share(of, [indicator('x')]), { code: 'room.observer' });
  });

  refused('a party of another level, invited', 'party.level', '/body/party', async () => {
    const of = await s.host.openRoom({ level: 'ministerial' });
    return () => s.host.invite(of, experts);
  });
  refused('a party of another level that accepts new terms', 'party.level', '/room', async () => {
    const of = await s.world.room([experts]);
    await s.host.changeTerms(of, { level: 'ministerial' });
    return () => accept(experts, of);
  });
  refused(
    'a room of another level opened by it',
    'party.level',
    '/parts/0/level',
    () => () => experts.openRoom({ level: 'ministerial' }),
  );
  admitted('a party of the level, and one of any', async () => {
    const of = await s.world.room([experts, s.anna], { level: 'technical' });
    await experts.share(of, [indicator('measured')]);
    await experts.openRoom();
  });

  const protection = { controller: 'each' as const, processor: null, transfers: [], others: null };
  const only = (...parties: readonly Actor[]) => ({
    ...protection,
    transfers: parties.map(({ party }) => ({ party, ground: treaty })),
  });
  refused(
    'a room without a ground for its owner',
    'terms.no-ground',
    '/parts/0/protection',
    () => () => s.host.openRoom({ protection }),
  );
  refused('an acceptance without a ground', 'terms.no-ground', '/body/terms', async () => {
    const of = await s.host.openRoom({ protection: only(s.host, s.anna) });
    await s.host.invite(of, s.bert);
    return () => accept(s.bert, of);
  });
  refused('an observer without a ground', 'terms.no-ground', '/body/terms', async () => {
    const of = await s.host.openRoom({ protection: only(s.host) });
    await s.host.invite(of, s.bert, 'observer');
    return () => accept(s.bert, of);
  });
  admitted('who is named, whoever is not where others have a ground, and the controller', async () => {
    await s.world.room([s.anna], { protection: only(s.host, s.anna) });
    await s.world.room([s.bert], { protection: { ...only(s.host), others: treaty } });
    await s.host.openRoom({ protection: { ...protection, controller: s.host.party } });
    assert.equal(groundFor({ ...protection, controller: s.host.party }, s.host.party), 'controller');
  });

  describe('what is for observers', () => {
    const names = { to: 'observers' as const };
    admitted('is read by members and observers, and what is for members by members', async () => {
      const of = await s.world.room([s.anna]);
      await s.host.invite(of, s.bert, 'observer');
      await s.bert.accept(of);
      await s.host.share(of, [indicator('for members')]);
      await s.host.share(of, [indicator('for observers')], names);
      await s.host.share(of, [indicator('for Bert')], { to: { parties: [s.bert.party] } });
      assert.deepEqual(await s.anna.names(of), ['for members', 'for observers']);
      assert.deepEqual(await s.bert.names(of), ['for observers', 'for Bert']);
    });
    it('counts what is locked by what each could see: not the gap of a suspension, nor what is for members', async () => {
      const of = await s.world.room([s.anna]);
      await s.host.invite(of, s.bert, 'observer');
      await s.bert.accept(of);
      const locked = { purposes: ['threat-prevention'] };
      const both = async () => {
        await s.host.share(of, [indicator('x')], locked);
        await s.host.share(of, [indicator('x'), indicator('y')], { ...locked, ...names });
      };
      const counts = () =>
        Promise.all(
          [s.anna, s.bert].map((actor) =>
            s.world.centre.read(async (sources) => {
              const { value } = await releaseLocked(actor.viewer(), of, sources);
              return value.locked.reduce((sum, { count }) => sum + count, 0);
            }),
          ),
        );
      await both();
      assert.deepEqual(await counts(), [3, 2]);
      await s.host.suspend(of, s.anna);
      await both();
      assert.deepEqual(await counts(), [0, 4]);
      await s.host.restore(of, s.anna);
      await s.host.suspend(of, s.bert);
      assert.deepEqual(await counts(), [3, 0]);
      await both();
      await s.host.restore(of, s.bert);
      assert.deepEqual(await counts(), [6, 4]);
    });
    const heard = async (how: object) => {
      const of = await s.world.room([s.anna, s.eve], { roster: false });
      await s.host.invite(of, s.bert, 'observer');
      await s.bert.accept(of);
      const object = indicator('heard');
      await s.host.share(of, [object], { onward: 'room', ...how });
      return { of, object };
    };
    const at = '/parts/0';
    refused('passing on to observers what is for members', 'handling.onward', at, async () => {
      const { of, object } = await heard({});
      return () => s.anna.share(of, [object], names);
    });
    refused('naming an observer instead', 'handling.onward', at, async () => {
      const { of, object } = await heard({});
      return () => s.anna.share(of, [object], { to: { parties: [s.bert.party] } });
    });
    refused('passing on to observers what names its recipients', 'handling.onward', at, async () => {
      const { of, object } = await heard({ to: { parties: [s.anna.party] } });
      return () => s.anna.share(of, [object], names);
    });
    refused('naming an observer whom the original does not', 'handling.onward', at, async () => {
      const { of, object } = await heard({ to: { parties: [s.anna.party] } });
      return () => s.anna.share(of, [object], { to: { parties: [s.bert.party] } });
    });
    admitted('passing on what is for observers, to them, to members, and to one of them', async () => {
      const { of, object } = await heard(names);
      await s.anna.share(of, [object], names);
      await s.eve.share(of, [object]);
      const other = await heard(names);
      await s.anna.share(other.of, [other.object], { to: { parties: [s.bert.party] } });
    });
    admitted('naming an observer whom the original names, and members', async () => {
      const { of, object } = await heard({ to: { parties: [s.anna.party, s.bert.party] } });
      await s.anna.share(of, [object], { to: { parties: [s.bert.party, s.eve.party] } });
    });
    refused(
      'naming the supervisor',
      'handling.recipient',
      '/body/handling/to/parties/0',
      () => () => s.host.share(room, [indicator('x')], { to: { parties: [s.carl.party] } }),
    );
  });

  it('tells nobody who stands outside', async () => {
    const elsewhere = crypto.randomUUID();
    for (const place of [room, elsewhere])
      for (const [kind, body] of [
        ['room.suspend/1', { party: s.anna.party }],
        ['room.restore/1', { party: s.anna.party }],
        ['undertaking.resume/1', { suspension: { party: s.anna.party, id: crypto.randomUUID() } }],
      ] as const)
        await assert.rejects(s.eve.say(kind, body, { room: place }), { code: 'room.unknown', at: '/room' });
  });
});
