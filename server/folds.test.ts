/** Law 2: the log is the truth. Dropped and folded again, also after recalls, projections are what they were. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { projectionDigests, rebuild, type Tables } from './folds.ts';
import { pathsIn } from './paths.ts';
import { openSqlite } from './storage/sqlite.ts';
import { type Actor, indicator, type Said } from './testing/actor.ts';
import { World } from './testing/world.ts';

async function digests(world: World): Promise<ReadonlyMap<string, string>> {
  return world.centre.read((_, { db }) => projectionDigests(db));
}

/** Until what is condemned is erased from the store. */
async function erased(world: World): Promise<void> {
  while ((await world.centre.read((_, { log }) => log.condemned())) > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

interface Act {
  readonly what: 'share' | 'version' | 'recall' | 'part' | 'grant' | 'read' | 'leave' | 'rejoin' | 'expire';
  readonly who: number;
  readonly which: number;
}

const act = fc.record<Act>({
  what: fc.constantFrom(
    'share',
    'share',
    'version',
    'recall',
    'part',
    'grant',
    'read',
    'leave',
    'rejoin',
    'expire',
  ),
  who: fc.nat(2),
  which: fc.nat(1_000),
});

/** Does what makes sense, and skips what would be refused. */
async function play(
  world: World,
  parties: readonly Actor[],
  room: string,
  acts: readonly Act[],
): Promise<void> {
  const said: (Said & { by: Actor; objects: object[] })[] = [];
  const out = new Set<Actor>();
  for (const { what, who, which } of acts) {
    const by = parties[who] as Actor;
    const one = said[which % (said.length || 1)];
    const attempt = async (work: () => Promise<unknown>) => work().catch(() => {});
    if (what === 'share' || what === 'expire') {
      const objects = Array.from({ length: 1 + (which % 3) }, (_, i) => indicator(`${which} ${i}`));
      const until = what === 'expire' ? new Date(Date.now() + 30).toISOString() : null;
      const to = which % 4 === 0 ? { parties: [(parties[(who + 1) % 3] as Actor).party] } : ('room' as const);
      await attempt(async () =>
        said.push({
          ...(await by.share(room, objects, {
            until,
            to,
            personal: which % 5 === 0 && [{ category: 'other', nature: 'fact' }],
          })),
          by,
          objects,
        }),
      );
    } else if (what === 'version' && one) {
      const newer = one.objects.map((object) => ({
        ...object,
        modified: `2026-06-01T12:00:${String(10 + (which % 50))}.000Z`,
      }));
      await attempt(async () =>
        said.push({ ...(await one.by.share(room, newer)), by: one.by, objects: newer }),
      );
    } else if (what === 'recall' && one) await attempt(() => one.by.recall(room, one.ref));
    else if (what === 'part' && one)
      await attempt(() => one.by.recall(room, one.ref, [which % one.objects.length]));
    else if (what === 'grant' && one) await attempt(() => one.by.grant(room, one.ref, by));
    else if (what === 'read')
      await attempt(() => by.read(room, { justification: which % 2 ? 'case' : null }));
    else if (what === 'leave')
      await attempt(() => by.say('room.leave/1', {}, { room }).then(() => out.add(by)));
    else if (what === 'rejoin' && out.has(by)) {
      await attempt(() => world.host.invite(room, by));
      await attempt(() => by.accept(room));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 40));
  await world.centre.round();
  await erased(world);
}

it('folds to the same, whatever was said, taken back and erased', async () => {
  const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000);
  const world = await World.begin();
  const parties = [await world.party('A'), await world.party('B'), await world.party('C')];
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
      const room = await world.room(parties, { past: acts.length % 2 === 0 });
      await play(world, parties, room, acts);
    }),
    { numRuns: 8, seed, endOnFailure: true },
  );
  const live = await digests(world);
  assert.equal(world.centre.disagreements(), 0, `seed ${seed}`);
  assert.deepEqual(world.doubts, []);
  await world.centre.stop();
  const store = openSqlite<Tables>(pathsIn(world.folder).log);
  await rebuild(store);
  const again = await store.snapshot(({ db }) => projectionDigests(db));
  await store.close();
  assert.deepEqual(Object.fromEntries(again), Object.fromEntries(live), `seed ${seed}`);
  world.forget();
});

it('is pure: two folds of a log of foldings give the same rows', async () => {
  const world = await World.begin();
  const anna = await world.party('A');
  const room = await world.room([anna]);
  const said = await anna.share(room, [indicator('one'), indicator('two')]);
  await anna.recall(room, said.ref, [0]);
  await erased(world);
  const live = await digests(world);
  await world.centre.stop();
  const store = openSqlite<Tables>(pathsIn(world.folder).log);
  const first = await store.snapshot(({ db }) => projectionDigests(db));
  assert.deepEqual(Object.fromEntries(first), Object.fromEntries(live));
  await rebuild(store);
  await rebuild(store);
  assert.deepEqual(
    Object.fromEntries(await store.snapshot(({ db }) => projectionDigests(db))),
    Object.fromEntries(live),
  );
  await store.close();
  world.forget();
});
