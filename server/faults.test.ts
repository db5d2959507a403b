/**
 * Each write of a centre's ports fails, lost or after it persisted, while things are said, read and taken back. What
 * was answered holds at the next start, what was not is said again, and nothing is there twice.
 */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { Statement } from '@parley/core/statement.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { checkCentre } from './check-centre.ts';
import type { FileStore } from './files/ports.ts';
import type { JournalStore } from './journals/ports.ts';
import type { Commit, LogWriter, Store } from './log/ports.ts';
import type { Admitted } from './log/queue.ts';
import { type Openers, openers, openLog } from './place.ts';
import { type Actor, handling, indicator } from './testing/actor.ts';
import { bring, entriesFor, textFile } from './testing/files.ts';
import { located, placeOf } from './testing/located.ts';
import { World } from './testing/world.ts';

/** What witnesses cosigned is written apart, see `log/witnessing.test.ts`. */
const logWrites = ['append', 'putTile', 'advance', 'condemn', 'erase'] as const;
const writes = [...logWrites, 'commit', 'transaction', 'put', 'remove'] as const;
type Write = (typeof writes)[number];

class Fault {
  readonly write: Write;
  readonly when: 'lost' | 'persisted';
  armed = false;
  fired = 0;

  constructor(write: Write, when: 'lost' | 'persisted') {
    this.write = write;
    this.when = when;
  }

  /** Every such write from when it is armed on: what is broken does not mend itself. */
  async around<T>(write: Write, work: () => Promise<T>): Promise<T> {
    const fails = this.armed && write === this.write;
    if (fails && this.when === 'lost') throw this.#error();
    const done = await work();
    if (fails) throw this.#error();
    return done;
  }

  #error(): Error {
    this.fired++;
    return Object.assign(new Error('input/output error'), { code: 'EIO', errno: -5, syscall: 'write' });
  }
}

/** A centre's stores with one fault in them. */
function faulty(fault: Fault): Openers {
  return {
    openLog: async <DB>(...about: Parameters<Openers['openLog']>): Promise<Store<DB>> => {
      const store = await openers.openLog<DB>(...about);
      return about[1]?.readOnly ? store : faultyLog(store, fault);
    },
    openJournalStore: async (place) => {
      const store = await openers.openJournalStore(place);
      const transaction: JournalStore['transaction'] = (work) =>
        fault.around('transaction', () => store.transaction(work));
      return { ...store, transaction };
    },
    openFileStore: (place): FileStore => {
      const store = openers.openFileStore(place);
      return {
        ...store,
        put: (name, pieces, before) => fault.around('put', () => store.put(name, pieces, before)),
        remove: (names) => fault.around('remove', () => store.remove(names)),
      };
    },
  };
}

function faultyLog<DB>(store: Store<DB>, fault: Fault): Store<DB> {
  const writer = (log: LogWriter): LogWriter => {
    const failing = Object.create(log) as Record<string, unknown>;
    for (const name of logWrites) {
      const write = (log[name] as (...given: unknown[]) => Promise<unknown>).bind(log);
      failing[name] = (...given: unknown[]) => fault.around(name, () => write(...given));
    }
    return bound(failing as unknown as LogWriter, log);
  };
  const wrapped = Object.create(store) as Store<DB>;
  return Object.assign(bound(wrapped, store), {
    commit: <T>(work: (transaction: Commit<DB>) => Promise<T>) =>
      fault.around('commit', () =>
        store.commit((transaction) => work({ ...transaction, log: writer(transaction.log) })),
      ),
  });
}

