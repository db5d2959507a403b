/** Places as CAP writes them, "lat,lon", and as Parley holds them: numbers in GeoJSON's order, [lon, lat]. */

/** [longitude, latitude] in degrees, WGS 84. */
export type Position = readonly [number, number];
/** One ring, its last position the first (RFC 7946, 3.1.6). */
export type Ring = readonly Position[];
/** The radius is in kilometres (CAP 1.2, 3.2.4). */
export interface Circle {
  readonly center: Position;
  readonly radius: number;
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/** Undefined: not "lat,lon lat,lon …" with white space between, of whatever kind and length. */
export function readPolygon(text: string): Ring | undefined {
  const pairs = text.trim().split(/\s+/).map(readPosition);
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

export function writePolygon(ring: Ring): string {
  return ring.map(writePosition).join(' ');
}

/** Undefined: not "lat,lon radius". */
export function readCircle(text: string): Circle | undefined {
  const [place = '', size = '', ...more] = text.trim().split(/\s+/);
  const center = readPosition(place);
  const radius = readNumber(size);
  return center && radius !== undefined && more.length === 0 ? { center, radius } : undefined;
}

export function writeCircle({ center, radius }: Circle): string {
  return `${writePosition(center)} ${writeNumber(radius)}`;
}

function readPosition(text: string): Position | undefined {
  const [lat, lon, ...more] = text.split(',').map(readNumber);
  return lat !== undefined && lon !== undefined && more.length === 0 ? [lon, lat] : undefined;
}

function writePosition([lon, lat]: Position): string {
  return `${writeNumber(lat)},${writeNumber(lon)}`;
}

/** As `xs:decimal` writes numbers: without an exponent. */
export function readNumber(text: string): number | undefined {
  // -0 and 0 are one place.
  const value = number.test(text) ? Number(text) + 0 : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

export function writeNumber(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value
    .toFixed(20)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');
}
