/**
 * Every route and every verb, as every kind of viewer: taken from the table of the server, so that a new route is
 * walked too. Content, terms and reasons carry a mark; who may not have them finds it nowhere.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StatementRef } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { refOf } from '@parley/core/statement.ts';
import { type Actor, indicator, random } from '../server/testing/actor.ts';
import { addConnector } from '../server/testing/connectors.ts';
import { shareFiles, textFile } from '../server/testing/files.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { type Answer, walk } from './testing/walk.ts';

const marks = {
  content: 'MARK-CONTENT',
  named: 'MARK-NAMED',
  person: 'MARK-PERSON',
  terms: 'MARK-TERMS',
  reason: 'MARK-REASON',
  held: 'MARK-HELD',
  asked: 'MARK-ASKED',
  observed: 'MARK-OBSERVED',
  stated: 'MARK-STATED',
  file: 'MARK-FILE',
  complained: 'MARK-COMPLAINED',
  opened: 'MARK-OPENED',
};
type Mark = keyof typeof marks;
const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** A file is there for whoever may have what was shared beside it. */
function withFiles(sees: readonly Mark[]): Mark[] {
  return [...sees, ...(sees.includes('content') ? (['file'] as const) : [])].sort();
}

/** Who looks, and which marks it may find. */
interface Looker {
  readonly name: string;
  readonly token: () => string | null;
  readonly sees: readonly Mark[];
}

