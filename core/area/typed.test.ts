import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seedFromEnvironment } from '../../interop/testing/chance.ts';
import { Refusal } from '../errors.ts';
import { checkArea } from './area.ts';
import { contains, covers } from './contains.ts';
import { geoJsonOf, polygonsFromGeoJson } from './geojson.ts';
import { typedShapes } from './typed.ts';

const triangle = [
  [37.6, 55.75],
  [37.7, 55.75],
  [37.7, 55.7],
  [37.6, 55.75],
];
const problemOf = (work: () => unknown): [unknown, string | undefined] => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return [error.params.problem, error.at];
  }
  assert.fail('taken');
};

describe('what people type', () => {
  it('is latitude, longitude, in one line or several, closed or not', () => {
    for (const text of [
      '55.75, 37.6; 55.75, 37.7; 55.7, 37.7',
      '55.75, 37.6; 55.75, 37.7; 55.7, 37.7; 55.75, 37.6;',
      '55.75,37.6 55.75,37.7 55.7,37.7 55.75,37.6',
      '55.75 37.6\n55.75 37.7\r\n55.70 37.70\n',
      '55.75N 37.6E; 37.7E 55.75N; 55.7° N, 37.7° E',
      "55°45'N 37°36'E; 55°45'0\"N, 37°42'E; 55°42′N 37°42′E",
    ])
      assert.deepEqual(typedShapes(text), { polygons: [triangle], circles: [] }, text);
  });

  it('is a circle with a radius in kilometres or metres', () => {
    for (const text of [
      '55.75, 37.6 5 km',
      '55.75,37.6 5km',
      '55.75 37.6; r = 5 km',
      '55.75, 37.6, radius 5000 m',
    ])
      assert.deepEqual(
        typedShapes(text),
        { polygons: [], circles: [{ centre: [37.6, 55.75], radius: 5 }] },
        text,
      );
  });

  it('is several shapes, parted by empty lines where each position has a line of its own', () => {
    const corner = '55.75 37.6\n55.75 37.7\n55.7 37.7';
    const found = typedShapes(`${corner}\n\n${corner}\n55.75, 37.6 1.5 km\n${corner}`);
    assert.deepEqual(found.polygons, [triangle, triangle, triangle]);
    assert.equal(found.circles.length, 1);
  });

  it('south and west are below zero', () => {
    const { circles } = typedShapes('33.45S 70.66W 2 km\n-33.45, -70.66 2 km');
    assert.deepEqual(circles[0], circles[1]);
    assert.deepEqual(circles[0]?.centre, [-70.66, -33.45]);
  });

  it('is refused where it says nothing certain, with the line', () => {
    const wrong: [string, unknown, string][] = [
      ['55.75, 37.6 5', 'typed', 'line 1'],
      ['\n55,75, 37,6', 'typed', 'line 2'],
      ['Moscow', 'typed', 'line 1'],
      ['55.75N 37.6N; 1 1; 2 2', 'typed', 'line 1'],
      ['-55.75N 37.6E; 1 1; 2 2', 'typed', 'line 1'],
      ["55°61'N 37°E 1 km", 'typed', 'line 1'],
      ['155.75, 37.6; 1, 1; 2, 2', 'range', 'line 1/0/1'],
    ];
    for (const [text, problem, at] of wrong)
      assert.deepEqual(
        problemOf(() => typedShapes(text)),
        [problem, at],
        text,
      );
    const [problem] = problemOf(() =>
      checkArea({ type: 'place', name: { en: 'x' }, polygons: typedShapes('1, 1; 2, 2').polygons }),
    );
    assert.equal(problem, 'few-positions');
  });

  it('over the antimeridian is split', () => {
    const { polygons } = typedShapes('-17, 179; -17, -179; -16, -179; -16, 179');
    assert.equal(polygons.length, 2);
    const area = checkArea({ type: 'place', name: { en: 'Taveuni' }, polygons, codes: ['FJ'] });
    assert.equal(contains(area, [179.5, -16.5]), true);
    assert.equal(contains(area, [-179.5, -16.5]), true);
    assert.equal(contains(area, [0, -16.5], ['GH']), false);
    const bow = '-17, 179; -16, -179; -17, -179; -16, 179';
    assert.deepEqual(
      problemOf(() => typedShapes(bow)),
      ['crossing', 'line 1/2'],
    );
  });

  it('and whatever else they type, the answer is shapes or a refusal', () => {
    const words = fc.constantFrom(
      '55.75',
      '37.6',
      ',',
      ';',
      ' ',
      '\n',
      'N',
      'E',
      '°',
      "'",
      'km',
      '5',
      '-',
      'x',
      '179',
      '-179',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 24 }), (text) => {
        try {
          typedShapes(text.join(''));
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
        }
      }),
      { seed: seedFromEnvironment(), numRuns: 500 },
    );
  });
});

