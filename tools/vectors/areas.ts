/** Areas, valid and not: `problem` says what is wrong, `at` where. */

import type { AreaDoubt, AreaProblem } from '@parley/core/area/problems.ts';
import type { Code } from '@parley/core/errors.ts';
import type { Example } from './cast.ts';

const name = { en: 'Moscow' };
const square = [
  [37.4, 55.6],
  [37.8, 55.6],
  [37.8, 55.9],
  [37.4, 55.9],
  [37.4, 55.6],
];
const place = (rest: object) => ({ type: 'place', name, ...rest });
const ring = (...positions: number[][]) => place({ polygons: [positions] });

function valid(title: string, area: object): Example {
  return { name: title, valid: true, area };
}

function invalid(
  problem: AreaProblem | AreaDoubt,
  at: string,
  title: string,
  area: object,
  code: Code = 'area.malformed',
): Example {
  return { name: title, valid: false, code, at, problem, area };
}

export const areas: readonly Example[] = [
  valid('a square', place({ polygons: [square] })),
  valid('the other way round', place({ polygons: [[...square].reverse()] })),
  valid('two that overlap: a union', place({ polygons: [square, square] })),
  valid('a circle of 2.5 km', place({ circles: [{ centre: [37.39, 55.826], radius: 2.5 }] })),
  valid('a country and a subdivision', place({ codes: ['FR', 'BE-BRU'] })),
  valid('a code of another list', place({ geocodes: [{ scheme: 'SAME', value: '006113' }] })),
  valid('no place: these recipients', { type: 'recipients' }),
  valid('a shape with its country', place({ polygons: [square], codes: ['RU-MOW'] })),
  invalid('empty', '', 'a name alone', place({})),
  invalid('shape', '/polygons', 'an empty list', place({ polygons: [] })),
  invalid('shape', '/codes/0', 'a code that is no text', place({ codes: [250] })),
  invalid('open-ring', '/polygons/0/3', 'not closed', place({ polygons: [square.slice(0, 4)] })),
  invalid('few-positions', '/polygons/0', 'three positions', ring([0, 0], [1, 0], [0, 0])),
  invalid('repeated', '/polygons/0/2', 'twice in a row', ring([0, 0], [1, 0], [1, 0], [1, 1], [0, 0])),
  invalid('range', '/polygons/0/1/1', 'a latitude of 91', ring([0, 0], [1, 91], [1, 1], [0, 0])),
  invalid('zero-area', '/polygons/0', 'on a line', ring([0, 0], [1, 1], [2, 2], [0, 0])),
  invalid('crossing', '/polygons/0/2', 'a bow-tie', ring([0, 0], [1, 1], [1, 0], [0, 1], [0, 0])),
  invalid(
    'crossing',
    '/polygons/0/3',
    'there and back',
    ring([0, 0], [2, 0], [2, 2], [3, 2], [0, 2], [0, 0]),
  ),
  invalid(
    'antimeridian',
    '/polygons/0/0',
    'a box over the antimeridian',
    ring([179, -17], [-179, -17], [-179, -16], [179, -16], [179, -17]),
  ),
  invalid('pole', '/polygons/0/0', 'round the pole', ring([-120, 80], [100, 80], [0, 80], [-120, 80])),
  invalid(
    'radius',
    '/circles/0/radius',
    'a radius of 0',
    place({ circles: [{ centre: [0, 0], radius: 0 }] }),
  ),
  invalid('country', '/codes/0', 'UK', place({ codes: ['UK'] })),
  invalid('subdivision', '/codes/0', 'a subdivision of four', place({ codes: ['FR-7501'] })),
  invalid('twice', '/codes/1', 'the same country again', place({ codes: ['FR', 'FR'] })),
  invalid(
    'metres',
    '/circles/0/radius',
    'a radius in metres',
    place({ circles: [{ centre: [37.6, 55.75], radius: 5000 }] }),
    'area.doubtful',
  ),
  invalid(
    'swapped',
    '/polygons/0',
    'latitude before longitude',
    place({ polygons: [square.map(([lon, lat]) => [lat, lon])], codes: ['RU'] }),
    'area.doubtful',
  ),
];