describe('every route as every kind of viewer', () => {
  let served: Served;
  let room: string;
  let refs: StatementRef[];
  let devices: string[];
  const tokens = new Map<string, string>();

  async function signIn(name: string, actor: Actor, justification: string | null = null): Promise<void> {
    const { centre } = served.world;
    const about = {
      party: actor.party,
      device: actor.signer.device,
      purpose: 'event-security',
      justification,
    };
    tokens.set(
      name,
      await centre.journals.sessions.open({ ...about, now: centre.now(), ttl: 3_600_000_000 }),
    );
  }

  before(async () => {
    served = await serve(await World.begin(), { rates: { perAddress: 1_000_000, perParty: 1_000_000 } });
    const { world } = served;
    const [anna, bert, carl, dora, emil] = [
      await world.party('Anna'),
      await world.party('Bert'),
      await world.party('Carl'),
      await world.party('Dora'),
      await world.party('Emil'),
    ];
    const [olga, vera, sven] = [
      await world.party('Olga'),
      await world.party('Vera'),
      await world.party('Sven'),
    ];
    const phone = await bert.enrol(['read']);
    const lost = await bert.enrol(['read', 'speak']);
    const report = { id: 'report', by: 'each' as const, text: 'Each reports.', inReturnFor: [] };
    room = await world.room([anna, bert, emil, sven], {
      conditions: marks.terms,
      supervisor: vera.party,
      undertakings: [report],
    });
    await world.host.invite(room, olga, 'observer');
    await olga.accept(room);
    await world.host.invite(room, vera, 'supervisor');
    await vera.accept(room);
    await world.host.suspend(room, sven);
    const people = { anna, bert, carl, dora, emil, olga, vera, sven, phone, lost };
    for (const [name, actor] of Object.entries(people)) await signIn(name, actor);
    await signIn('justified', bert, 'case 7');
    await world.host.invite(room, dora);
    await emil.say('room.leave/1', {}, { room });
    await anna.share(room, [indicator(marks.content)]);
    await shareFiles(anna, room, [textFile(marks.file)]);
    const observed = await anna.share(room, [indicator(marks.observed)], { to: 'observers' });
    const terms = await anna.termsHash(room);
    await anna.say(
      'undertaking.state/1',
      { undertaking: 'report', by: bert.party, terms, state: 'broken', evidence: [observed.ref] },
      { room, parts: [makePart({ reason: marks.stated }, random)] },
    );
    await anna.share(room, [indicator(marks.named)], { to: { parties: [world.host.party] }, tlp: 'red' });
    await anna.share(room, [indicator(marks.person)], { personal: [{ category: 'other', nature: 'fact' }] });
    const gone = await anna.share(room, [indicator('taken back')]);
    await anna.say(
      'recall/1',
      { target: gone.ref, parts: null },
      { room, parts: [makePart({ reason: marks.reason }, random)] },
    );
    const named = { external_references: [{ source_name: 'case', external_id: 'case 7' }] };
    const kept = await anna.share(room, [indicator(marks.person, named)], {
      personal: [{ category: 'witness', nature: 'fact' }],
    });
    const time = new Date(Date.now() + 3_600_000).toISOString();
    const hold = { target: kept.ref, parts: null, basis: 'court-order', review: time, until: null };
    await anna.say('hold/1', hold, {
      room,
      parts: [makePart({ reason: marks.held, cases: ['case 7'] }, random)],
    });
    await bert.say(
      'subject.request/1',
      { target: kept.ref, parts: null, request: 'access', due: time },
      { room, parts: [makePart({ reason: marks.asked, cases: ['case 7'] }, random)] },
    );
    const opened = await anna.share(room, [indicator(marks.opened)], { to: { parties: [bert.party] } });
    const complaint = await bert.say(
      'complaint.lodge/1',
      { about: anna.party, statement: opened.ref },
      { room, parts: [makePart({ reason: marks.complained }, random)] },
    );
    const opening = { complaint: complaint.ref, target: opened.ref, parts: null, until: time };
    await vera.say('supervision.open/1', opening, { room });
    await bert.say('device.revoke/1', { device: lost.signer.device });
    const another = await world.room([anna, bert], { conditions: 'of another room' });
    const feeds = {
      feed: await addConnector(bert, { rooms: [room] }),
      justifiedFeed: await addConnector(bert, { rooms: [room], personal: true, justification: 'case 7' }),
      elsewhere: await addConnector(bert, { rooms: [another] }),
      otherwise: await addConnector(bert, { rooms: [room], purpose: 'threat-prevention' }),
      writer: await addConnector(bert, { rooms: [room], rights: ['speak'] }),
      ended: await addConnector(bert, { rooms: [room] }),
    };
    for (const [name, { token }] of Object.entries(feeds)) tokens.set(name, token);
    devices = Object.values(feeds).map(({ device }) => device);
    await bert.say('device.revoke/1', { device: feeds.ended.device });
    const records = await world.centre.read(async (_, { log }) =>
      log.range(0, (await log.head())?.size ?? 0),
    );
    refs = records.map(({ header }) => refOf(header));
  });
  after(async () => {
    assert.deepEqual(served.world.doubts, []);
    assert.equal(served.world.centre.disagreements(), 0);
    await served.end();
  });

  const of = (name: string) => () => tokens.get(name) ?? 'none';
  const lookers: readonly Looker[] = [
    { name: 'nobody', token: () => null, sees: [] },
    { name: 'a token that never was', token: () => 'A'.repeat(43), sees: [] },
    { name: 'an outsider', token: of('carl'), sees: [] },
    { name: 'a party that is invited', token: of('dora'), sees: ['terms'] },
    { name: 'a member that left', token: of('emil'), sees: ['terms'] },
    { name: 'a member that is suspended', token: of('sven'), sees: ['terms'] },
    { name: 'an observer', token: of('olga'), sees: ['terms', 'observed'] },
    { name: 'a supervisor', token: of('vera'), sees: ['terms', 'complained', 'opened'] },
    { name: 'a device that was revoked', token: of('lost'), sees: [] },
    {
      name: 'a member',
      token: of('bert'),
      sees: ['terms', 'content', 'asked', 'observed', 'stated', 'complained', 'opened'],
    },
    {
      name: 'a device that only reads',
      token: of('phone'),
      sees: ['terms', 'content', 'asked', 'observed', 'stated', 'complained', 'opened'],
    },
    {
      name: 'a member with a justification',
      token: of('justified'),
      sees: ['terms', 'content', 'person', 'held', 'asked', 'observed', 'stated', 'complained', 'opened'],
    },
    // What Bert asked is about a person: a connector without personal data does not see it, though his own party said it.
    {
      name: 'a connector',
      token: of('feed'),
      sees: ['terms', 'content', 'observed', 'stated', 'complained', 'opened'],
    },
    {
      name: 'a connector for personal data',
      token: of('justifiedFeed'),
      sees: ['terms', 'content', 'person', 'held', 'asked', 'observed', 'stated', 'complained', 'opened'],
    },
    { name: 'a connector for another room', token: of('elsewhere'), sees: [] },
    {
      name: 'a connector for another purpose',
      token: of('otherwise'),
      sees: ['terms', 'stated', 'complained'],
    },
    { name: 'a connector that only writes', token: of('writer'), sees: [] },
    { name: 'a connector that was revoked', token: of('ended'), sees: [] },
    {
      name: 'the author',
      token: of('anna'),
      sees: [
        'terms',
        'content',
        'named',
        'person',
        'reason',
        'held',
        'asked',
        'observed',
        'stated',
        'complained',
        'opened',
      ],
    },
  ];

  for (const { name, token, sees } of lookers)
    it(`${name} finds ${sees.join(', ') || 'nothing'}`, async () => {
      const { url, table } = served;
      const { answers } = await walk(
        { url, table, token: token() },
        { rooms: [room], refs, devices, cursors: [] },
      );
      assert.ok(answers.length > 20);
      assert.deepEqual(
        answers.filter(({ status }) => status >= 500).map(({ ask }) => ask),
        [],
      );
      const found = (mark: Mark) => answers.some(({ body }) => body.includes(marks[mark]));
      assert.deepEqual((Object.keys(marks) as Mark[]).filter(found).sort(), withFiles(sees));
      if (token() === null) assert.deepEqual(forParties(answers), []);
    });

  /** Answers to nobody on routes that are declared for parties alone. */
  function forParties(answers: readonly Answer[]): string[] {
    const closed = served.table.filter(({ viewer, method }) => viewer === 'party' && method === 'GET');
    const patterns = closed.map(({ path }) => new RegExp(`^${path.replace(/:[a-z]+/g, '[^/?]+')}(\\?|$| )`));
    return answers
      .filter(({ ask, status }) => status !== 401 && patterns.some((pattern) => pattern.test(ask)))
      .map(({ ask }) => ask);
  }

  it('no verb does what another one is for', async () => {
    const declared = new Set(served.table.map(({ method, path }) => `${method} ${path}`));
    for (const path of new Set(served.table.map((entry) => entry.path)))
      for (const method of verbs.filter((verb) => !declared.has(`${verb} ${path}`))) {
        const address = path
          .replace(':room', room)
          .replace(':party', refs[0]?.party ?? '')
          .replace(':id', refs[0]?.id ?? '')
          .replace(':n', '1')
          .replace('*', 'tile/0/000');
        const response = await fetch(`${served.url}${address}`, {
          method,
          headers: { authorization: `Bearer ${tokens.get('anna')}` },
        });
        await response.arrayBuffer();
        assert.ok([400, 404, 405].includes(response.status), `${method} ${path}: ${response.status}`);
      }
  });

  it('what changes anything is refused to who may not, and leaves nothing behind', async () => {
    const size = served.world.centre.head()?.size;
    for (const { method, path } of served.table.filter(
      ({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method),
    ))
      for (const token of [
        null,
        'A'.repeat(43),
        ...['lost', 'feed', 'ended'].map((name) => tokens.get(name) ?? ''),
      ]) {
        const headers: Record<string, string> = {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        };
        const response = await fetch(`${served.url}${path}`, { method, headers, body: '{}' });
        const open = path.endsWith('/challenge') && token === null;
        assert.ok(
          open ? response.status < 300 : response.status >= 400 && response.status < 500,
          `${method} ${path}: ${response.status}`,
        );
        await response.arrayBuffer();
      }
    assert.equal(served.world.centre.head()?.size, size);
  });
});
