/**
 * A refusal tells of nothing hidden: whoever refers to what is there and hidden from it is told, to the byte, what it
 * would be told if it were not there.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StatementRef } from '@parley/core/fields.ts';
import { type KindName, kinds } from '@parley/core/kinds.ts';
import { makePart, type Part } from '@parley/core/parts.ts';
import type { Signer } from '@parley/core/statement.ts';
import { Actor, handling, indicator, newSigner, random, terms } from '../testing/actor.ts';
import { recovering } from '../testing/recovery.ts';
import { begin, code, founding, refusedWithoutTrace, resigned, type Setting } from './testing/setting.ts';
import { hiddenFromEve, notThere, type Things } from './testing/things.ts';

interface Row {
  readonly kind: KindName;
  readonly refers: keyof Things;
  readonly say: (things: Things) => Promise<unknown>;
}

describe('whoever asks by speaking', () => {
  let s: Setting;
  let hidden: Things;
  let absent: Things;
  /** Eve's own room, a share of hers in it, and what Anna shared there for others. */
  let own: { room: string; share: StatementRef; others: StatementRef };

  before(async () => {
    s = await begin();
    hidden = await hiddenFromEve(s);
    absent = notThere(hidden);
    const room = await s.world.room([s.eve, s.anna, s.bert]);
    const share = (await s.eve.share(room, [indicator('mine')])).ref;
    const others = await s.anna.share(room, [indicator('not hers')], {
      to: { parties: [s.bert.party] },
      tlp: 'red',
    });
    own = { room, share, others: others.ref };
  });
  after(() => s.end());

  const inRoom = (kind: KindName, room: string, body: object, parts: readonly Part[] = []) =>
    s.eve.say(kind, body, { room, parts });
  const hash = `${'A'.repeat(43)}=`;
  const toEve = { parts: null, purposes: handling.purposes };
  const answer = { answer: 'destroyed', basis: null, until: null };
  const grant = async (about: object, room = own.room) =>
    inRoom('grant/1', room, {
      target: own.share,
      ...toEve,
      to: s.bert.party,
      terms: await s.eve.termsHash(own.room),
      ask: null,
      ...about,
    });

  const held = () => ({ parts: null, basis: 'court-order', review: s.at(3600), until: null });
  const wanted = () => ({ parts: null, request: 'access', due: s.at(3600) });
  const because = [makePart({ reason: 'a person asks' }, random)];

  const rows: readonly Row[] = [
    {
      kind: 'party.withdraw/1',
      refers: 'invitation',
      say: ({ invitation }) => s.eve.say('party.withdraw/1', { key: invitation }),
    },
    {
      kind: 'party.invite/1',
      refers: 'invitation',
      say: ({ invitation }) => s.eve.say('party.invite/1', { key: invitation, until: s.at(60) }),
    },
    {
      kind: 'party.readmit/1',
      refers: 'party',
      say: ({ party }) => s.eve.say('party.readmit/1', { party, key: hash }),
    },
    {
      kind: 'device.revoke/1',
      refers: 'device',
      say: ({ device }) => s.eve.say('device.revoke/1', { device }),
    },
    {
      kind: 'room.terms/1',
      refers: 'room',
      say: ({ room }) => inRoom('room.terms/1', room, {}, [makePart(terms, random)]),
    },
    {
      kind: 'room.invite/1',
      refers: 'room',
      say: ({ room }) => inRoom('room.invite/1', room, { party: s.carl.party }),
    },
    {
      kind: 'room.withdraw/1',
      refers: 'room',
      say: ({ room }) => inRoom('room.withdraw/1', room, { party: s.anna.party }),
    },
    { kind: 'room.withdraw/1', refers: 'party', say: ({ party }) => ownerSays('room.withdraw/1', { party }) },
    {
      kind: 'room.accept/1',
      refers: 'room',
      say: ({ room }) => inRoom('room.accept/1', room, { terms: hash }),
    },
    {
      kind: 'room.decline/1',
      refers: 'room',
      say: ({ room }) => inRoom('room.decline/1', room, { terms: hash }),
    },
    { kind: 'room.leave/1', refers: 'room', say: ({ room }) => inRoom('room.leave/1', room, {}) },
    {
      kind: 'room.remove/1',
      refers: 'room',
      say: ({ room }) => inRoom('room.remove/1', room, { party: s.anna.party }),
    },
    { kind: 'room.remove/1', refers: 'party', say: ({ party }) => ownerSays('room.remove/1', { party }) },
    ...(['room.suspend/1', 'room.restore/1'] as const).flatMap((kind): Row[] => [
      { kind, refers: 'room', say: ({ room }) => inRoom(kind, room, { party: s.anna.party }) },
      { kind, refers: 'party', say: ({ party }) => ownerSays(kind, { party }) },
    ]),
    { kind: 'undertaking.state/1', refers: 'room', say: ({ room }) => stated({}, room) },
    { kind: 'undertaking.state/1', refers: 'party', say: ({ party }) => stated({ by: party }) },
    { kind: 'undertaking.state/1', refers: 'target', say: ({ target }) => stated({ evidence: [target] }) },
    {
      kind: 'undertaking.suspend/1',
      refers: 'room',
      say: ({ room }) => inRoom('undertaking.suspend/1', room, { ...withheld, because: own.share }),
    },
    {
      kind: 'undertaking.suspend/1',
      refers: 'target',
      say: async ({ target }) =>
        inRoom('undertaking.suspend/1', await agreedRoom(), { ...withheld, because: target }),
    },
    {
      kind: 'undertaking.resume/1',
      refers: 'room',
      say: ({ room }) => inRoom('undertaking.resume/1', room, { suspension: own.share }),
    },
    {
      kind: 'undertaking.resume/1',
      refers: 'target',
      say: ({ target }) => inRoom('undertaking.resume/1', own.room, { suspension: target }),
    },
    { kind: 'share/1', refers: 'room', say: ({ room }) => s.eve.share(room, [indicator('x')]) },
    {
      kind: 'share/1',
      refers: 'party',
      say: ({ party }) => s.eve.share(own.room, [indicator('x')], { to: { parties: [party] } }),
    },
    { kind: 'recall/1', refers: 'target', say: ({ target }) => s.eve.recall(own.room, target) },
    { kind: 'recall/1', refers: 'room', say: ({ room }) => s.eve.recall(room, own.share) },
    {
      kind: 'ask/1',
      refers: 'target',
      say: ({ target }) => inRoom('ask/1', own.room, { target, ...toEve, to: s.eve.party }),
    },
    {
      kind: 'ask/1',
      refers: 'room',
      say: ({ room }) => inRoom('ask/1', room, { target: hidden.target, ...toEve, to: s.eve.party }),
    },
    { kind: 'grant/1', refers: 'target', say: ({ target }) => grant({ target }) },
    { kind: 'grant/1', refers: 'ask', say: ({ ask }) => grant({ ask }) },
    { kind: 'grant/1', refers: 'room', say: ({ room }) => grant({}, room) },
    { kind: 'deny/1', refers: 'ask', say: ({ ask }) => inRoom('deny/1', own.room, { ask }) },
    {
      kind: 'deny/1',
      refers: 'room',
      say: async ({ room }) => inRoom('deny/1', room, { ask: await asked() }),
    },
    {
      kind: 'ack/1',
      refers: 'notice',
      say: ({ notice }) => inRoom('ack/1', own.room, { notice, ...answer }),
    },
    {
      kind: 'ack/1',
      refers: 'room',
      say: ({ room }) => inRoom('ack/1', room, { notice: hidden.notice, ...answer }),
    },
    {
      kind: 'notice/1',
      refers: 'target',
      say: ({ target }) =>
        inRoom('notice/1', own.room, { cause: 'recall', target, parts: [0], by: target, to: s.eve.party }),
    },
    {
      kind: 'notice/1',
      refers: 'room',
      say: ({ room }) =>
        inRoom('notice/1', room, {
          cause: 'recall',
          target: own.share,
          parts: [0],
          by: own.share,
          to: s.eve.party,
        }),
    },
    {
      kind: 'expiry/1',
      refers: 'target',
      say: ({ target }) => inRoom('expiry/1', own.room, { target, due: s.at(0) }),
    },
    {
      kind: 'expiry/1',
      refers: 'room',
      say: ({ room }) => inRoom('expiry/1', room, { target: own.share, due: s.at(0) }),
    },
    {
      kind: 'hold/1',
      refers: 'target',
      say: ({ room, target }) => inRoom('hold/1', room, { target, ...held() }),
    },
    {
      kind: 'hold/1',
      refers: 'room',
      say: ({ room }) => inRoom('hold/1', room, { target: own.share, ...held() }),
    },
    {
      kind: 'hold.review/1',
      refers: 'hold',
      say: ({ room, hold }) => inRoom('hold.review/1', room, { hold, review: s.at(3600), until: null }),
    },
    {
      kind: 'hold.end/1',
      refers: 'hold',
      say: ({ room, hold }) => inRoom('hold.end/1', room, { hold }),
    },
    {
      kind: 'hold.end/1',
      refers: 'room',
      say: ({ room }) => inRoom('hold.end/1', room, { hold: hidden.hold }),
    },
    {
      kind: 'subject.request/1',
      refers: 'target',
      say: ({ room, target }) => inRoom('subject.request/1', room, { target, ...wanted() }, because),
    },
    {
      kind: 'subject.request/1',
      refers: 'room',
      say: ({ room }) => inRoom('subject.request/1', room, { target: own.others, ...wanted() }, because),
    },
    {
      kind: 'complaint.lodge/1',
      refers: 'room',
      say: ({ room }) => inRoom('complaint.lodge/1', room, { about: s.anna.party, statement: null }, because),
    },
    {
      kind: 'complaint.lodge/1',
      refers: 'target',
      say: ({ target }) =>
        inRoom('complaint.lodge/1', own.room, { about: s.anna.party, statement: target }, because),
    },
    {
      kind: 'complaint.lodge/1',
      refers: 'party',
      say: ({ party }) => inRoom('complaint.lodge/1', own.room, { about: party, statement: null }, because),
    },
    {
      kind: 'complaint.answer/1',
      refers: 'complaint',
      say: ({ room, complaint }) =>
        inRoom('complaint.answer/1', room, { complaint, verdict: 'answered' }, because),
    },
    {
      kind: 'supervision.open/1',
      refers: 'room',
      say: ({ room }) => inRoom('supervision.open/1', room, opening({})),
    },
    {
      kind: 'supervision.open/1',
      refers: 'target',
      say: async ({ target }) => inRoom('supervision.open/1', await watchedRoom(), opening({ target })),
    },
    {
      kind: 'supervision.open/1',
      refers: 'complaint',
      say: async ({ complaint }) => inRoom('supervision.open/1', await watchedRoom(), opening({ complaint })),
    },
    {
      kind: 'subject.answer/1',
      refers: 'subject',
      say: ({ room, subject }) =>
        inRoom('subject.answer/1', room, { request: subject, answer: 'done', basis: null }),
    },
  ];

  const opening = (about: object) => ({
    complaint: own.share,
    target: own.share,
    parts: null,
    until: s.at(3600),
    ...about,
  });
  /** A room that Eve supervises. */
  let watched: Promise<string> | null = null;
  const watchedRoom = () => {
    watched ??= (async () => {
      const room = await s.world.room([s.anna, s.bert], { supervisor: s.eve.party });
      await s.host.invite(room, s.eve, 'supervisor');
      await s.eve.accept(room);
      return room;
    })();
    return watched;
  };

  const withheld = { undertaking: 'report', from: '0'.repeat(64) };
  /** A room with undertakings, in which Eve is. */
  let agreed: Promise<string> | null = null;
  const agreedRoom = () => {
    const undertakings = [{ id: 'report', by: 'each' as const, text: 'Each reports.', inReturnFor: [] }];
    agreed ??= s.world.room([s.eve], { undertakings });
    return agreed;
  };
  const stated = async (about: object, room?: string) => {
    const place = room ?? (await agreedRoom());
    const terms = await s.eve.termsHash(await agreedRoom());
    const body = { undertaking: 'report', by: s.eve.party, terms, state: 'holds', evidence: [], ...about };
    return inRoom('undertaking.state/1', place, body);
  };

  /** Eve owns a room of her own. */
  let owned: string | null = null;
  async function ownerSays(kind: KindName, body: object): Promise<unknown> {
    owned ??= await s.eve.openRoom();
    return inRoom(kind, owned, body);
  }

  /** An open request to Eve. */
  let request: StatementRef | null = null;
  async function asked(): Promise<StatementRef> {
    const body = { target: own.share, ...toEve, to: s.carl.party };
    request ??= (await s.bert.say('ask/1', body, { room: own.room })).ref;
    return request;
  }

  for (const { kind, refers, say } of rows)
    it(`${kind} that refers to a ${refers}`, async () => {
      await Promise.all([
        ownerSays('room.leave/1', {}).catch(() => {}),
        asked(),
        agreedRoom(),
        watchedRoom(),
      ]);
      const told = await refusedWithoutTrace(s.world, () => say(hidden));
      assert.deepEqual(told, await refusedWithoutTrace(s.world, () => say(absent)));
      assert.equal(JSON.stringify(told).includes(s.anna.party), false);
    });

  it('a request for what was said in a room of hers, for others', async () => {
    const ask = (target: StatementRef) => () =>
      inRoom('ask/1', own.room, { target, ...toEve, to: s.eve.party });
    const told = await refusedWithoutTrace(s.world, ask(own.others));
    assert.deepEqual(
      told,
      await refusedWithoutTrace(s.world, ask({ ...own.others, id: crypto.randomUUID() })),
    );
  });

  it('a share of an object that was shared out of her sight is admitted', async () => {
    const object = indicator('in both');
    await s.anna.share(hidden.room, [object]);
    await s.eve.share(own.room, [object]);
  });

  it('the id of a statement of another party, the centre’s own among them', async () => {
    const parts = [makePart(terms, random)];
    const made = await s.eve.make('room.open/1', {}, { parts });
    const known = async ({ party, id }: StatementRef) =>
      refusedWithoutTrace(s.world, async () =>
        s.world.centre.submit(await resigned(made, { party, id }, s.eve.signer), parts),
      );
    for (const refers of ['target', 'ask', 'notice'] as const)
      assert.deepEqual(await known(hidden[refers]), await known(absent[refers]));
  });

  it('a device as the speaker', async () => {
    const speaks = (device: string, party: string) =>
      refusedWithoutTrace(s.world, async () => {
        const { header, envelope } = await s.eve.make(
          'room.open/1',
          {},
          { parts: [makePart(terms, random)] },
        );
        const forged = { header: { ...header, device, party }, envelope: { ...envelope, keyid: device } };
        await s.world.centre.submit(forged, []);
      });
    const told = await speaks(hidden.device, hidden.party);
    for (const [device, party] of [
      [absent.device, hidden.party],
      [hidden.device, absent.party],
      [s.anna.signer.device, s.anna.party],
    ] as const)
      assert.deepEqual(told, await speaks(device, party));
    // Who holds a device of another party is told no more.
    const mask = (party: string) =>
      refusedWithoutTrace(s.world, () => new Actor(s.world, party, s.eve.signer).openRoom());
    assert.deepEqual([await mask(hidden.party), await mask(absent.party)], [told, told]);
  });

  it('a party that would come back', async () => {
    const comesBack = (party: string, key: Signer | null) =>
      refusedWithoutTrace(s.world, () => recovering(new Actor(s.world, party, s.eve.signer), key));
    for (const key of [newSigner(), null])
      assert.deepEqual(await comesBack(hidden.party, key), await comesBack(absent.party, key));
  });

  it('an invitation, joined by its key alone', async () => {
    const join = (key: string) =>
      refusedWithoutTrace(s.world, async () => {
        const { statement, parts } = await founding(s.world, code());
        assert.ok(statement.header.kind === 'party.found/1');
        const { header } = statement;
        const body = { ...header.body, invitation: { ...header.body.invitation, key } };
        await s.world.centre.submit({ header: { ...header, body }, envelope: statement.envelope }, parts);
      });
    assert.deepEqual(await join(hidden.invitation), await join(absent.invitation));
  });

  it('leaves no kind out that refers to something', () => {
    const refers = /room|target|ask|notice|party|device|key|terms/;
    const open: readonly KindName[] = [
      'centre.open/1',
      'centre.succeed/1', // Only while nothing runs, by the centre.
      'party.found/1', // Above: by its key alone.
      'party.recovery/1', // Names guardians by fingerprints, as an invitation to a room does.
      'party.recover/1', // Above.
      'party.object/1', // Refers to what guardians said to the speaker's own party.
      'device.enrol/1', // Refers to a key that consents to the party: only its holder could ask.
      'room.open/1',
      'access.digest/1',
    ];
    const tested = new Set([...open, ...rows.map(({ kind }) => kind)]);
    const referring = (Object.keys(kinds) as KindName[]).filter(
      (kind) => kinds[kind].room || refers.test(Object.keys(kinds[kind].body.shape ?? {}).join(' ')),
    );
    assert.deepEqual(
      referring.filter((kind) => !tested.has(kind)),
      [],
    );
  });
});
