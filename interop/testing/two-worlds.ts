/** Two copies of one centre, which go apart: in one of them the others go on speaking. */
import assert from 'node:assert/strict';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { refOf } from '@parley/core/statement.ts';
import { type Actor, indicator, random, type Said } from '../../server/testing/actor.ts';
import { addConnector } from '../../server/testing/connectors.ts';
import { shareFiles, textFile } from '../../server/testing/files.ts';
import { type Served, serve } from '../../server/testing/served.ts';
import { World } from '../../server/testing/world.ts';
import { type Walk, walk } from './walk.ts';

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
export const handlings = (named: readonly string[]): Partial<Handling>[] => [
  {},
  { purposes: ['threat-prevention'] },
  { personal: [{ category: 'other', nature: 'fact' }] },
  { to: { parties: [...named] } },
  {
    to: { parties: [...named] },
    purposes: ['threat-prevention'],
    personal: [{ category: 'other', nature: 'fact' }],
  },
];

/** Every statement that the centre holds. */
export async function allRefs(world: World): Promise<StatementRef[]> {
  const records = await world.centre.read(async (_, { log }) => log.range(0, (await log.head())?.size ?? 0));
  return records.map(({ header }) => refOf(header));
}

/** The first, and one from the middle. */
function some<T>(list: readonly T[]): T[] {
  const step = Math.ceil(list.length / 2);
  return list.filter((_, i) => i % step === 0);
}

/** A hold on what is then taken back, a request of a person, and what names a case that Lena searches for. */
async function holdAndAsk(clock: Clock, room: string, otto: Actor, host: Actor): Promise<void> {
  const named = { external_references: [{ source_name: 'case', external_id: 'Case 7' }] };
  const { ref } = await otto.share(room, [indicator('secret of a case', named)]);
  const time = (seconds: number) => new Date((clock.time + seconds * second) / 1000).toISOString();
  const hold = { target: ref, parts: null, basis: 'court-order', review: time(3600), until: null };
  const parts = [makePart({ reason: 'secret of a reason', cases: ['case 7'] }, random)];
  const said = await otto.say('hold/1', hold, { room, parts });
  const request = { target: ref, parts: null, request: 'erasure', due: time(3600) };
  await host.say('subject.request/1', request, { room, parts });
  await otto.recall(room, ref);
  await otto.say('hold.end/1', { hold: said.ref }, { room });
}

/** What was answered, and by who asked the cursors it got. */
export interface Walked extends Omit<Walk, 'cursors'> {
  readonly cursors: readonly (readonly string[])[];
}

/** Two copies of one centre, in which Lena is about to leave. */
export class TwoWorlds {
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
  /** Said to Otto alone. */
  declare unseen: Said;

  readonly #everybody: boolean;

  private constructor(everybody: boolean) {
    this.#everybody = everybody;
  }

  /** @param everybody else Lena's first device, her connector and the public look alone */
  static async begin({ everybody = true } = {}): Promise<TwoWorlds> {
    const two = new TwoWorlds(everybody);
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
    const filed = { external_references: [{ source_name: 'case', external_id: 'case 7' }] };
    await this.lena.share(this.rooms.open, [indicator('lena said', filed)]);
    for (const id of [this.rooms.open, this.rooms.kept])
      await shareFiles(this.otto, id, [textFile('otto said in a file')]);
    await this.otto.share(this.rooms.kept, [indicator('otto said of a case', filed)]);
    const asked = await host.share(this.rooms.open, [indicator('asked for')], {
      to: { parties: [host.party] },
    });
    await host.grant(this.rooms.open, asked.ref, this.lena);
    this.unseen = await host.share(this.rooms.open, [indicator('never for lena')], {
      to: { parties: [this.otto.party] },
    });
    await this.#open(world, this.lena, 'event-security', null);
    await this.#open(world, this.lena, 'threat-prevention', 'to protect the festival');
    await this.#open(world, this.phone, 'event-security', 'to protect the festival');
    const { open, kept } = this.rooms;
    this.tokens.push((await addConnector(this.lena, { rooms: [open, kept], ends: 12 * 3_600_000 })).token);
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

  /** By those who can ask as Lena, and by the public, in one world. @param kept what each had of an earlier one */
  async #walk({ url, table }: Served, refs: readonly StatementRef[], kept?: Walked): Promise<Walked> {
    const walks: Walk[] = [];
    const rooms = [...this.allRooms, nowhere];
    const asking = this.#everybody
      ? [...this.tokens, null]
      : [...this.tokens.slice(0, 1), ...this.tokens.slice(-1), null];
    for (const [i, token] of asking.entries()) {
      // The first device asks for all, each of the others for another part.
      const part = refs.filter((_, at) => i === 0 || at % (asking.length - 1) === i - 1);
      walks.push(await walk({ url, table, token }, { rooms, refs: part, cursors: kept?.cursors[i] ?? [] }));
    }
    return {
      answers: walks.flatMap(({ answers }) => answers),
      cursors: walks.map(({ cursors }) => some(cursors)),
    };
  }

  async walkBoth(refs: readonly StatementRef[], kept?: readonly [Walked, Walked]): Promise<[Walked, Walked]> {
    return Promise.all([this.#walk(this.quiet, refs, kept?.[0]), this.#walk(this.busy, refs, kept?.[1])]);
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
        await otto.recall(room, said.ref, [0], [this.lena, host]);
      }
      await holdAndAsk(this.clock, room, otto, host);
      await shareFiles(otto, room, [textFile('secret in a file')]);
      const asked = await host.share(room, [indicator('secret that is asked for')]);
      const ask = { target: asked.ref, parts: null, to: nora.party, purposes: ['event-security'] };
      const { ref } = await otto.say('ask/1', ask, { room });
      await host.say('deny/1', { ask: ref }, { room });
    }
    await host.recall(this.rooms.open, this.unseen.ref);
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
