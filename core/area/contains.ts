/** Who is in an area. */
import inRing from 'point-in-polygon-hao';
import type { Area, Circle, Position, Ring } from './area.ts';
import { distance } from './circle.ts';

/**
 * Whether a place lies in the area; on the border is inside, since a warning too many does less harm than one too few.
 * @param codes of ISO 3166 that the place is known to lie in
 * @returns null where it cannot be told: the area is none, or reaches further by codes than can be looked up
 */
export function contains(
  area: Area,
  position: Position | null,
  codes: readonly string[] = [],
): boolean | null {
  if (area.type === 'recipients') return null;
  if ((area.codes ?? []).some((code) => codes.some((own) => covers(code, own)))) return true;
  if (position && (area.polygons ?? []).some((ring) => inPolygon(ring, position))) return true;
  if (position && (area.circles ?? []).some((circle) => inCircle(circle, position))) return true;
  const drawn = area.polygons !== undefined || area.circles !== undefined;
  const open =
    area.geocodes !== undefined ||
    (area.codes !== undefined && !tellApart(area.codes, codes)) ||
    (drawn && !position);
  return open ? null : false;
}

/** A country covers its subdivisions. */
export function covers(code: string, other: string): boolean {
  return code === other || (code.length === 2 && other.startsWith(`${code}-`));
}

/**
 * Codes of which none covers another say "outside" only as far as they are of one depth: who is known to be in FR may
 * be in FR-75, and who is known to be in FR-75 may be in FR-IDF, of which it is a part.
 */
function tellApart(codes: readonly string[], own: readonly string[]): boolean {
  const countries = new Set(own.map((code) => code.slice(0, 2)));
  return countries.size > 0 && codes.every((code) => !countries.has(code.slice(0, 2)));
}

function inPolygon(ring: Ring, position: Position): boolean {
  const found = inRing([...position], [ring.map((each) => [...each])]);
  return found === 0 || found;
}

function inCircle({ centre, radius }: Circle, position: Position): boolean {
  return distance(centre, position) <= radius;
}
