/**
 * Who observes a room sees what is for observers, and of the rest nothing: not that it was said, who is in, nor what
 * members say of undertakings. Two worlds show it: in one of them the members go on.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePart } from '@parley/core/parts.ts';
import { type Actor, handling, indicator, random } from '../server/testing/actor.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { allRefs } from './testing/two-worlds.ts';
import { compared, type Walk, walk } from './testing/walk.ts';

const rates = { perAddress: 1_000_000, perParty: 1_000_000 };
const second = 1_000_000;

for (const [name, about] of [
  ['sees only what is said from then on', {}],
  ['sees the past of what is for observers', { past: true }],
] as const)
  describe(`an observer that ${name}`, () => {
    let time = Math.floor(Date.now() / 3_600_000) * 3_600 * second + 60 * second;
    const tick = () => {
      time += second;
    };
    let room: string;
    let lena: Actor;
    let otto: Actor;
    let nora: Actor;
    let quiet: Served;
    let busy: Served;
    let kept: Walk[];
    const tokens: string[] = [];
    const report = { id: 'report', by: 'each' as const, text: 'Each reports.', inReturnFor: [] };

    before(async () => {
      const world = await World.begin({ now: () => time });
      lena = await world.party('Lena');
      otto = await world.party('Otto');
      nora = await world.party('Nora');
      const routes = { id: 'routes', by: otto.party, text: 'Otto shares routes.', inReturnFor: ['report'] };
      room = await world.room([otto], { ...about, undertakings: [report, routes] });
      await otto.share(room, [indicator('hush past')]);
      await otto.share(room, [indicator('shown past')], { to: 'observers' });
      await world.host.invite(room, lena, 'observer');
      await lena.accept(room);
      await otto.share(room, [indicator('hush of members')]);
      await otto.share(room, [indicator('shown to observers')], { to: 'observers' });
      await otto.share(room, [indicator('shown by name')], { to: { parties: [lena.party, otto.party] } });
      for (const [purpose, justification] of [
        ['event-security', null],
        ['threat-prevention', 'to protect the festival'],
      ] as const) {
        const who = { party: lena.party, device: lena.signer.device, purpose, justification };
        tokens.push(
          await world.centre.journals.sessions.open({ ...who, now: time, ttl: 3_600 * 12 * second }),
        );
      }
      const copy = await world.fork();
      quiet = await serve(world, { rates });
      busy = await serve(copy, { rates });
    });
    after(async () => {
      for (const { world, end } of [quiet, busy]) {
        assert.deepEqual(world.doubts, []);
        assert.equal(world.centre.disagreements(), 0);
        await end();
      }
    });

    const walkBoth = async () => {
      const refs = await allRefs(busy.world);
      const walks: Walk[][] = [];
      for (const [n, { url, table }] of [quiet, busy].entries()) {
        const all: Walk[] = [];
        for (const [i, token] of tokens.entries()) {
          const cursors = kept?.[n * tokens.length + i]?.cursors.slice(0, 6) ?? [];
          all.push(await walk({ url, table, token }, { rooms: [room], refs, cursors }));
        }
        walks.push(all);
      }
      return walks;
    };

    it('saw the same in both worlds', async () => {
      const [one = [], other = []] = await walkBoth();
      kept = [...one, ...other];
      assert.deepEqual(other.map(compared), one.map(compared));
      const bodies = one.flatMap(({ answers }) => answers.map(({ body }) => body));
      const found = (text: string) => bodies.some((body) => body.includes(text));
      assert.deepEqual(['shown to observers', 'shown by name', 'shown past', 'hush'].map(found), [
        true,
        true,
        'past' in about,
        false,
      ]);
    });

    it('sees nothing of what members go on to say and do', async () => {
      const { world } = busy;
      const [host, otter, guest] = [world.host, otto.in(world), nora.in(world)];
      tick();
      for (const how of [
        {},
        { purposes: ['threat-prevention'] },
        { personal: [{ category: 'other' as const, nature: 'fact' as const }] },
        { to: { parties: [otto.party] } },
      ]) {
        const said = await otter.share(room, [indicator('hush of otto'), indicator('hush too')], how);
        const purposes = [...((how as { purposes?: string[] }).purposes ?? handling.purposes)];
        await otter.grant(room, said.ref, guest, { purposes });
        await otter.recall(room, said.ref, [1]);
      }
      const asked = await host.share(room, [indicator('hush asked for')]);
      const ask = { target: asked.ref, parts: null, to: nora.party, purposes: ['event-security'] };
      await host.say('deny/1', { ask: (await otter.say('ask/1', ask, { room })).ref }, { room });
      await host.invite(room, guest);
      await guest.accept(room);
      await guest.share(room, [indicator('hush of nora')]);
      const terms = await host.termsHash(room);
      const { ref } = await otter.say(
        'undertaking.state/1',
        { undertaking: 'report', by: nora.party, terms, state: 'broken', evidence: [] },
        { room, parts: [makePart({ reason: 'hush reason' }, random)] },
      );
      const stop = await otter.say(
        'undertaking.suspend/1',
        { undertaking: 'routes', because: ref, from: nora.party },
        { room },
      );
      await otter.say('undertaking.resume/1', { suspension: stop.ref }, { room });
      await host.suspend(room, guest);
      await host.restore(room, guest);
      await guest.say('room.leave/1', {}, { room });
      await world.centre.round();
      time += 600 * second;
      const [one = [], other = []] = await walkBoth();
      assert.deepEqual(other.map(compared), one.map(compared));
      for (const { ask: asking, body } of other.flatMap(({ answers }) => answers))
        assert.doesNotMatch(body, /hush/, asking);
    });
  });
