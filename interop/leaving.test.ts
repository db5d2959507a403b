/**
 * Who leaves a room or is removed sees nothing more from that instant, on every path. Two worlds show it: a centre is
 * copied with its keys, in both the same party leaves with the same statement, and in one of them the others go on.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { refOf } from '@parley/core/statement.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { type Actor, handling, indicator, random, type Said, World } from '../server/testing/world.ts';
import { textOf, type Walk, walk } from './testing/walk.ts';

const second = 1_000_000;
const hour = 3600 * second;
const rates = { perAddress: 1_000_000, perParty: 1_000_000 };

/** Both worlds have one clock, which only moves when the test says so: their instants are the same. */
class Clock {
  time = Math.floor((Date.now() * 1000) / hour) * hour + 60 * second;
  readonly now = () => this.time;
  tick(seconds = 1): void {
    this.time += seconds * second;
  }
}

/** A room that never was. */
const nowhere = '00000000-0000-4000-8000-000000000000';

/** Purposes, data and audiences that each make another stream. */
const handlings = (named: readonly string[]): Partial<Handling>[] => [
  {},
  { purposes: ['threat-prevention'] },
  { personal: true },
  { to: { parties: [...named] } },
  { to: { parties: [...named] }, purposes: ['threat-prevention'], personal: true },
];

/** What spec/log.md declares, and the nonce, which is random: nothing else may differ. */
function declared(text: string, path = ''): string {
  const bare = text
    .replace(/"proof":"[^"]*"/g, '"proof":"…"')
    .replace(/"nonce":"[^"]*"/g, '"nonce":"…"')
    .replace(/"index":\d+/g, '"index":…');
  return path.startsWith('/api/v1/accesses') ? bare.replace(/"next":"[^"]*"/g, '"next":"…"') : bare;
}

function compared({ answers }: Walk): string[] {
  return answers.map(({ ask, status, type, headers, body }) =>
    [ask, status, type, headers, declared(body, ask)].join('\n'),
  );
}

/** Every statement that the centre holds. */
async function allRefs(world: World): Promise<StatementRef[]> {
  const records = await world.centre.read(async (_, { log }) => log.range(0, (await log.head())?.size ?? 0));
  return records.map(({ header }) => refOf(header));
}

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

