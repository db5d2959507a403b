/** What is right as far as anyone can tell, and about which a client asks before it is said. */
import type { Area, Position } from './area.ts';
import { wide } from './circle.ts';
import { countryOf, mayLieIn } from './countries.ts';

export type Doubt =
  | { readonly doubt: 'wide'; readonly at: string; readonly kilometres: number }
  | { readonly doubt: 'elsewhere'; readonly at: string };

/** @param countries of where it ought to be, besides those that the area names */
export function doubtsAbout(area: Area, countries: readonly string[] = []): Doubt[] {
  if (area.type === 'recipients') return [];
  const named = [...countries, ...(area.codes ?? []).map(countryOf)];
  const elsewhere = (positions: readonly Position[]) =>
    named.length > 0 && positions.every((each) => !mayLieIn(each, named));
  return [
    ...(area.polygons ?? []).flatMap((ring, i): Doubt[] =>
      elsewhere(ring) ? [{ doubt: 'elsewhere', at: `/polygons/${i}` }] : [],
    ),
    ...(area.circles ?? []).flatMap(({ centre, radius }, i): Doubt[] => [
      ...(elsewhere([centre]) ? [{ doubt: 'elsewhere' as const, at: `/circles/${i}/centre` }] : []),
      ...(radius >= wide ? [{ doubt: 'wide' as const, at: `/circles/${i}/radius`, kilometres: radius }] : []),
    ]),
  ];
}
