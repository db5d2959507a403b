/** Latitude where longitude belongs: Moscow as [55.75, 37.6] lies in Iran. */
import type { Place, Position } from './area.ts';
import { mayLieIn } from './countries.ts';
import { doubtfulArea } from './problems.ts';

/**
 * Each shape by itself: one that lies wholly outside the countries named, and wholly inside them with the two swapped.
 * @throws area.doubtful
 */
export function checkNotSwapped(area: Place, countries: readonly string[], at: string): void {
  if (countries.length === 0) return;
  const shapes: (readonly [readonly Position[], string])[] = [
    ...(area.polygons ?? []).map((ring, i) => [ring, `${at}/polygons/${i}`] as const),
    ...(area.circles ?? []).map(({ centre }, i) => [[centre], `${at}/circles/${i}/centre`] as const),
  ];
  for (const [positions, place] of shapes) {
    const outside = positions.every((each) => !mayLieIn(each, countries));
    if (outside && positions.every(([lon, lat]) => mayLieIn([lat, lon], countries)))
      throw doubtfulArea(
        'swapped',
        place,
        `this lies outside ${named(countries)}, and inside with longitude and latitude swapped: longitude comes first. If it is meant, leave the code out`,
      );
  }
}

function named(countries: readonly string[]): string {
  return [...new Set(countries)].slice(0, 8).join(', ');
}