/** The first, and one from the middle. */
function some<T>(list: readonly T[]): T[] {
  const step = Math.ceil(list.length / 2);
  return list.filter((_, i) => i % step === 0);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Two copies of one centre, in which Lena is about to leave. */
class TwoWorlds {
  readonly clock = new Clock();
  readonly tokens: string[] = [];
  declare quiet: Served;
  declare busy: Served;
  declare lena: Actor;
  declare phone: Actor;
  declare otto: Actor;
  declare nora: Actor;
  /** One shows its roster, one hides it, one shows the past; Lena stays in the last. */
  declare rooms: { open: string; hidden: string; past: string; kept: string };
  declare hidden: Said;

  static async begin(): Promise<TwoWorlds> {
    const two = new TwoWorlds();
    const world = await World.begin({ now: two.clock.now });
    await two.#prepare(world);
    const busy = await world.fork();
    two.quiet = await serve(world, { rates });
    two.busy = await serve(busy, { rates });
    return two;
  }

  get leaving(): readonly string[] {
    return [this.rooms.open, this.rooms.hidden, this.rooms.past];
  }

  get allRooms(): readonly string[] {
    return Object.values(this.rooms);
  }

  async #prepare(world: World): Promise<void> {
    const { host } = world;
    [this.lena, this.otto, this.nora] = [
      await world.party('Lena'),
      await world.party('Otto'),
      await world.party('Nora'),
    ];
    this.phone = await this.lena.enrol(['read']);
    const room = (about: object) => world.room([this.lena, this.otto], about);
    this.rooms = {
      open: await room({}),
      hidden: await room({ roster: false }),
      past: await room({ past: true }),
      kept: await room({}),
    };
    for (const [i, id] of this.allRooms.entries())
      for (const how of handlings([this.lena.party, this.otto.party]).slice(0, i < 2 ? 5 : 2)) {
        this.clock.tick();
        await host.share(id, [indicator(`host said ${JSON.stringify(how)}`)], how);
        await this.otto.share(id, [indicator(`otto said ${JSON.stringify(how)}`)], how);
      }
    await this.lena.share(this.rooms.open, [indicator('lena said')]);
    const asked = await host.share(this.rooms.open, [indicator('asked for')], {
      to: { parties: [host.party] },
    });
    await host.grant(this.rooms.open, asked.ref, this.lena);
    this.hidden = await host.share(this.rooms.open, [indicator('never for lena')], {
      to: { parties: [this.otto.party] },
    });
    await this.#open(world, this.lena, 'event-security', null);
    await this.#open(world, this.lena, 'threat-prevention', 'to protect the festival');
    await this.#open(world, this.phone, 'event-security', 'to protect the festival');
  }

  async #open(world: World, { party, signer }: Actor, purpose: string, justification: string | null) {
    const about = { party, device: signer.device, purpose, justification };
    const { sessions } = world.centre.journals;
    this.tokens.push(await sessions.open({ ...about, now: this.clock.now(), ttl: 12 * hour }));
  }

  /** The same signed bytes, at the same instant, in both. */
  async both(actor: Actor, ...words: Parameters<Actor['make']>): Promise<void> {
    this.clock.tick();
    const statement = await actor.make(...words);
    for (const { world } of [this.quiet, this.busy])
      await world.centre.submit(statement, words[2]?.parts ?? []);
  }

  /** By everybody who can ask as Lena, and by the public, in one world. */
  async walk({ url, table }: Served, refs: readonly StatementRef[], kept?: Walk): Promise<Walk> {
    const walks: Walk[] = [];
    const known = { rooms: [...this.allRooms, nowhere], refs, cursors: kept?.cursors ?? [] };
    for (const token of [...this.tokens, null]) walks.push(await walk({ url, table, token }, known));
    return {
      answers: walks.flatMap(({ answers }) => answers),
      cursors: walks.flatMap(({ cursors }) => some(cursors)),
    };
  }

  async walkBoth(refs: readonly StatementRef[], kept?: readonly [Walk, Walk]): Promise<[Walk, Walk]> {
    return Promise.all([this.walk(this.quiet, refs, kept?.[0]), this.walk(this.busy, refs, kept?.[1])]);
  }

  /** What the others say in the busy world, in the rooms that Lena has left. */
  async goOn(): Promise<void> {
    const { world } = this.busy;
    const [host, otto, nora] = [world.host, this.otto.in(world), this.nora.in(world)];
    for (const room of this.leaving) {
      const named = room === this.rooms.hidden ? [this.lena.party, otto.party] : [otto.party, host.party];
      for (const how of handlings(named)) {
        this.clock.tick();
        const said = await otto.share(room, [indicator('secret of otto'), indicator('another')], how);
        await host.share(room, [indicator('secret of host')], handlings([otto.party])[0]);
        // Lena may still see who reads what she said herself.
        if (room !== this.rooms.open) await otto.read(room, { justification: 'duty' });
        await otto.grant(room, said.ref, nora, { purposes: (how.purposes ?? ['event-security']).slice() });
        await otto.recall(room, said.ref, [1]);
      }
      const asked = await host.share(room, [indicator('secret that is asked for')]);
      const ask = { target: asked.ref, parts: null, to: nora.party, purposes: ['event-security'] };
      const { ref } = await otto.say('ask/1', ask, { room });
      await host.say('deny/1', { ask: ref }, { room });
    }
    await host.recall(this.rooms.open, this.hidden.ref);
    await world.centre.round();
  }

  /** Who is in, and under which terms. */
  async changeRooms(): Promise<void> {
    const { world } = this.busy;
    const [host, otto, nora] = [world.host, this.otto.in(world), this.nora.in(world)];
    for (const room of this.leaving) {
      this.clock.tick();
      await host.changeTerms(room, { title: 'Secret title', roster: true, past: true });
      await otto.accept(room);
      await host.invite(room, nora);
      await nora.accept(room);
      await nora.share(room, [indicator('secret of nora')]);
      await otto.say('room.leave/1', {}, { room });
    }
    await host.openRoom({ title: 'Secret room' });
    await otto.enrol(['read', 'speak']);
  }

  async end(): Promise<void> {
    for (const { world, end } of [this.quiet, this.busy]) {
      assert.deepEqual(world.doubts, []);
      assert.equal(world.centre.disagreements(), 0);
      await end();
    }
  }
}

