/** Rings, by chance: what chance draws is judged by others' rules, or by what must not change. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kinks } from '@turf/kinks';
import fc from 'fast-check';
import { seedFromEnvironment } from '../../interop/testing/chance.ts';
import { Refusal } from '../errors.ts';
import { antimeridianEdge, splitAtAntimeridian, unrolled } from './antimeridian.ts';
import { checkArea, type Position, type Ring } from './area.ts';
import { contains } from './contains.ts';
import { crossingOf } from './crossing.ts';
import { checkRing } from './ring.ts';

const chance = { seed: seedFromEnvironment(), numRuns: 300 };
const polygonOf = (ring: Ring) => ({
  type: 'Polygon' as const,
  coordinates: [ring.map((each) => [...each])],
});
const closed = (positions: readonly Position[]): Position[] => [...positions, positions[0] as Position];

/** A star: radii around a middle never cross, wherever they end. */
const star = (lon: number, lat: number, size: number) =>
  fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 3, maxLength: 24 }).map((radii) =>
    closed(
      radii.map((radius, i): Position => {
        const angle = (2 * Math.PI * i) / radii.length;
        const r = size * (0.2 + (0.8 * radius) / 1_000);
        return [lon + r * Math.cos(angle), lat + r * Math.sin(angle)];
      }),
    ),
  );

/** Few places, so that edges meet, touch and lie on each other. */
const scribble = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), {
    minLength: 3,
    maxLength: 8,
  })
  .map((all) => all.filter((each, i) => i === 0 || `${each}` !== `${all[i - 1]}`))
  .filter((all) => all.length >= 3 && `${all[0]}` !== `${all.at(-1)}`)
  .map((all) => closed(all as Position[]));

function areaOf(ring: Ring): number {
  const sum = ring.reduce((all, [x, y], i) => {
    const [x2, y2] = ring[i + 1] ?? [x, y];
    return all + x * y2 - x2 * y;
  }, 0);
  return Math.abs(sum / 2);
}

describe('rings by chance', () => {
  it(`a star is taken, in both directions (PARLEY_SEED=${chance.seed})`, () => {
    fc.assert(
      fc.property(star(10, 50, 5), (ring) => {
        checkRing(ring, '');
        checkRing([...ring].reverse(), '');
      }),
      chance,
    );
  });

  it('what Turf sees crossing is refused, and more', () => {
    let [more, taken] = [0, 0];
    fc.assert(
      fc.property(scribble, (ring) => {
        const [found, theirs] = [crossingOf(ring), kinks(polygonOf(ring)).features.length];
        if (theirs > 0) assert.ok(found, JSON.stringify(ring));
        if (found && theirs === 0) assert.ok(found.along, JSON.stringify(ring));
        if (found && theirs === 0) more++;
        if (!found) taken++;
      }),
      { ...chance, numRuns: 2_000 },
    );
    assert.ok(more > 0 && taken > 0, `${more} more, ${taken} taken`);
  });

  it('a ring over the antimeridian is split into rings that hold as much, and the same places', () => {
    const place = fc.tuple(
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: -6, max: 6, noNaN: true }),
    );
    const around = (lon: number) => (lon > 180 ? lon - 360 : lon);
    fc.assert(
      fc.property(
        star(0, 0, 5),
        fc.double({ min: -4, max: 4, noNaN: true }),
        place,
        (shape, shift, [x, y]) => {
          const ring = shape.map(([lon, lat]): Position => [around(lon + 180 + shift), lat]);
          if (antimeridianEdge(ring) === null) return;
          const pieces = splitAtAntimeridian(ring);
          assert.ok(pieces);
          const whole = areaOf(shape);
          const sum = pieces.reduce((all, piece) => all + areaOf(piece), 0);
          assert.ok(Math.abs(sum - whole) < 1e-9 * Math.max(1, whole), `${sum} of ${whole}`);
          const area = checkArea({ type: 'place', name: { en: 'x' }, polygons: pieces });
          const plain = checkArea({ type: 'place', name: { en: 'x' }, polygons: [shape] });
          const at: Position = [around(x + 180 + shift), y];
          // On an edge the two round differently.
          if (nearEdge(shape, [x, y])) return;
          assert.equal(contains(area, at), contains(plain, [x, y]));
          assert.ok(unrolled(ring).length === ring.length);
        },
      ),
      chance,
    );
  });

  it('a comb over the antimeridian becomes its back and its teeth', () => {
    const teeth = [0, 1, 2, 3].flatMap((i): Position[] => [
      [-179, 2 * i],
      [-179, 2 * i + 1],
      [179, 2 * i + 1],
      [179, 2 * i + 2],
    ]);
    const comb = closed([[178, 0], ...teeth.slice(0, -1), [178, 7]]);
    const pieces = splitAtAntimeridian(comb) ?? [];
    assert.equal(pieces.length, 5);
    for (const piece of pieces) checkRing(piece, '');
    assert.deepEqual(
      pieces.map(areaOf).sort((a, b) => a - b),
      [1, 1, 1, 1, 11],
    );
  });

  it('a position on the antimeridian stays the one it is, whatever rounding makes of the edges to it', () => {
    const ring = closed([
      [-178.996, 0],
      [-179.0270210690873, 0.9729789309126893],
      [180, 3.0000000000000004],
      [179.2900647916887, 0.7099352083112938],
      [178.996, 0],
      [179.2900647916887, -0.7099352083112935],
      [180, -1.004],
      [-179.2900647916887, -0.7099352083112939],
    ]);
    const pieces = splitAtAntimeridian(ring) ?? [];
    assert.equal(pieces.length, 2);
    for (const piece of pieces) {
      checkRing(piece, '');
      assert.equal(piece.length, 6, JSON.stringify(piece));
    }
  });

  it('a ring that touches the antimeridian in a position is split there', () => {
    const touching = closed([
      [179, 0],
      [-179, 0],
      [-179, 1],
      [180, 2],
      [-179, 3],
      [-179, 4],
      [179, 4],
    ]);
    const pieces = splitAtAntimeridian(touching) ?? [];
    for (const piece of pieces) checkRing(piece, '');
    assert.equal(
      pieces.reduce((sum, piece) => sum + areaOf(piece), 0),
      7,
    );
  });

  it('whatever comes, the answer is an area or a refusal', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 180, -180, 90, 181));
    const shape = fc.record(
      {
        type: fc.constantFrom('place', 'recipients', 'x'),
        name: fc.oneof(fc.constant({ en: 'x' }), fc.jsonValue()),
        polygons: fc.oneof(fc.array(fc.array(fc.tuple(number, number))), fc.jsonValue()),
        circles: fc.array(fc.record({ centre: fc.tuple(number, number), radius: number })),
        codes: fc.array(fc.oneof(fc.string(), fc.constantFrom('FR', 'FR-75', '__proto__'))),
      },
      { requiredKeys: ['type'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.oneof(shape, fc.jsonValue()), (value) => {
        try {
          assert.deepEqual(checkArea(value), value);
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
          assert.ok(typeof error.params.problem === 'string' && error.at !== undefined);
        }
      }),
      chance,
    );
  });
});

function nearEdge(ring: Ring, [x, y]: Position): boolean {
  return ring.slice(0, -1).some(([x1, y1], i) => {
    const [x2, y2] = ring[i + 1] as Position;
    const t = Math.min(
      1,
      Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)),
    );
    return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1)) < 1e-6;
  });
}
