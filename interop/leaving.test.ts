/**
 * Who leaves a room or is removed sees nothing more from that instant, on every path. Two worlds show it: a centre is
 * copied with its keys, in both the same party leaves with the same statement, and in one of them the others go on.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { handling, indicator, random } from '../server/testing/actor.ts';
import type { World } from '../server/testing/world.ts';
import { allRefs, handlings, TwoWorlds, type Walked } from './testing/two-worlds.ts';
import { compared, declared, textOf } from './testing/walk.ts';

/** Listens from now on. */
async function follow(url: string, token: string, query: string) {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/v1/events${query}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stop.signal,
  });
  let heard = '';
  const ended = textOf(response, (text) => {
    heard = text;
  });
  return { heard: () => heard, stop: () => stop.abort(), ended };
}

const parting = /^event: room\.(leave|remove|suspend)\/1$/gm;

/** In vain no longer than this: what is compared then says what is missing. */
const patience = 120_000;

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + patience; !holds() && performance.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 5));
}

for (const way of ['leaves', 'is removed or suspended'])
  describe(`a member that ${way}`, () => {
    // How it goes and who looks then are two things: worlds.test.ts brings them together by chance.
    const everybody = way === 'leaves';
    let two: TwoWorlds;
    let kept: [Walked, Walked];
    let refs: StatementRef[];

    const part = async () => {
      const { lena, quiet } = two;
      for (const room of two.leaving) {
        const parts = [makePart({ reason: 'the festival is over' }, random)];
        if (way === 'leaves') await two.both(lena, 'room.leave/1', {}, { room });
        else {
          // In the other rooms a suspension goes on below, where some of them are restored.
          const kind = room === two.rooms.hidden ? 'room.suspend/1' : 'room.remove/1';
          await two.both(quiet.world.host, kind, { party: lena.party }, { room, parts });
        }
      }
    };

    before(async () => {
      two = await TwoWorlds.begin({ everybody });
      refs = await allRefs(two.quiet.world);
    });
    after(() => two.end());

    it('saw much before, and the same in both worlds', async () => {
      kept = await two.walkBoth(refs.filter((_, i) => i % 3 === 0));
      assert.deepEqual(compared(kept[1]), compared(kept[0]));
      const read = kept[0].answers.filter(({ body }) => body.includes('otto said'));
      assert.ok(read.length > (everybody ? 40 : 20));
      assert.ok(kept[0].answers.some(({ ask, body }) => ask.endsWith('/locked') && body.includes('"count"')));
      assert.ok(kept[0].cursors.flat().length > (everybody ? 4 : 2));
    });

    it('sees nothing more, on any route, with any cursor, reference, session or stream it had', async () => {
      const streams = await Promise.all(
        [two.quiet, two.busy].flatMap(({ url }) =>
          two.tokens.flatMap((token) =>
            ['', ...two.leaving.map((room) => `?room=${room}`)].map((query) => follow(url, token, query)),
          ),
        ),
      );
      const heard = () => streams.map(({ heard }) => declared(heard()));
      const inBoth = (told: (text: string) => boolean) => {
        const texts = heard();
        return [0, texts.length / 2].every((first) => told(texts[first] ?? ''));
      };
      await part();
      await until(() => inBoth((text) => text.match(parting)?.length === 3));
      await two.goOn();
      await two.changeRooms();
      two.clock.tick(600);
      // The last that is said is for Lena, too: streams that have told it have told what came before.
      const last = [makePart(indicator('the last word'), random)];
      await two.both(two.quiet.world.host, 'share/1', { handling }, { room: two.rooms.kept, parts: last });
      await until(() => inBoth((text) => text.includes('event: share/1')));
      const halves = () => [heard().slice(0, streams.length / 2), heard().slice(streams.length / 2)];
      await until(() => isDeepStrictEqual(...(halves() as [string[], string[]])));
      const [inQuiet = [], inBusy = []] = halves();
      assert.deepEqual(inBusy, inQuiet);
      assert.equal(inQuiet[0]?.match(parting)?.length, 3);
      for (const { stop } of streams) stop();
      await Promise.all(streams.map(({ ended }) => ended));

      const all = await allRefs(two.busy.world);
      assert.ok(all.length > refs.length + 50);
      const some = all.filter((_, i) => (i < refs.length ? everybody || i % 2 === 0 : i % 8 === 0));
      const [quiet, busy] = await two.walkBoth(some, kept);
      assert.deepEqual(compared(busy), compared(quiet));
      for (const { ask, body } of busy.answers) assert.doesNotMatch(body, /secret [a-z]/i, ask);
      const left = busy.answers.filter(({ ask }) => two.leaving.some((room) => ask.includes(room)));
      for (const { ask, body } of left) assert.doesNotMatch(body, /(host|otto) said/, ask);
    });

    it('is not told by a refusal either', async () => {
      const { lena, quiet, busy, rooms } = two;
      const asking = { parts: null, purposes: ['event-security'], to: two.nora.party };
      const told = (world: World, target: StatementRef) =>
        Promise.all([
          codeOf(lena.in(world).recall(rooms.open, target)),
          codeOf(lena.in(world).say('ask/1', { ...asking, target }, { room: rooms.open })),
          codeOf(lena.in(world).say('ask/1', { ...asking, target }, { room: rooms.kept })),
          codeOf(lena.in(world).grant(rooms.open, target, two.nora)),
        ]);
      const own = new Set((await allRefs(quiet.world)).map(({ id }) => id));
      for (const target of (await allRefs(busy.world)).filter(({ id }) => !own.has(id)))
        assert.deepEqual(await told(busy.world, target), await told(quiet.world, target));
    });
  });

for (const way of ['comes back', 'is restored'])
  describe(`a member that ${way}`, () => {
    it('sees what is said from then on, and nothing of the gap', async () => {
      const two = await TwoWorlds.begin({ everybody: false });
      const { lena, quiet, busy, rooms } = two;
      const { host } = quiet.world;
      try {
        const kept = await two.walkBoth([]);
        const concerned = { party: lena.party };
        for (const room of two.leaving)
          if (way === 'comes back') await two.both(lena, 'room.leave/1', {}, { room });
          else await two.both(host, 'room.suspend/1', concerned, { room });
        await two.goOn();
        for (const room of [rooms.open, rooms.hidden]) {
          if (way === 'comes back') {
            await two.both(host, 'room.invite/1', concerned, { room });
            await two.both(lena, 'room.accept/1', { terms: await host.termsHash(room) }, { room });
          } else await two.both(host, 'room.restore/1', concerned, { room });
          for (const how of handlings([lena.party])) {
            const parts = [makePart(indicator('said after the return'), random)];
            await two.both(host, 'share/1', { handling: { ...handling, ...how } }, { room, parts });
          }
        }
        two.clock.tick(600);
        const all = await allRefs(busy.world);
        const [one, other] = await two.walkBoth(
          all.filter((_, i) => i % 4 === 0),
          kept,
        );
        assert.deepEqual(compared(other), compared(one));
        assert.ok(other.answers.some(({ body }) => body.includes('said after the return')));
        assert.ok(
          other.answers.some(({ body }) => body.includes('otto said')),
          'and what it had seen before',
        );
        for (const { ask, body } of other.answers) assert.doesNotMatch(body, /secret [a-z]/i, ask);
      } finally {
        await two.end();
      }
    });
  });

async function codeOf(saying: Promise<unknown>): Promise<string> {
  try {
    await saying;
    return 'said';
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.at ?? ''} ${error.detail ?? ''}`;
    throw error;
  }
}