for (const way of ['leaves', 'is removed'])
  describe(`a member that ${way}`, () => {
    let two: TwoWorlds;
    let kept: [Walk, Walk];
    let refs: StatementRef[];

    const part = async () => {
      const { lena, quiet } = two;
      for (const room of two.leaving)
        if (way === 'leaves') await two.both(lena, 'room.leave/1', {}, { room });
        else
          await two.both(
            quiet.world.host,
            'room.remove/1',
            { party: lena.party },
            {
              room,
              parts: [makePart({ reason: 'the festival is over' }, random)],
            },
          );
    };

    before(async () => {
      two = await TwoWorlds.begin();
      refs = await allRefs(two.quiet.world);
    });
    after(() => two.end());

    it('saw much before, and the same in both worlds', async () => {
      kept = await two.walkBoth(refs.filter((_, i) => i % 3 === 0));
      assert.deepEqual(compared(kept[1]), compared(kept[0]));
      const read = kept[0].answers.filter(({ body }) => body.includes('otto said'));
      assert.ok(read.length > 20);
      assert.ok(kept[0].answers.some(({ ask, body }) => ask.endsWith('/locked') && body.includes('"count"')));
      assert.ok(kept[0].cursors.length > 4);
    });

    it('sees nothing more, on any route, with any cursor, reference, session or stream it had', async () => {
      const streams = await Promise.all(
        [two.quiet, two.busy].flatMap(({ url }) =>
          two.tokens.flatMap((token) =>
            ['', ...two.leaving.map((room) => `?room=${room}`)].map((query) => follow(url, token, query)),
          ),
        ),
      );
      await part();
      await pause(200);
      await two.goOn();
      await two.changeRooms();
      two.clock.tick(600);
      await pause(200);
      const heard = streams.map(({ heard }) => declared(heard()));
      assert.deepEqual(heard.slice(heard.length / 2), heard.slice(0, heard.length / 2));
      assert.equal(heard[0]?.match(/^event: room\.(leave|remove)\/1$/gm)?.length, 3);
      for (const { stop } of streams) stop();
      await Promise.all(streams.map(({ ended }) => ended));

      const all = await allRefs(two.busy.world);
      assert.ok(all.length > refs.length + 50);
      const some = all.filter((_, i) => i < refs.length || i % 8 === 0);
      const [quiet, busy] = await two.walkBoth(some, kept);
      assert.deepEqual(compared(busy), compared(quiet));
      for (const { ask, body } of busy.answers) assert.doesNotMatch(body, /secret/i, ask);
      const left = busy.answers.filter(({ ask }) => two.leaving.some((room) => ask.includes(room)));
      for (const { ask, body } of left) assert.doesNotMatch(body, /(host|otto) said/, ask);
    });

    it('is not told by a refusal either', async () => {
      const { lena, quiet, busy, rooms } = two;
      const told = (world: World, target: StatementRef) =>
        Promise.all([
          codeOf(lena.in(world).recall(rooms.open, target)),
          codeOf(
            lena.in(world).say('ask/1', { ...asking, target, to: two.nora.party }, { room: rooms.open }),
          ),
          codeOf(
            lena.in(world).say('ask/1', { ...asking, target, to: two.nora.party }, { room: rooms.kept }),
          ),
          codeOf(lena.in(world).grant(rooms.open, target, two.nora)),
        ]);
      const own = new Set((await allRefs(quiet.world)).map(({ id }) => id));
      for (const target of (await allRefs(busy.world)).filter(({ id }) => !own.has(id)))
        assert.deepEqual(await told(busy.world, target), await told(quiet.world, target));
    });
  });

describe('a member that comes back', () => {
  it('sees what is said from then on, and nothing of the gap', async () => {
    const two = await TwoWorlds.begin();
    const { lena, quiet, busy, rooms } = two;
    const { host } = quiet.world;
    try {
      const kept = await two.walkBoth([]);
      for (const room of two.leaving) await two.both(lena, 'room.leave/1', {}, { room });
      await two.goOn();
      for (const room of [rooms.open, rooms.hidden]) {
        await two.both(host, 'room.invite/1', { party: lena.party }, { room });
        await two.both(lena, 'room.accept/1', { terms: await host.termsHash(room) }, { room });
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
      for (const { ask, body } of other.answers) assert.doesNotMatch(body, /secret/i, ask);
    } finally {
      await two.end();
    }
  });
});

const asking = { parts: null, purposes: ['event-security'] };

async function codeOf(saying: Promise<unknown>): Promise<string> {
  try {
    await saying;
    return 'said';
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.at ?? ''} ${error.detail ?? ''}`;
    throw error;
  }
}
