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
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { type Answer, walk } from './testing/walk.ts';

const marks = {
  content: 'MARK-CONTENT',
  named: 'MARK-NAMED',
  person: 'MARK-PERSON',
  terms: 'MARK-TERMS',
  reason: 'MARK-REASON',
};
type Mark = keyof typeof marks;
const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

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
    const phone = await bert.enrol(['read']);
    const lost = await bert.enrol(['read', 'speak']);
    room = await world.room([anna, bert, emil], { conditions: marks.terms });
    for (const [name, actor] of Object.entries({ anna, bert, carl, dora, emil, phone, lost }))
      await signIn(name, actor);
    await signIn('justified', bert, 'case 7');
    await world.host.invite(room, dora);
    await emil.say('room.leave/1', {}, { room });
    await anna.share(room, [indicator(marks.content)]);
    await anna.share(room, [indicator(marks.named)], { to: { parties: [world.host.party] }, tlp: 'red' });
    await anna.share(room, [indicator(marks.person)], { personal: [{ category: 'other', nature: 'fact' }] });
    const gone = await anna.share(room, [indicator('taken back')]);
    await anna.say(
      'recall/1',
      { target: gone.ref, parts: null },
      { room, parts: [makePart({ reason: marks.reason }, random)] },
    );
    await bert.say('device.revoke/1', { device: lost.signer.device });
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
    { name: 'a device that was revoked', token: of('lost'), sees: [] },
    { name: 'a member', token: of('bert'), sees: ['terms', 'content'] },
    { name: 'a device that only reads', token: of('phone'), sees: ['terms', 'content'] },
    { name: 'a member with a justification', token: of('justified'), sees: ['terms', 'content', 'person'] },
    { name: 'the author', token: of('anna'), sees: ['terms', 'content', 'named', 'person', 'reason'] },
  ];

  for (const { name, token, sees } of lookers)
    it(`${name} finds ${sees.join(', ') || 'nothing'}`, async () => {
      const { url, table } = served;
      const { answers } = await walk({ url, table, token: token() }, { rooms: [room], refs, cursors: [] });
      assert.ok(answers.length > 20);
      assert.deepEqual(
        answers.filter(({ status }) => status >= 500).map(({ ask }) => ask),
        [],
      );
      const found = (mark: Mark) => answers.some(({ body }) => body.includes(marks[mark]));
      assert.deepEqual((Object.keys(marks) as Mark[]).filter(found).sort(), [...sees].sort());
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
      for (const token of [null, 'A'.repeat(43), tokens.get('lost') ?? '']) {
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
