/** Rooms: terms, invitations, joining and leaving, rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePart, type Part } from '@parley/core/parts.ts';
import type { Statement } from '@parley/core/statement.ts';
import { readersAt } from '../sources.ts';
import { type Actor, indicator, random, terms } from '../testing/actor.ts';
import { admit } from './admit.ts';
import { checkShape } from './check.ts';
import type { Readers } from './readers.ts';
import { maxInvitations, maxInvitationsToOne, maxRooms } from './rooms.ts';
import { begin, refusalOf, type Setting, table } from './testing/setting.ts';

const otherHash = `${'A'.repeat(43)}=`;

describe('rooms', () => {
  let s: Setting;
  /** Of the host's, with Anna and Bert. */
  let room: string;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert]);
  });
  after(() => s.end());

  const withdraw = (by: Actor, of: string, party: Actor) =>
    by.say('room.withdraw/1', { party: party.party }, { room: of });
  const remove = (by: Actor, of: string, party: Actor) =>
    by.say('room.remove/1', { party: party.party }, { room: of });
  const leave = (by: Actor, of: string) => by.say('room.leave/1', {}, { room: of });
  const decline = (by: Actor, of: string, hash: string) =>
    by.say('room.decline/1', { terms: hash }, { room: of });
  const accept = (by: Actor, of: string, hash: string) =>
    by.say('room.accept/1', { terms: hash }, { room: of });
  const open = async (...invited: readonly Actor[]) => {
    const opened = await s.host.openRoom();
    for (const party of invited) await s.host.invite(opened, party);
    return opened;
  };

  refused('a room of the centre’s own', 'rule.broken', undefined, () => () => s.centre.openRoom());
  refused(
    'new terms by a member that is not the owner',
    'room.not-owner',
    '/room',
    () => () => s.anna.changeTerms(room, { title: 'Taken over' }),
  );
  refused(
    'terms that contradict themselves',
    'part.malformed',
    '/parts/0/handling/purposes',
    () => () => s.host.changeTerms(room, { purposes: ['cyber-defence'] }),
  );
  refused(
    'an invitation by a member that is not the owner',
    'room.not-owner',
    '/room',
    () => () => s.anna.invite(room, s.carl),
  );
  refused('an invitation of a member', 'room.member', '/body/party', () => () => s.host.invite(room, s.anna));
  refused('an invitation of oneself', 'room.member', '/body/party', () => () => s.host.invite(room, s.host));
  refused('an invitation of who is invited', 'room.member', '/body/party', async () => {
    const opened = await open(s.carl);
    return () => s.host.invite(opened, s.carl);
  });
  refused(
    'an invitation of the centre',
    'party.unknown',
    '/body/party',
    () => () => s.host.invite(room, s.centre),
  );
  refused(
    'an invitation of nobody',
    'party.unknown',
    '/body/party',
    () => () => s.host.say('room.invite/1', { party: 'f'.repeat(64) }, { room }),
  );
  for (const [name, leaves] of [
    ['declined', async (of: string) => decline(s.carl, of, await s.carl.termsHash(of))],
    ['was withdrawn', (of: string) => withdraw(s.host, of, s.carl)],
    ['left', async (of: string) => [await s.carl.accept(of), await leave(s.carl, of)]],
    ['was removed', async (of: string) => [await s.carl.accept(of), await remove(s.host, of, s.carl)]],
  ] as const) {
    admitted(`an invitation of who ${name}`, async () => {
      const opened = await open(s.carl);
      await leaves(opened);
      await s.host.invite(opened, s.carl);
      await s.carl.accept(opened);
    });
    refused(`who ${name} and accepts all the same`, 'invitation.unknown', '/room', async () => {
      const opened = await open(s.carl);
      await leaves(opened);
      return async () => accept(s.carl, opened, await s.carl.termsHash(opened));
    });
    refused(`who ${name} and declines`, 'invitation.unknown', '/room', async () => {
      const opened = await open(s.carl);
      await leaves(opened);
      return async () => decline(s.carl, opened, await s.carl.termsHash(opened));
    });
  }

  refused(
    'withdrawing an invitation that was taken',
    'invitation.unknown',
    '/body/party',
    () => () => withdraw(s.host, room, s.anna),
  );
  refused(
    'withdrawing an invitation that was never given',
    'invitation.unknown',
    '/body/party',
    () => () => withdraw(s.host, room, s.eve),
  );
  refused('withdrawing by a member that is not the owner', 'room.not-owner', '/room', async () => {
    const opened = await open(s.anna, s.carl);
    await s.anna.accept(opened);
    return () => withdraw(s.anna, opened, s.carl);
  });

  refused('accepting other terms than those offered', 'terms.other', '/body/terms', async () => {
    const opened = await open(s.carl);
    return () => accept(s.carl, opened, otherHash);
  });
  refused('accepting terms that have changed meanwhile', 'terms.other', '/body/terms', async () => {
    const opened = await open(s.carl);
    const seen = await s.carl.termsHash(opened);
    await s.host.changeTerms(opened, { title: 'Other' });
    return () => accept(s.carl, opened, seen);
  });
  refused('accepting twice', 'answer.given', '/body/terms', () => async () => s.anna.accept(room));
  refused('declining other terms than those offered', 'terms.other', '/body/terms', async () => {
    const opened = await open(s.carl);
    return () => decline(s.carl, opened, otherHash);
  });
  refused(
    'declining the terms that one has accepted',
    'invitation.unknown',
    '/room',
    () => async () => decline(s.anna, room, await s.anna.termsHash(room)),
  );
  admitted('a member that declines new terms: it stays under the old ones', async () => {
    const opened = await open(s.carl);
    await s.carl.accept(opened);
    await s.host.changeTerms(opened, {
      purposes: ['cyber-defence'],
      handling: { ...terms.handling, purposes: ['cyber-defence'] },
    });
    await decline(s.carl, opened, await s.carl.termsHash(opened));
    await s.carl.share(opened, [indicator('under the old terms')]);
  });

  refused('the owner that leaves', 'room.owner', undefined, () => () => leave(s.host, room));
  refused('leaving twice', 'room.not-member', '/room', async () => {
    const opened = await open(s.carl);
    await s.carl.accept(opened);
    await leave(s.carl, opened);
    return () => leave(s.carl, opened);
  });
  refused('leaving where one is only invited', 'room.not-member', '/room', async () => {
    const opened = await open(s.carl);
    return () => leave(s.carl, opened);
  });
  refused('removing the owner', 'room.owner', '/body/party', () => () => remove(s.host, room, s.host));
  refused(
    'removing who is no member',
    'party.unknown',
    '/body/party',
    () => () => remove(s.host, room, s.eve),
  );
  refused(
    'removing by a member that is not the owner',
    'room.not-owner',
    '/room',
    () => () => remove(s.anna, room, s.bert),
  );

  describe('as many as a party can have', () => {
    const judged = (statement: Statement, parts: readonly Part[], counts: Partial<Readers>) =>
      s.world.centre.read((_, moment) =>
        admit(
          checkShape(statement, parts),
          { ...readersAt(moment, s.world.centre.name), ...counts },
          s.world.centre.now(),
        ),
      );

    it('refuses a room too many', async () => {
      const parts = [makePart(terms, random)];
      const statement = await s.anna.make('room.open/1', {}, { parts });
      const having = (rooms: number) => judged(statement, parts, { roomsOpened: async () => rooms });
      assert.ok(await having(maxRooms - 1));
      const { code, params } = await refusalOf(having(maxRooms));
      assert.deepEqual([code, params], ['room.too-many', { limit: maxRooms }]);
    });

    it('refuses an open invitation too many, in all and to one party', async () => {
      const statement = await s.host.make('room.invite/1', { party: s.eve.party }, { room });
      const having = (all: number, toOne: number) =>
        judged(statement, [], { roomInvitations: async (_, to) => (to === null ? all : toOne) });
      assert.ok(await having(maxInvitations - 1, maxInvitationsToOne - 1));
      const inAll = await refusalOf(having(maxInvitations, 0));
      assert.deepEqual(
        [inAll.code, inAll.at, inAll.params],
        ['room.too-many', undefined, { limit: maxInvitations }],
      );
      const toOne = await refusalOf(having(0, maxInvitationsToOne));
      assert.deepEqual(
        [toOne.code, toOne.at, toOne.params],
        ['room.too-many', '/body/party', { limit: maxInvitationsToOne }],
      );
    });

    it('counts the rooms that a party opened, and the invitations to them that are open', async () => {
      const counts = (owner: Actor, to: Actor | null) =>
        s.world.centre.read(async (_, moment) => {
          const { roomsOpened, roomInvitations } = readersAt(moment, s.world.centre.name);
          return [await roomsOpened(owner.party), await roomInvitations(owner.party, to?.party ?? null)];
        });
      assert.deepEqual(await counts(s.eve, null), [0, 0]);
      const first = await s.eve.openRoom();
      const second = await s.eve.openRoom();
      for (const [of, party] of [
        [first, s.anna],
        [first, s.bert],
        [second, s.anna],
      ] as const)
        await s.eve.invite(of, party);
      assert.deepEqual(await counts(s.eve, null), [2, 3]);
      assert.deepEqual(await counts(s.eve, s.anna), [2, 2]);
      await s.anna.accept(first);
      await withdraw(s.eve, first, s.bert);
      assert.deepEqual(await counts(s.eve, null), [2, 1]);
      assert.deepEqual(await counts(s.eve, s.bert), [2, 0]);
      assert.deepEqual(await counts(s.anna, null), [0, 0]);
    });
  });

  describe('whoever stands outside', () => {
    const parts = [makePart(terms, random)];
    const everything: readonly [string, (by: Actor, of: string) => Promise<unknown>][] = [
      ['changes terms', (by, of) => by.say('room.terms/1', {}, { room: of, parts })],
      ['invites', (by, of) => by.invite(of, s.anna)],
      ['withdraws', (by, of) => withdraw(by, of, s.anna)],
      ['removes', (by, of) => remove(by, of, s.anna)],
      ['leaves', leave],
      ['accepts', async (by, of) => accept(by, of, await by.termsHash(of))],
      ['declines', async (by, of) => decline(by, of, await by.termsHash(of))],
      ['shares', (by, of) => by.share(of, [indicator('x')])],
    ];
    for (const [what, say] of everything)
      refused(`and ${what}`, 'room.unknown', '/room', () => () => say(s.eve, room));

    const left = [
      'room.not-owner',
      'room.not-owner',
      'room.not-owner',
      'room.not-owner',
      'room.not-member',
      'invitation.unknown',
      'invitation.unknown',
      'room.not-member',
    ] as const;
    for (const [i, [what, say]] of everything.entries())
      refused(`after leaving, and ${what}`, left[i] ?? 'fault', '/room', async () => {
        const opened = await open(s.carl);
        await s.carl.accept(opened);
        await leave(s.carl, opened);
        return () => say(s.carl, opened);
      });
  });
});
