/** A ring as CAP 1.2 (3.2.4) and RFC 7946 (3.1.6) ask for it, and what neither a schema nor a map would notice. */

import { antimeridianEdge, splitAtAntimeridian, unrolled } from './antimeridian.ts';
import type { Position, Ring } from './area.ts';
import { crossingOf } from './crossing.ts';
import { wrongArea } from './problems.ts';

/** @throws area.malformed */
export function checkRange([lon, lat]: Position, at: string): void {
  if (lon < -180 || lon > 180)
    throw wrongArea('range', `${at}/0`, `longitude ${lon} is not between -180 and 180`);
  if (lat >= -90 && lat <= 90) return;
  const turned = Math.abs(lon) <= 90 && Math.abs(lat) <= 180;
  throw wrongArea(
    'range',
    `${at}/1`,
    `latitude ${lat} is not between -90 and 90${turned ? ': longitude comes first, so perhaps the two are swapped' : ''}`,
  );
}

/**
 * In the order in which somebody would mend it: positions, closure, where it runs, what it encloses.
 * @throws area.malformed
 */
export function checkRing(ring: Ring, at: string): void {
  for (const [i, each] of ring.entries()) checkRange(each, `${at}/${i}`);
  const [first, last] = [ring[0], ring.at(-1)];
  if (!first || !last) throw wrongArea('few-positions', at, 'a ring has at least four positions');
  if (!same(first, last))
    throw wrongArea('open-ring', `${at}/${ring.length - 1}`, `end with the first position, ${told(first)}`);
  if (ring.length < 4)
    throw wrongArea(
      'few-positions',
      at,
      'a ring has at least four positions, three and the first one once more',
    );
  const again = ring.findIndex((each, i) => i > 0 && same(each, ring[i - 1] as Position));
  if (again > 0)
    throw wrongArea('repeated', `${at}/${again}`, 'the same position as the one before: leave one out');
  checkAntimeridian(ring, at);
  refuseCrossing(ring, at);
}

function refuseCrossing(ring: Ring, at: string): void {
  const crossing = crossingOf(ring);
  if (areaOf(ring) === 0 && (!crossing || crossing.along))
    throw wrongArea('zero-area', at, 'the ring encloses nothing: its positions lie on a line');
  if (!crossing) return;
  const [before, edge] = crossing.edges;
  throw wrongArea(
    'crossing',
    `${at}/${edge}`,
    `the edge from position ${edge} ${crossing.along ? 'runs along' : 'meets'} the one from position ${before}: ` +
      'go round the area once, without touching what was drawn',
  );
}

/**
 * A ring as somebody drew it, which may run across the antimeridian: split there, else as it is.
 * @throws area.malformed
 */
export function ringsOf(ring: Ring, at: string): Ring[] {
  for (const [i, each] of ring.entries()) checkRange(each, `${at}/${i}`);
  if (antimeridianEdge(ring) === null) return [ring];
  // Pieces of what crosses itself may be rings that do not.
  refuseCrossing(unrolled(ring), at);
  const pieces = splitAtAntimeridian(ring);
  if (pieces === null) throw wrongArea('pole', at, roundPole);
  return pieces;
}

const roundPole =
  'it goes round a pole, or touches the antimeridian in a single place: draw each side of the antimeridian by itself, or a circle';

function checkAntimeridian(ring: Ring, at: string): void {
  const edge = antimeridianEdge(ring);
  if (edge === null) return;
  const pieces = splitAtAntimeridian(ring);
  const here = `${at}/${edge}`;
  if (pieces === null) throw wrongArea('pole', here, roundPole);
  throw wrongArea(
    'antimeridian',
    here,
    `the edge from here spans more than 180 degrees. If it crosses the antimeridian, split it there: ` +
      `${pieces.map((piece) => `[${piece.map(told).join(', ')}]`).join(' and ')}. ` +
      'If the long way round is meant, put a position between',
  );
}

/** Twice the signed area in square degrees; exact enough to tell nothing from something. */
function areaOf(ring: Ring): number {
  const [x0, y0] = ring[0] as Position;
  let sum = 0;
  for (let i = 1; i < ring.length - 1; i++) {
    const [[x1, y1], [x2, y2]] = [ring[i] as Position, ring[i + 1] as Position];
    sum += (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
  }
  return Math.abs(sum) < 1e-12 ? 0 : sum;
}

export function same(a: Position, b: Position): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

export function told([lon, lat]: Position): string {
  return `[${lon}, ${lat}]`;
}
