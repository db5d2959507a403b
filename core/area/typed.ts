/**
 * Shapes as people type or paste them: latitude before longitude, as on maps, in phones and in CAP. A line with a radius
 * is a circle; a line with several positions is a polygon; lines with one position each are a polygon together, up to
 * an empty line.
 *
 *     55.75, 37.60; 55.75, 37.70; 55.70, 37.70
 *     55.75,37.6 55.75,37.7 55.7,37.7 55.75,37.6
 *     55°45'21"N 37°37'4"E
 *     55.75, 37.6 5 km
 */
import type { Circle, Position, Ring } from './area.ts';
import { wrongArea } from './problems.ts';
import { ringsOf } from './ring.ts';

const number = '[+-]?\\d+(?:\\.\\d+)?';
const below = '\\d{1,2}(?:\\.\\d+)?';
const coordinate = `(${number})\\s*(?:°\\s*(?:(${below})\\s*['′’]\\s*(?:(${below})\\s*["″”]\\s*)?)?)?([NSEW])?`;
const pair = new RegExp(`^${coordinate}(?:\\s*,\\s*|\\s+|(?<=[NSEWnsew]))${coordinate}$`, 'i');
const withRadius = /^(.*?[^\s,;])\s*[,;\s]\s*(?:r(?:adius)?\s*[:=]?\s*)?(\d+(?:\.\d+)?)\s*(km|m)?$/i;

export interface Shapes {
  readonly polygons: readonly Ring[];
  readonly circles: readonly Circle[];
}

/** @throws area.malformed at a line, such as `line 3`; the shapes it gives are for `checkArea` to check */
export function typedShapes(text: string): Shapes {
  const polygons: Ring[] = [];
  const circles: Circle[] = [];
  let gathered: Position[] = [];
  let began = 0;
  const end = () => {
    if (gathered.length > 0) polygons.push(...ringsOf(closing(gathered), `line ${began}`));
    gathered = [];
  };
  for (const [i, line] of [...text.split(/\r?\n/), ''].entries()) {
    const found = lineOf(line.trim().replace(/\s+/g, ' '), `line ${i + 1}`);
    if (Array.isArray(found) && found.length === 1) {
      if (gathered.length === 0) began = i + 1;
      gathered.push(...found);
      continue;
    }
    end();
    if (!Array.isArray(found)) circles.push(found);
    else if (found.length > 1) polygons.push(...ringsOf(closing(found), `line ${i + 1}`));
  }
  return { polygons, circles };
}

function lineOf(line: string, at: string): Position[] | Circle {
  if (line === '') return [];
  const parts = partsOf(line);
  if (parts.every((part) => pair.test(part))) return parts.map((part) => positionOf(part, at));
  const [, where = '', radius, unit] = withRadius.exec(line) ?? [];
  if (radius === undefined || !pair.test(where.trim()))
    throw wrongArea(
      'typed',
      at,
      'expected latitude, longitude with decimal points, positions parted by semicolons, such as 55.75, 37.6; 55.8, 37.7; 55.7, 37.8, or a circle such as 55.75, 37.6 5 km',
    );
  if (unit === undefined) throw wrongArea('typed', at, `say of what the radius is ${radius}: km or m`);
  return {
    centre: positionOf(where.trim(), at),
    radius: unit.toLowerCase() === 'm' ? Number(radius) / 1_000 : Number(radius),
  };
}

/** By semicolons, or as CAP has them: by white space, with a comma inside each. */
function partsOf(line: string): string[] {
  if (line.includes(';'))
    return line
      .split(';')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const words = line.split(/\s+/);
  return words.every((word) => /^[^,]+,[^,]+$/.test(word)) ? words : [line];
}

function positionOf(text: string, at: string): Position {
  const [, ...found] = pair.exec(text) ?? [];
  const [first, second] = [found.slice(0, 4), found.slice(4, 8)].map((each) => degrees(each, at));
  if (!first || !second) throw wrongArea('typed', at, 'expected latitude, longitude');
  const [a, b] = [first.axis ?? other(second.axis) ?? 'lat', second.axis ?? other(first.axis) ?? 'lon'];
  if (a === b) throw wrongArea('typed', at, 'expected one of N and S, and one of E and W');
  return a === 'lat' ? [second.value, first.value] : [first.value, second.value];
}

type Axis = 'lat' | 'lon';

function other(axis: Axis | null): Axis | null {
  return axis && (axis === 'lat' ? 'lon' : 'lat');
}

function degrees(
  [whole = '', minutes = '0', seconds = '0', letter = '']: readonly (string | undefined)[],
  at: string,
): { value: number; axis: Axis | null } {
  if (Number(minutes) >= 60 || Number(seconds) >= 60)
    throw wrongArea('typed', at, 'minutes and seconds are below 60');
  const side = letter.toUpperCase();
  if (side !== '' && /^[+-]/.test(whole))
    throw wrongArea('typed', at, 'a sign and a letter: write one of them');
  const size = Math.abs(Number(whole)) + Number(minutes) / 60 + Number(seconds) / 3_600;
  const value = whole.startsWith('-') || side === 'S' || side === 'W' ? -size : size;
  return {
    // Some 10 cm, the precision of what was typed.
    value: minutes === '0' && seconds === '0' ? value : Number(value.toFixed(6)),
    axis: side === '' ? null : side === 'N' || side === 'S' ? 'lat' : 'lon',
  };
}

/** People do not type the first position once more, and often a position twice. */
function closing(positions: readonly Position[]): Position[] {
  const kept = positions.filter(
    ([lon, lat], i) => i === 0 || lon !== positions[i - 1]?.[0] || lat !== positions[i - 1]?.[1],
  );
  const [first, last] = [kept[0], kept.at(-1)];
  if (!first || !last) return [];
  return kept.length > 1 && first[0] === last[0] && first[1] === last[1] ? kept : [...kept, first];
}
