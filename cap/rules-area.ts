/** Of an area (CAP 1.2, 3.2.4). Several polygons, circles and codes are the union of them: they may overlap. */

import { widest } from '@parley/core/area/circle.ts';
import { checkRange, checkRing, same } from '@parley/core/area/ring.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Circle, Position, Ring } from './coordinates.ts';
import { error, type Finding, warning } from './findings.ts';
import type { Area } from './message.ts';
import { checkPlain } from './rules-info.ts';
import { isBlank } from './texts.ts';

export function checkArea(area: Area, path: string): Finding[] {
  return [
    ...(isBlank(area.areaDesc)
      ? [error('area.text', `${path}/areaDesc`, 'No words for the area', 'its name')]
      : []),
    ...checkPlain(area.areaDesc, `${path}/areaDesc`),
    ...area.polygon.flatMap((ring, i) => checkPolygon(ring, `${path}/polygon[${i + 1}]`)),
    ...area.circle.flatMap((circle, i) => checkCircle(circle, `${path}/circle[${i + 1}]`)),
    ...checkHeights(area, path),
  ];
}

/** More are not looked into: every two edges may have to be compared. */
const maxPositions = 4_000;

/** By the rules of every area here. CAP alone forgives the same position twice in a row. */
function checkPolygon(ring: Ring, path: string): Finding[] {
  if (ring.length > maxPositions)
    return [warning('polygon.too-many', path, 'It was not looked into', `${maxPositions} positions at most`)];
  const plain = ring.filter((position, i) => i === 0 || !same(position, ring[i - 1] as Position));
  return broken('polygon', path, 'Not the outline of a place', () => checkRing(plain, ''));
}

function broken(rule: string, path: string, message: string, check: () => void): Finding[] {
  try {
    check();
    return [];
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { at = '', detail = '', params } = refusal;
    // "/3/0": the longitude of the fourth position.
    const number = rule === 'polygon' && at ? ` (position ${Number(at.split('/')[1]) + 1})` : '';
    return [error(`${rule}.${params.problem}`, path, message + number, detail)];
  }
}

/** Half the way round the earth, in kilometres. */
const halfWay = 20_016;

function checkCircle({ center, radius }: Circle, path: string): Finding[] {
  const range = broken('circle', path, 'The middle is not on earth', () => checkRange(center, ''));
  if (range.length > 0) return range;
  if (radius < 0 || radius > halfWay)
    return [error('circle.radius', path, 'No such circle on earth', 'the radius in kilometres')];
  if (radius > widest)
    return [warning('circle.radius', path, `${radius} kilometres`, 'kilometres, and not metres')];
  return [];
}

function checkHeights({ altitude, ceiling }: Area, path: string): Finding[] {
  if (ceiling === undefined) return [];
  if (altitude === undefined)
    return [error('ceiling', `${path}/ceiling`, 'A ceiling without an altitude', 'altitude with ceiling')];
  if (altitude > ceiling)
    return [
      error(
        'ceiling',
        `${path}/ceiling`,
        'The ceiling is below the altitude',
        'altitude no more than ceiling',
      ),
    ];
  return [];
}
