/** Polygons in and out as GeoJSON (RFC 7946). */
import { z } from 'zod';
import type { Place, Position, Ring } from './area.ts';
import { wrongArea } from './problems.ts';
import { ringsOf } from './ring.ts';

const position = z.array(z.number()).min(2);
const rings = z.array(z.array(position)).min(1);
const polygon = z.looseObject({ type: z.literal('Polygon'), coordinates: rings });
const multiPolygon = z.looseObject({ type: z.literal('MultiPolygon'), coordinates: z.array(rings).min(1) });
const geometry = z.discriminatedUnion('type', [polygon, multiPolygon]);
const feature = z.looseObject({ type: z.literal('Feature'), geometry });
const collection = z.looseObject({ type: z.literal('FeatureCollection'), features: z.array(feature).min(1) });
const document = z.discriminatedUnion('type', [polygon, multiPolygon, feature, collection]);

/**
 * A Polygon or MultiPolygon, alone or in features. Heights are left out; what crosses the antimeridian is split.
 * @param value parsed JSON
 * @throws area.malformed; the rings it gives are for `checkArea` to check
 */
export function polygonsFromGeoJson(value: unknown, at = ''): Ring[] {
  if (typeof value === 'object' && value !== null && 'crs' in value)
    throw wrongArea('geojson', `${at}/crs`, 'only WGS 84, longitude and latitude in degrees (RFC 7946, 4)');
  const result = document.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw wrongArea(
      'geojson',
      [at, ...(issue?.path ?? [])].join('/'),
      `expected a Polygon or MultiPolygon of GeoJSON: ${issue?.message ?? ''}`,
    );
  }
  return polygonsOf(result.data, at);
}

function polygonsOf(value: z.infer<typeof document>, at: string): Ring[] {
  switch (value.type) {
    case 'FeatureCollection':
      return value.features.flatMap((each, i) => polygonsOf(each, `${at}/features/${i}`));
    case 'Feature':
      return polygonsOf(value.geometry, `${at}/geometry`);
    case 'Polygon':
      return outerOf(value.coordinates, `${at}/coordinates`);
    case 'MultiPolygon':
      return value.coordinates.flatMap((each, i) => outerOf(each, `${at}/coordinates/${i}`));
  }
}

function outerOf([outer = [], hole]: readonly number[][][], at: string): Ring[] {
  if (hole !== undefined)
    throw wrongArea(
      'hole',
      `${at}/1`,
      'CAP knows no holes: cut the polygon in two, or warn in the whole of it',
    );
  const kept = outer.filter(
    ([lon, lat], i) => i === 0 || lon !== outer[i - 1]?.[0] || lat !== outer[i - 1]?.[1],
  );
  return ringsOf(
    kept.map(([lon = 0, lat = 0]): Position => [lon, lat]),
    `${at}/0`,
  );
}

export interface MultiPolygon {
  readonly type: 'MultiPolygon';
  readonly coordinates: readonly (readonly Ring[])[];
}

/** What is drawn of a place as rings; circles and codes are not in it. */
export function geoJsonOf({ polygons = [] }: Place): MultiPolygon {
  return { type: 'MultiPolygon', coordinates: polygons.map((ring) => [ring]) };
}