/** Private fields are of the object itself: its methods are called on it, whatever stands before it. */
function bound<T extends object>(front: T, behind: T): T {
  for (let at: object = behind; at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    for (const name of Object.getOwnPropertyNames(at)) {
      const value = (behind as Record<string, unknown>)[name];
      if (name === 'constructor' || Object.hasOwn(front, name) || typeof value !== 'function') continue;
      Object.defineProperty(front, name, { value: value.bind(behind), configurable: true, writable: true });
    }
  return front;
}

interface Told {
  readonly statement: Statement;
  readonly parts: Parameters<World['centre']['submit']>[1];
  answer: Admitted | null;
}

/** What is done at once while something fails. */
class Acts {
  readonly told: Told[] = [];
  /** Reads that were answered. */
  reads = 0;
  readonly #anna: Actor;
  readonly #room: string;

  constructor(anna: Actor, room: string) {
    this.#anna = anna;
    this.#room = room;
  }

  async tell(statement: Statement, parts: Told['parts'] = []): Promise<void> {
    const told: Told = { statement, parts, answer: null };
    this.told.push(told);
    told.answer = await this.#anna.world.centre.submit(statement, parts);
  }

  async share(): Promise<void> {
    const file = textFile(`text ${crypto.randomUUID()}`);
    const part = await bring(this.#anna, file);
    const body = { handling, files: entriesFor([file]).map((entry) => ({ ...entry, n: 0 })) };
    await this.tell(await this.#anna.make('share/1', body, { room: this.#room, parts: [part] }), [part]);
  }

  async recall(target: { party: string; id: string }): Promise<void> {
    await this.tell(await this.#anna.make('recall/1', { target, parts: null }, { room: this.#room }));
  }

  async read(): Promise<void> {
    await this.#anna.read(this.#room);
    this.reads++;
  }
}

describe('a write that fails', () => {
  let template: World;
  let anna: Actor;
  let room: string;
  let target: { party: string; id: string };

  before(async () => {
    template = await World.begin();
    anna = await template.party('Anna');
    room = await template.room([anna]);
    const file = textFile('what is taken back');
    const part = await bring(anna, file);
    const body = { handling, files: entriesFor([file]).map((entry) => ({ ...entry, n: 0 })) };
    target = (await anna.say('share/1', body, { room, parts: [part] })).ref;
    await anna.share(room, [indicator('stays')]);
  });
  after(() => template.end());

  const accesses = async (world: World) =>
    (await world.centre.journals.accesses.ofParty(anna.party, null, 100)).accesses.length;

  /** Whatever a step says, the others go on. */
  async function all(acts: Acts): Promise<void> {
    const steps = [acts.share(), acts.recall(target), acts.read()];
    await Promise.allSettled(steps);
  }

  for (const write of writes)
    for (const when of ['lost', 'persisted'] as const)
      it(`${write}: ${when}`, async (t) => {
        const fault = new Fault(write, when);
        const folder = await template.copy();
        t.after(() => rmSync(folder, { recursive: true, force: true }));
        const now = () => Date.now() * 1000;
        const world = await World.on(folder, { openers: faulty(fault), now, digestEvery: 3_600_000_000 });
        const before = await accesses(world);
        const acts = new Acts(anna.in(world), room);
        fault.armed = true;
        await all(acts);
        await eventually('this write', () => fault.fired);
        await world.centre.stop().catch(() => undefined);

        assert.ok(write === 'put' || world.doubts.length > 0, 'nobody was told');
        const again = await World.on(folder, { now });
        for (const { statement, parts, answer } of acts.told) await needOnce(again, statement, parts, answer);
        assert.ok((await accesses(again)) >= before + acts.reads, 'an answered read is not in the journal');
        await eventually('all is erased', async () => (await condemned(folder)) === 0);
        await again.centre.stop();
        assert.deepEqual(again.doubts, []);
        assert.equal((await checkCentre(located(folder))).condemned, 0);
      });

  /** What was answered is there at its place; what was not was taken or is taken now, once. */
  async function needOnce(
    world: World,
    statement: Statement,
    parts: Told['parts'],
    answer: Admitted | null,
  ): Promise<void> {
    const find = () => world.centre.read((_, { log }) => log.find(statement.header));
    if (answer === null)
      await world.centre.submit(statement, parts).catch((error: unknown) => {
        if (!(error instanceof Refusal && error.code === 'statement.id-known')) throw error;
      });
    const index = await find();
    assert.notEqual(index, null);
    if (answer) assert.equal(index, answer.index);
    await assert.rejects(world.centre.submit(statement, parts), { code: 'statement.id-known' });
  }

  async function condemned(folder: string): Promise<number> {
    const store = await openLog(placeOf(folder), { readOnly: true, readers: 1 });
    try {
      return await store.snapshot(({ log }) => log.condemned());
    } finally {
      await store.close();
    }
  }
});
