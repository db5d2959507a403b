import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runVectors } from '../../tools/vectors/read.ts';
import { type Refusal, Refusal as RefusalClass } from '../errors.ts';
import { type Area, checkArea } from './area.ts';
import { doubtsAbout } from './doubts.ts';
import type { AreaDoubt, AreaProblem } from './problems.ts';

const name = { en: 'Moscow' };
const moscow = [
  [37.4, 55.6],
  [37.8, 55.6],
  [37.8, 55.9],
  [37.4, 55.9],
  [37.4, 55.6],
];
const place = (rest: object) => ({ type: 'place', name, ...rest });
const polygon = (...ring: number[][]) => place({ polygons: [ring] });

function refused(value: unknown, context = {}): Refusal {
  try {
    checkArea(value, context);
  } catch (error) {
    assert.ok(error instanceof RefusalClass, String(error));
    return error;
  }
  assert.fail(`taken: ${JSON.stringify(value)}`);
}

function refusedFor(problem: AreaProblem | AreaDoubt, at: string, value: unknown, says?: RegExp): void {
  const refusal = refused(value);
  assert.deepEqual([refusal.params.problem, refusal.at], [problem, at], refusal.message);
  if (says) assert.match(refusal.detail ?? '', says);
}

runVectors<{ area: unknown; problem?: string }>('area/areas.json', ({ area, problem }) => {
  if (problem !== undefined) assert.equal(refused(area).params.problem, problem);
  assert.deepEqual(checkArea(area), area);
});

