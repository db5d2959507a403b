/**
 * Where something holds: the area of a warning, the scope of a threat level. Positions are GeoJSON's (RFC 7946),
 * longitude before latitude, in degrees; CAP 1.2 writes them the other way round.
 */
import { z } from 'zod';
import { Refusal } from '../errors.ts';
import { freeText } from '../fields.ts';
import { textsIn } from '../languages.ts';
import { checkCircle } from './circle.ts';
import { checkCode, countryOf } from './countries.ts';
import { type AreaProblem, wrongArea } from './problems.ts';
import { checkRange, checkRing } from './ring.ts';
import { checkNotSwapped } from './swapped.ts';

/** Positions in one area, all rings together: what is checked before anything is known of the speaker stays cheap. */
export const maxPositions = 1_000;

const position = z.tuple([z.number(), z.number()]);
/** One closed ring. Holes are none of CAP's. */
const ring = z.array(position).max(maxPositions);
const circle = z.strictObject({ centre: position, radius: z.number() });
const geocode = z.strictObject({ scheme: freeText(200), value: freeText(200) });

/** Several shapes and codes are a union: they may overlap (CAP 1.2, 3.2.4). */
export const placeSchema = z.strictObject({
  type: z.literal('place'),
  name: textsIn(500),
  polygons: z.array(ring).min(1).max(64).optional(),
  circles: z.array(circle).min(1).max(64).optional(),
  codes: z.array(z.string()).min(1).max(256).optional(),
  geocodes: z.array(geocode).min(1).max(256).optional(),
});

/** No place: it holds for its recipients, wherever they are. */
const recipientsSchema = z.strictObject({ type: z.literal('recipients'), name: textsIn(500).optional() });

/** The shape alone. What follows from it, `checkArea` checks. */
export const areaSchema = z.discriminatedUnion('type', [placeSchema, recipientsSchema]);
export type Area = z.infer<typeof areaSchema>;
export type Place = z.infer<typeof placeSchema>;
/** Longitude and latitude, in degrees. */
export type Position = readonly [number, number];
/** Closed: the last position is the first. */
export type Ring = readonly Position[];
/** Its radius is in kilometres. */
export type Circle = { readonly centre: Position; readonly radius: number };

export interface AreaContext {
  /** Where the object stands, for the error. */
  readonly at?: string;
  /** ISO 3166-1 codes of where it ought to be, besides those that the area names. */
  readonly countries?: readonly string[];
}

/** @throws area.malformed, area.doubtful, with `params.problem` and the place in the object */
export function checkArea(value: unknown, { at = '', countries = [] }: AreaContext = {}): Area {
  const area = shapeOf(value, at);
  if (area.type === 'recipients') return area;
  refuseEmpty(area, at);
  for (const [i, code] of (area.codes ?? []).entries()) checkCode(code, `${at}/codes/${i}`);
  refuseTwice(area.codes ?? [], `${at}/codes`);
  for (const [i, each] of (area.polygons ?? []).entries()) checkRing(each, `${at}/polygons/${i}`);
  for (const [i, each] of (area.circles ?? []).entries()) {
    checkRange(each.centre, `${at}/circles/${i}/centre`);
    checkCircle(each, `${at}/circles/${i}`);
  }
  checkNotSwapped(area, [...countries, ...(area.codes ?? []).map(countryOf)], at);
  return area;
}

function shapeOf(value: unknown, at: string): Area {
  const result = areaSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refusal('area.malformed', {
    at: [at, ...(issue?.path ?? [])].join('/'),
    detail: issue?.message ?? '',
    params: { problem: 'shape' satisfies AreaProblem },
  });
}

/** A name alone cannot be drawn, compared or sent to those who are there. */
function refuseEmpty(area: Place, at: string): void {
  if (!area.polygons && !area.circles && !area.codes && !area.geocodes)
    throw wrongArea('empty', at, 'name a country or subdivision by its ISO 3166 code, or draw a shape');
  const count = (area.polygons ?? []).reduce((sum, each) => sum + each.length, 0);
  if (count > maxPositions)
    throw wrongArea('too-many', `${at}/polygons`, `${count} positions, of at most ${maxPositions}`);
}

function refuseTwice(codes: readonly string[], at: string): void {
  const again = codes.findIndex((code, i) => codes.indexOf(code) !== i);
  if (again >= 0)
    throw wrongArea('twice', `${at}/${again}`, `${codes[again]} is named already: leave one out`);
}