describe('GeoJSON', () => {
  const geometry = { type: 'Polygon', coordinates: [triangle] };

  it('comes in as polygons, alone or in features, without heights', () => {
    const tall = { type: 'Polygon', coordinates: [triangle.map((each) => [...each, 150])] };
    const feature = { type: 'Feature', properties: null, geometry };
    for (const value of [geometry, tall, feature, { type: 'FeatureCollection', features: [feature] }])
      assert.deepEqual(polygonsFromGeoJson(value), [triangle]);
    const multi = { type: 'MultiPolygon', coordinates: [[triangle], [triangle]] };
    assert.deepEqual(polygonsFromGeoJson(multi), [triangle, triangle]);
    const area = checkArea({ type: 'place', name: { en: 'x' }, polygons: polygonsFromGeoJson(multi) });
    assert.ok(area.type === 'place');
    assert.deepEqual(geoJsonOf(area), multi);
  });

  it('with a hole, or of another system or shape, is refused', () => {
    const hole = { type: 'MultiPolygon', coordinates: [[triangle], [triangle, triangle]] };
    assert.deepEqual(
      problemOf(() => polygonsFromGeoJson(hole)),
      ['hole', '/coordinates/1/1'],
    );
    const crs = { ...geometry, crs: { type: 'name', properties: { name: 'EPSG:3857' } } };
    assert.deepEqual(
      problemOf(() => polygonsFromGeoJson(crs)),
      ['geojson', '/crs'],
    );
    const point = { type: 'Point', coordinates: [37.6, 55.75] };
    assert.deepEqual(
      problemOf(() => polygonsFromGeoJson(point, '/a')),
      ['geojson', '/a/type'],
    );
  });
});

describe('who is in an area', () => {
  const area = (rest: object) => checkArea({ type: 'place', name: { en: 'x' }, ...rest });

  it('is in a polygon, its border included, or within the radius along the earth', () => {
    const square = [
      [0, 0],
      [2, 0],
      [2, 2],
      [0, 2],
      [0, 0],
    ];
    const both = area({ polygons: [square], circles: [{ centre: [10, 60], radius: 56 }] });
    for (const [at, inside] of [
      [[1, 1], true],
      [[2, 1], true],
      [[0, 0], true],
      [[2.001, 1], false],
      [[11, 60], true],
      [[10, 60.5], true],
      [[11.01, 60], false],
    ] as const)
      assert.equal(contains(both, at), inside, String(at));
    const pole = area({ circles: [{ centre: [0, 89.9], radius: 30 }] });
    assert.equal(contains(pole, [180, 89.9]), true);
    const date = area({ circles: [{ centre: [179.9, 0], radius: 30 }] });
    assert.equal(contains(date, [-179.9, 0]), true);
  });

  it('is told by codes; and where nobody can tell, not told to be outside', () => {
    const paris = area({ codes: ['FR-75'] });
    assert.equal(contains(paris, null, ['FR-75']), true);
    assert.equal(contains(paris, null, ['DE-BE']), false);
    assert.equal(contains(paris, null, ['FR']), null);
    assert.equal(contains(paris, [2.35, 48.85]), null);
    assert.equal(contains(area({ codes: ['FR'] }), null, ['FR-75']), true);
    assert.equal(contains(area({ geocodes: [{ scheme: 'x', value: 'y' }] }), [0, 0]), null);
    assert.equal(contains(area({ circles: [{ centre: [0, 0], radius: 1 }] }), null, ['FR']), null);
    assert.equal(contains({ type: 'recipients' }, [0, 0], ['FR']), null);
    assert.equal(covers('FR', 'FR-75') && !covers('FR-75', 'FR') && !covers('FR', 'FI'), true);
  });
});
