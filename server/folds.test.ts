/** Law 2: the log is the truth. Dropped and folded again, also after recalls, projections are what they were. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { checkCentre } from './check-centre.ts';
import { projectionDigests, rebuild, type Tables } from './folds.ts';
import { openLog } from './place.ts';
import { type Actor, indicator, type Said } from './testing/actor.ts';
import { located, placeOf } from './testing/located.ts';
import { World } from './testing/world.ts';

async function digests(world: World): Promise<ReadonlyMap<string, string>> {
  return world.centre.read((_, { db }) => projectionDigests(db));
}

/** Until what is condemned is erased from the store. */
async function erased(world: World): Promise<void> {
  while ((await world.centre.read((_, { log }) => log.condemned())) > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What changes who is in, and what is withheld. */
const standing = ['suspend', 'observe', 'withhold', 'resume'] as const;

interface Act {
  readonly what:
    | 'share'
    | 'version'
    | 'recall'
    | 'part'
    | 'narrow'
    | 'grant'
    | 'read'
    | 'leave'
    | 'rejoin'
    | 'expire'
    | 'hold'
    | 'end'
    | (typeof standing)[number];
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
    'narrow',
    'grant',
    'read',
    'leave',
    'rejoin',
    'expire',
    'hold',
    'end',
    ...standing,
  ),
  who: fc.nat(2),
  which: fc.nat(1_000),
});

const later = (ms: number) => new Date(Date.now() + ms).toISOString();

function isStanding(what: Act['what']): what is (typeof standing)[number] {
  return standing.some((each) => each === what);
}

type Stop = Said & { by: Actor };

/** Members are suspended and restored, become observers, and withhold from each other. */
async function stand(
  { what, who, which }: Act,
  world: World,
  parties: readonly Actor[],
  room: string,
  stops: Stop[],
): Promise<void> {
  const by = parties[who] as Actor;
  const other = parties[(who + 1) % 3] as Actor;
  if (what === 'suspend')
    await world.host.restore(room, by).catch(() => world.host.suspend(room, by)); // The one or the other.
  else if (what === 'observe') {
    await by.say('room.leave/1', {}, { room });
    await world.host.invite(room, by, 'observer');
    await by.accept(room);
  } else if (what === 'withhold') {
    const terms = await by.termsHash(room);
    const broken = { undertaking: 'report', by: other.party, terms, state: 'broken', evidence: [] };
    const { ref: because } = await by.say('undertaking.state/1', broken, { room });
    const body = { undertaking: 'routes', because, from: other.party };
    stops.push({ ...(await by.say('undertaking.suspend/1', body, { room })), by });
  } else {
    const stop = stops[which % stops.length];
    await stop?.by.say('undertaking.resume/1', { suspension: stop.ref }, { room });
  }
}

/** Each owes the routes in return for everybody's reports. */
const undertakings = [
  { id: 'report', by: 'each' as const, text: 'Each reports.', inReturnFor: [] },
  { id: 'routes', by: 'each' as const, text: 'Each shares routes.', inReturnFor: ['report'] },
];

/** Does what makes sense, and skips what would be refused. */
async function play(
  world: World,
  parties: readonly Actor[],
  room: string,
  acts: readonly Act[],
): Promise<void> {
  const said: (Said & { by: Actor; objects: object[] })[] = [];
  const out = new Set<Actor>();
  const holds: (Said & { by: Actor })[] = [];
  const stops: Stop[] = [];
  for (const { what, who, which } of acts) {
    const by = parties[who] as Actor;
    const one = said[which % (said.length || 1)];
    const attempt = async (work: () => Promise<unknown>) => work().catch(() => {});
    if (what === 'share' || what === 'expire') {
      const cases = [{ source_name: 'case', external_id: `Case ${which % 3}` }];
      const objects = Array.from({ length: 1 + (which % 3) }, (_, i) =>
        indicator(`${which} ${i}`, i === 0 ? { external_references: cases } : {}),
      );
      const until = what === 'expire' ? new Date(Date.now() + 30).toISOString() : null;
      const named = { parties: [(parties[(who + 1) % 3] as Actor).party, world.host.party] };
      const to = which % 4 === 0 ? named : which % 4 === 1 ? ('observers' as const) : ('room' as const);
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
    } else if (isStanding(what))
      await attempt(() => stand({ what, who, which }, world, parties, room, stops));
    else if (what === 'recall' && one) await attempt(() => one.by.recall(room, one.ref));
    else if (what === 'hold' && one) {
      const parts = which % 2 === 0 ? null : [which % one.objects.length];
      const about = { target: one.ref, parts, basis: 'court-order', review: later(60_000), until: null };
      const until = which % 3 === 0 ? { review: later(20), until: later(30) } : {};
      await attempt(async () =>
        holds.push({ ...(await one.by.say('hold/1', { ...about, ...until }, { room })), by: one.by }),
      );
    } else if (what === 'end' && holds.length > 0) {
      const hold = holds[which % holds.length];
      await attempt(async () => hold?.by.say('hold.end/1', { hold: hold.ref }, { room }));
    } else if (what === 'part' && one)
      await attempt(() => one.by.recall(room, one.ref, [which % one.objects.length]));
    else if (what === 'narrow' && one) {
      const from = parties.filter((each) => each !== one.by).slice(which % 3 === 0 ? 0 : 1);
      const parts = which % 2 === 0 ? null : [which % one.objects.length];
      await attempt(() => one.by.recall(room, one.ref, parts, from));
    } else if (what === 'grant' && one) await attempt(() => one.by.grant(room, one.ref, by));
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
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const room = await world.room(parties, { past: acts.length % 2 === 0, undertakings });
      await play(world, parties, room, acts);
    }),
    { numRuns: 10, seed, endOnFailure: true },
  );
  const live = await digests(world);
  assert.equal(world.centre.disagreements(), 0, `seed ${seed}`);
  assert.deepEqual(world.doubts, []);
  await checkCentre({ ...located(world.folder), centre: world.centre.name, now: world.centre.now() });
  await world.centre.stop();
  const store = await openLog<Tables>(placeOf(world.folder));
  await rebuild(store);
  const again = await store.snapshot(({ db }) => projectionDigests(db));
  await store.close();
  assert.deepEqual(Object.fromEntries(again), Object.fromEntries(live), `seed ${seed}`);
  await world.forget();
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
  const store = await openLog<Tables>(placeOf(world.folder));
  const first = await store.snapshot(({ db }) => projectionDigests(db));
  assert.deepEqual(Object.fromEntries(first), Object.fromEntries(live));
  await rebuild(store);
  await rebuild(store);
  assert.deepEqual(
    Object.fromEntries(await store.snapshot(({ db }) => projectionDigests(db))),
    Object.fromEntries(live),
  );
  await store.close();
  await world.forget();
});