describe('an area', () => {
  it('is a place of shapes and codes, which may overlap, or none', () => {
    const whole: Area = {
      type: 'place',
      name: { en: 'Moscow', fr: 'Moscou', ru: 'Москва' },
      polygons: [moscow as [number, number][], moscow as [number, number][]],
      circles: [{ centre: [37.39, 55.826], radius: 2.5 }],
      codes: ['RU-MOW', 'RU-MOS'],
      geocodes: [{ scheme: 'UN/LOCODE', value: 'RUMOW' }],
    };
    assert.deepEqual(checkArea(whole), whole);
    assert.deepEqual(checkArea({ type: 'recipients' }), { type: 'recipients' });
  });

  it('has something that can be drawn or looked up', () => {
    refusedFor('empty', '', place({}), /ISO 3166/);
    assert.equal(refused(place({}), { at: '/parts/0/area' }).at, '/parts/0/area');
    refusedFor('shape', '/polygons', place({ polygons: [] }));
    refusedFor('shape', '/name', { type: 'place', name: {}, codes: ['FR'] });
    refusedFor('shape', '/circles/0/radius', place({ circles: [{ centre: [1, 1] }] }));
    refusedFor('shape', '/type', { name });
  });

  it('has closed rings of four positions or more', () => {
    refusedFor('open-ring', '/polygons/0/3', polygon([0, 0], [1, 0], [1, 1], [0, 1]), /\[0, 0\]/);
    refusedFor('few-positions', '/polygons/0', polygon([0, 0], [1, 0], [0, 0]), /four/);
    refusedFor('few-positions', '/polygons/0', polygon());
    refusedFor('repeated', '/polygons/0/2', polygon([0, 0], [1, 0], [1, 0], [1, 1], [0, 0]));
    const many = Array.from({ length: 500 }, (_, i) => [i / 1_000, (i / 1_000) ** 2]);
    refusedFor(
      'too-many',
      '/polygons',
      place({
        polygons: [
          [...many, many[0]],
          [...many, many[0]],
        ],
      }),
    );
  });

  it('lies on the earth', () => {
    refusedFor('range', '/polygons/0/1/0', polygon([0, 0], [181, 0], [1, 1], [0, 0]));
    refusedFor(
      'range',
      '/circles/0/centre/1',
      place({ circles: [{ centre: [37.6, 91], radius: 1 }] }),
      /swapped/,
    );
    refusedFor('range', '/polygons/0/0/1', polygon([170, -95], [171, 0], [1, 1], [170, -95]), /-90 and 90$/);
  });

  it('encloses something, and does not meet itself', () => {
    refusedFor('zero-area', '/polygons/0', polygon([0, 0], [1, 1], [2, 2], [0, 0]));
    refusedFor('zero-area', '/polygons/0', polygon([0, 0], [1, 0], [2, 1], [1, 0], [0, 0]));
    refusedFor('crossing', '/polygons/0/2', polygon([0, 0], [1, 1], [1, 0], [0, 1], [0, 0]), /meets/);
    const spike = polygon([0, 0], [2, 0], [2, 2], [3, 2], [1, 2], [0, 2], [0, 0]);
    refusedFor('crossing', '/polygons/0/3', spike);
    const overlap = polygon([0, 0], [4, 0], [4, 2], [5, 2], [5, 0], [2, 0], [2, -1], [0, -1], [0, 0]);
    refusedFor('crossing', '/polygons/0/4', overlap, /runs along/);
    const touching = polygon([0, 0], [2, 0], [1, 1], [2, 2], [0, 2], [1, 1], [0, 0]);
    refusedFor('crossing', '/polygons/0/4', touching);
    refusedFor(
      'crossing',
      '/polygons/0/4',
      polygon([1, 0], [3, 0], [3, 2], [2, 2], [2, 0], [1, 0]),
      /runs along/,
    );
    assert.equal(checkArea(polygon([1, 0], [2, 0], [2, 2], [0, 0], [1, 0])).type, 'place');
  });

  it('that crosses the antimeridian is told how to split', () => {
    const taveuni = polygon([179, -17], [-179, -17], [-179, -16], [179, -16], [179, -17]);
    refusedFor(
      'antimeridian',
      '/polygons/0/0',
      taveuni,
      /\[\[180, -16\], \[179, -16\], \[179, -17\], \[180, -17\], \[180, -16\]\] and \[\[-180, -17\], \[-179, -17\]/,
    );
    refusedFor('pole', '/polygons/0/0', polygon([-120, 80], [100, 80], [0, 80], [-120, 80]));
    const wide = polygon([-170, 50], [0, 50], [170, 50], [170, 60], [0, 60], [-170, 60], [-170, 50]);
    assert.equal(checkArea(wide).type, 'place');
  });

  it('has a radius in kilometres', () => {
    const circle = (radius: number) => place({ circles: [{ centre: [37.6, 55.75], radius }] });
    refusedFor('metres', '/circles/0/radius', circle(5_000), /5000 m are 5\./);
    refusedFor('radius', '/circles/0/radius', circle(0));
    refusedFor('radius', '/circles/0/radius', circle(-1));
    assert.deepEqual(doubtsAbout(checkArea(circle(500))), [
      { doubt: 'wide', at: '/circles/0/radius', kilometres: 500 },
    ]);
    assert.deepEqual(doubtsAbout(checkArea(circle(99))), []);
  });

  it('names countries of ISO 3166-1 and their subdivisions', () => {
    const codes = (...list: string[]) => place({ codes: list });
    for (const code of ['FR', 'FR-75', 'GB-NIR', 'BE-BRU', 'XK', 'US-NY'])
      assert.equal(checkArea(codes(code)).type, 'place');
    for (const code of ['UK', 'EU', 'fr', 'FRA', 'ZZ', '', 'F', 'constructor'])
      refusedFor('country', '/codes/0', codes(code));
    for (const code of ['FR-', 'FR-7575', 'FR-ab', 'FR 75'])
      assert.match(String(refused(codes(code)).params.problem), /subdivision|country/);
    refusedFor('twice', '/codes/2', codes('FR', 'DE', 'FR'));
  });
});

describe('latitude where longitude belongs', () => {
  const swapped = moscow.map(([lon, lat]) => [lat, lon]);

  it('is found by the countries that are named', () => {
    refusedFor('swapped', '/polygons/0', place({ polygons: [swapped], codes: ['RU'] }), /outside RU/);
    refusedFor('swapped', '/polygons/1', place({ polygons: [moscow, swapped], codes: ['RU-MOW'] }));
    refusedFor(
      'swapped',
      '/circles/0/centre',
      place({ circles: [{ centre: [55.75, 37.6], radius: 3 }], codes: ['RU'] }),
    );
    const context = { countries: ['RU'], at: '/area' };
    assert.equal(refused(place({ polygons: [swapped] }), context).at, '/area/polygons/0');
  });

  it('is not seen where no country is named, or another that it lies in', () => {
    for (const codes of [undefined, ['IR'], ['RU', 'IR', 'TM']])
      assert.equal(checkArea(place({ polygons: [swapped], ...(codes ? { codes } : {}) })).type, 'place');
    assert.equal(checkArea(place({ polygons: [moscow], codes: ['RU'] })).type, 'place');
  });

  it('is something else than a shape beside the country', () => {
    const area = checkArea(place({ polygons: [moscow], codes: ['FR'] }));
    assert.deepEqual(doubtsAbout(area), [{ doubt: 'elsewhere', at: '/polygons/0' }]);
    assert.deepEqual(doubtsAbout(area, ['RU']), []);
  });

  it('leaves places in peace that several sides call theirs', () => {
    const circle = (lon: number, lat: number, codes: string[]) =>
      assert.deepEqual(
        doubtsAbout(checkArea(place({ circles: [{ centre: [lon, lat], radius: 1 }], codes }))),
        [],
      );
    for (const code of ['UA-43', 'RU']) circle(34.1, 44.95, [code]);
    for (const code of ['IN', 'PK']) circle(74.3, 35.9, [code]);
    for (const code of ['RS', 'XK']) circle(21.16, 42.66, [code]);
    for (const code of ['MA', 'EH']) circle(-13.2, 27.15, [code]);
    circle(33.36, 35.34, ['CY']);
  });
});
