/** Circles: radius in kilometres (CAP 1.2, 3.2.4), measured along the earth's surface. */
import type { Circle, Position } from './area.ts';
import { doubtfulArea, wrongArea } from './problems.ts';

/** Kilometres: the mean radius of the earth (IUGG). */
const earth = 6_371.0088;
/** Kilometres. A wider one is a country, which has a code, or was given in metres. */
export const widest = 1_000;
/** From here on a client asks whether metres were meant. */
export const wide = 100;

/** @throws area.malformed, area.doubtful */
export function checkCircle({ radius }: Circle, at: string): void {
  if (!(radius > 0)) throw wrongArea('radius', `${at}/radius`, 'a radius is more than 0 km');
  if (radius > widest)
    throw doubtfulArea(
      'metres',
      `${at}/radius`,
      `the radius is in kilometres: ${radius} m are ${radius / 1_000}. What is wider than ${widest} km is named by the codes of its countries`,
    );
}

/** Kilometres between two places. */
export function distance([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const rad = Math.PI / 180;
  const half = (degrees: number) => Math.sin((degrees * rad) / 2) ** 2;
  const h = half(lat2 - lat1) + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * half(lon2 - lon1);
  return 2 * earth * Math.asin(Math.min(1, Math.sqrt(h)));
}
