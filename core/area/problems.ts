/** What can be wrong with an area: `params.problem` of `area.malformed` and `area.doubtful`. */
import { Refusal } from '../errors.ts';

export const areaProblems = [
  'shape', // not the JSON that an area is
  'empty', // neither shape nor code
  'too-many', // more positions than are checked
  'range', // no such longitude or latitude
  'open-ring', // the last position is not the first
  'few-positions', // fewer than four
  'repeated', // a position twice in a row
  'antimeridian', // an edge over more than half the earth
  'pole', // goes round a pole
  'crossing', // crosses or touches itself
  'zero-area', // encloses nothing
  'radius', // not above zero, or beyond what a circle on the earth can be
  'country', // no ISO 3166-1 code
  'subdivision', // not how ISO 3166-2 writes a code, or of no country
  'twice', // the same code again
  'hole', // GeoJSON with a hole
  'geojson', // no polygon of GeoJSON
  'typed', // a line that cannot be read
] as const;
export type AreaProblem = (typeof areaProblems)[number];

/** Well-formed, and hardly what is meant. */
export const areaDoubts = [
  'swapped', // latitude and longitude
  'metres', // a radius that is sensible only in metres
] as const;
export type AreaDoubt = (typeof areaDoubts)[number];

export function wrongArea(problem: AreaProblem, at: string, detail: string): Refusal {
  return new Refusal('area.malformed', { at, detail, params: { problem } });
}

export function doubtfulArea(problem: AreaDoubt, at: string, detail: string): Refusal {
  return new Refusal('area.doubtful', { at, detail, params: { problem } });
}
