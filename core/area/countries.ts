/** ISO 3166: which countries there are, and roughly where. */
import type { Position } from './area.ts';
import boxes from './countries.json' with { type: 'json' };
import { wrongArea } from './problems.ts';

/**
 * ISO 3166-1 alpha-2, a closed list, with XK, which ISO leaves to its users and many use for Kosovo. To each the boxes
 * around it, in whole degrees rounded outwards: west, south, east, north. They are made from Natural Earth, which draws
 * de facto borders, and are widened where a country's codes of ISO 3166-2 reach further, so that a disputed place lies
 * in the boxes of each side. A box tells a slip of the pen from a place; it is a claim to nothing.
 */
const byCode: ReadonlyMap<string, readonly (readonly number[])[]> = new Map(Object.entries(boxes));

export function isCountry(code: string): boolean {
  return byCode.has(code);
}

/** @param code ISO 3166-1 or 3166-2: `FR`, `FR-75` */
export function countryOf(code: string): string {
  return code.slice(0, 2);
}

/** @throws area.malformed */
export function checkCode(code: string, at: string): void {
  if (!/^[A-Z]{2}(?:-|$)/.test(code) || !isCountry(countryOf(code)))
    throw wrongArea(
      'country',
      at,
      'a country has two capital letters of ISO 3166-1, such as FR; GB stands for the United Kingdom',
    );
  if (code.length > 2 && !/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code))
    throw wrongArea(
      'subdivision',
      at,
      'a subdivision is written as in ISO 3166-2: country, hyphen, one to three capitals or digits, such as FR-75',
    );
}

/** Whether it may lie there: within a degree or so. */
export function mayLieIn([lon, lat]: Position, countries: readonly string[]): boolean {
  return countries.some((country) =>
    (byCode.get(country) ?? []).some(
      ([west = 0, south = 0, east = 0, north = 0]) =>
        lon >= west && lon <= east && lat >= south && lat <= north,
    ),
  );
}
