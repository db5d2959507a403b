/**
 * Two copies of one centre, with the same keys and one clock that only moves when the test says so. What is said in
 * both is the same signed bytes at the same instant; what is said in the second alone comes at instants in between.
 */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Instant } from '@parley/core/fields.ts';
import type { Signer } from '@parley/core/statement.ts';
import type { FastifyInstance } from 'fastify';
import { createLog } from '../../../server/api/logging.ts';
import { createMetrics } from '../../../server/api/metrics.ts';
import { createServer } from '../../../server/api/server.ts';
import { apiContext } from '../../../server/context.ts';
import { seeded } from '../../../server/testing/actor.ts';
import { World } from '../../../server/testing/world.ts';
import type { Dice } from './dice.ts';

export const second = 1_000_000;
export const hour = 3_600 * second;

/** A party of the cast, and the key of its first device. */
export interface Party {
  readonly name: string;
  readonly id: string;
  readonly desk: Signer;
}

export interface Side {
  readonly name: 'plain' | 'fuller';
  readonly world: World;
  readonly app: FastifyInstance;
  readonly url: string;
}

/**
 * Who plays. `viewers` each look at one history and do nothing before it. `common` act in both worlds, `hidden` stand
 * in the viewer's rooms in the second alone, `watcher` supervises, `outsider` has nothing to do with anything.
 */
export interface Cast {
  readonly viewers: readonly Party[];
  readonly common: readonly Party[];
  readonly hidden: readonly Party[];
  readonly watcher: Party;
  readonly outsider: Party;
  readonly host: Party;
}

const rates = { perAddress: 1e9, perParty: 1e9 };

export class Pair {
  readonly clock: { time: Instant };
  declare readonly cast: Cast;
  declare readonly plain: Side;
  declare readonly fuller: Side;
  /** Instants at which the centre concludes something: each is passed by itself, in both worlds alike. */
  readonly #due = new Set<Instant>();
  /** Sizes of the logs up to which nothing is left to do. */
  readonly #settled = new Map<Side, number>();

  private constructor() {
    // Not at an hour's turn: what is said at the start belongs to one digest.
    this.clock = { time: Math.floor((Date.now() * 1000) / hour) * hour + 60 * second };
  }

  static async begin(dice: Dice, viewers: number): Promise<Pair> {
    const pair = new Pair();
    const world = await World.begin({ now: () => pair.clock.time });
    const join = async (name: string, low = false): Promise<Party> => {
      const desk = keyOf(dice, low);
      await world.join(await world.invitation(), name, desk);
      return { name, id: desk.device, desk };
    };
    const all = async (names: readonly string[], low = false) => {
      const parties: Party[] = [];
      for (const name of names) parties.push(await join(name, low));
      return parties;
    };
    const names = Array.from({ length: viewers }, (_, i) => `Viewer ${i}`);
    const cast: Cast = {
      viewers: await all(names, true),
      common: await all(['Anna', 'Bert', 'Carl']),
      hidden: await all(['Hugo', 'Hanna', 'Henk']),
      watcher: await join('Wanda'),
      outsider: await join('Olaf'),
      host: { name: 'Host', id: world.host.party, desk: world.host.signer },
    };
    const other = await world.fork();
    // Both have been opened on the same store.
    await world.restart();
    const [plain, fuller] = [await opened('plain', world), await opened('fuller', other)];
    return Object.assign(pair, { cast, plain, fuller });
  }

  get sides(): readonly [Side, Side] {
    return [this.plain, this.fuller];
  }

  /** Something ends at this instant. */
  due(instant: Instant): void {
    this.#due.add(instant);
  }

  /** To this instant, with a round of both centres at each one at which something is due. */
  async advance(to: Instant): Promise<void> {
    for (let at = nextHour(this.clock.time); at <= to; at += hour) this.#due.add(at);
    const passed = [...this.#due].filter((at) => at <= to).sort((a, b) => a - b);
    for (const at of passed) {
      this.#due.delete(at);
      await this.#turnTo(at);
    }
    await this.#turnTo(to);
  }

  async #turnTo(at: Instant): Promise<void> {
    if (at <= this.clock.time) return;
    this.clock.time = at;
    await this.settle();
  }

  /** Until neither centre has anything more to say, nor to erase: it notes when it did. */
  async settle(): Promise<void> {
    for (const side of this.sides) {
      const { centre } = side.world;
      for (let before = -1; before !== centre.head()?.size; ) {
        before = centre.head()?.size ?? 0;
        await centre.round();
      }
      const size = centre.head()?.size ?? 0;
      if (this.#settled.get(side) === size) continue;
      this.#settled.set(side, size);
      while ((await centre.read((_, { log }) => log.condemned())) > 0) await turn();
      await turn();
    }
  }

  /** As `settle`, and until the journals have taken what was noted: their commits are taken in order. */
  async rest(): Promise<void> {
    await this.settle();
    for (const { world } of this.sides) await world.centre.journals.sessions.purge(this.clock.time);
  }

  async end(): Promise<void> {
    for (const { world, app } of this.sides) {
      app.server.closeAllConnections();
      await app.close();
      await world.end();
    }
  }

  unharmed(): void {
    for (const { world } of this.sides) {
      assert.deepEqual(world.doubts, []);
      assert.equal(world.centre.disagreements(), 0);
    }
  }
}

/**
 * Notices of one recall go out in the order of their recipients' ids. A viewer's is the lowest, so that others who had
 * it too do not move the instant of its own: the instants are the same, as `spec/release.md` asks.
 */
function keyOf(dice: Dice, low: boolean): Signer {
  for (;;) {
    const signer = seeded(dice.bytes(32));
    if (signer.device.startsWith('0') === low) return signer;
  }
}

function nextHour(instant: Instant): Instant {
  return (Math.floor(instant / hour) + 1) * hour;
}

async function opened(name: Side['name'], world: World): Promise<Side> {
  const metrics = createMetrics({ logSize: () => 0, queueLength: () => 0, process: false });
  const context = await apiContext(world.centre, { metrics, stopping: () => false });
  // A request that does not come over a connection never counts as sent whole.
  const timeouts = { headers: 60_000, request: 24 * 3_600_000, idle: 60_000 };
  const app = await createServer(context, { log: createLog('silent'), rates, lateness: 0, timeouts });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { name, world, app, url };
}
