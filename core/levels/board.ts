/**
 * Levels side by side, each on its own ladder. They are never averaged, and what is not known never stands where the
 * lowest would.
 */

import type { Place, Position } from '../area/area.ts';
import { contains } from '../area/contains.ts';
import type { Current } from './current.ts';
import type { Stated } from './history.ts';
import type { Scheme } from './scheme.ts';

export interface BoardRow<S extends Stated = Stated> {
  readonly issuer: string;
  readonly schemeId: string;
  /** Null: not known here. */
  readonly scheme: Scheme | null;
  /** The national one; of products in force the highest type. Null: none is stated. */
  readonly headline: Current<S> | null;
  /** All others, the narrowest scope first; what was said until a moment that has passed is no longer among them. */
  readonly others: readonly Current<S>[];
}

/**
 * One row for each issuer and scheme. Products that have ended are gone; anything else that has ended says so.
 * @param besides schemes that get a row also where nobody has said anything by them, without an issuer
 */
export function boardOf<S extends Stated>(
  current: readonly Current<S>[],
  besides: readonly Scheme[] = [],
): BoardRow<S>[] {
  const rows = new Map<string, Current<S>[]>();
  for (const each of current) {
    const key = JSON.stringify([each.issuer, each.schemeId]);
    rows.set(key, [...(rows.get(key) ?? []), each]);
  }
  const said = [...rows.values()].map((all): BoardRow<S> => {
    const shown = all.filter((each) => !isGone(each));
    const national = shown.filter(({ scope }) => scope.type === 'national');
    const headline = national.sort((a, b) => (b.rung?.rank ?? 0) - (a.rung?.rank ?? 0))[0] ?? null;
    const { issuer, schemeId, scheme } = all[0] as Current<S>;
    const others = shown.filter((each) => each !== headline && each.state !== 'expired').sort(byWidth);
    return { issuer, schemeId, scheme, headline, others };
  });
  const silent = besides
    .filter(({ id }) => said.every(({ schemeId }) => schemeId !== id))
    .map((scheme): BoardRow<S> => ({ issuer: '', schemeId: scheme.id, scheme, headline: null, others: [] }));
  return [...said, ...silent];
}

function isGone({ scheme, state }: Current): boolean {
  return scheme?.kind === 'product' && state !== 'in-force';
}

/** Why a row has no place in an order of levels. */
export type Unranked =
  | 'no-scale' // the body has none: what it says is shown
  | 'no-product' // no message is in force, and there is no standing level
  | 'not-stated'
  | 'unknown'
  | 'expired'
  | 'stale'
  | 'no-band';

export interface BoardOrder<S extends Stated = Stated> {
  /** The highest first, by the analyst's band of the headline: for orientation, and to be labelled as such. */
  readonly ranked: readonly BoardRow<S>[];
  /** Beside them, never below: by country. */
  readonly unranked: readonly { readonly row: BoardRow<S>; readonly because: Unranked }[];
}

export function boardOrder<S extends Stated>(rows: readonly BoardRow<S>[]): BoardOrder<S> {
  const byName = [...rows].sort((a, b) => compare(nameOf(a), nameOf(b)));
  const judged = byName.map((row) => ({ row, because: unrankedBecause(row) }));
  return {
    ranked: judged
      .filter(({ because }) => because === null)
      .map(({ row }) => row)
      .sort((a, b) => bandOf(b) - bandOf(a)),
    unranked: judged.flatMap(({ row, because }) => (because === null ? [] : [{ row, because }])),
  };
}

function unrankedBecause({ scheme, headline }: BoardRow): Unranked | null {
  if (scheme?.kind === 'prose') return 'no-scale';
  if (!headline) return scheme?.kind === 'product' ? 'no-product' : 'not-stated';
  if (headline.state !== 'in-force') return headline.state;
  if (headline.stale) return 'stale';
  return headline.rung?.analystBand == null ? 'no-band' : null;
}

function bandOf({ headline }: BoardRow): number {
  return headline?.rung?.analystBand ?? 0;
}

function nameOf({ scheme, schemeId, issuer }: BoardRow): string {
  return `${scheme?.country ?? '~'} ${schemeId} ${issuer}`;
}

/** By code unit: the same everywhere, whatever the language of the machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A place that somebody asks about. */
export interface Here {
  readonly position?: Position | null;
  /** ISO 3166 codes that it lies in. */
  readonly codes?: readonly string[];
  /** Kinds of sites that it is, and sectors that it belongs to. */
  readonly sectors?: readonly string[];
  readonly subjects?: readonly string[];
}

export interface Local<S extends Stated = Stated> {
  readonly current: Current<S>;
  /** False: it holds by codes, and it is not known whether this place is in them. Ask; never take it for outside. */
  readonly certain: boolean;
}

/**
 * What holds there, the narrowest scope first: it counts locally, and the national one stays the headline. What is known
 * to have changed, and not to what, is among them and says so: it is not passed over for a wider one.
 */
export function levelsHere<S extends Stated>(row: BoardRow<S>, here: Here): Local<S>[] {
  const reach = [...row.others, ...(row.headline ? [row.headline] : [])];
  return reach.flatMap((current) => {
    const holds = reaches(current, here);
    return holds === false ? [] : [{ current, certain: holds === true }];
  });
}

function reaches({ scope }: Current, here: Here): boolean | null {
  if (scope.type === 'sector') return here.sectors?.includes(scope.sector) ?? false;
  if (scope.type === 'subject') return here.subjects?.includes(scope.id) ?? false;
  if (scope.type === 'area') return contains(scope.area, here.position ?? null, here.codes ?? []);
  return true;
}

/** Subject, drawn area, subdivision, country in an area's clothes, sector, nation; of two drawn areas the smaller. */
function byWidth(a: Current, b: Current): number {
  return widthOf(a) - widthOf(b) || sizeOf(a) - sizeOf(b) || compare(a.scopeKey, b.scopeKey);
}

function widthOf({ scope }: Current): number {
  if (scope.type === 'subject') return 0;
  if (scope.type === 'sector') return 4;
  if (scope.type === 'national') return 5;
  const { codes = [], polygons, circles } = scope.area;
  if (codes.some((code) => code.length === 2)) return 3;
  if (codes.length > 0 || (!polygons && !circles)) return 2;
  return 1;
}

/** Square kilometres, roughly; enough to tell which of two is the smaller. */
function sizeOf({ scope }: Current): number {
  return scope.type === 'area' ? squareKilometres(scope.area) : 0;
}

function squareKilometres({ polygons = [], circles = [] }: Place): number {
  const rings = polygons.map((ring) => {
    const sum = ring.reduce((all, [x, y], i) => {
      const [x2, y2] = ring[i + 1] ?? [x, y];
      return all + x * y2 - x2 * y;
    }, 0);
    const middle = ring.reduce((all, [, y]) => all + y, 0) / ring.length;
    return (Math.abs(sum) / 2) * 111.32 ** 2 * Math.cos((middle * Math.PI) / 180);
  });
  const discs = circles.map(({ radius }) => Math.PI * radius ** 2);
  return [...rings, ...discs].reduce((all, each) => all + each, 0);
}
