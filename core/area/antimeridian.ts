/**
 * Rings across the antimeridian. On a map of degrees the edge from 179 to -179 runs round the whole earth the other way,
 * and no library notices: RFC 7946 (3.1.9) asks to split such a ring, CAP is silent.
 */
import type { Position, Ring } from './area.ts';

/** The first edge over more than half the earth, null: none. */
export function antimeridianEdge(ring: Ring): number | null {
  const edge = ring.findIndex(
    ([lon], i) => i < ring.length - 1 && Math.abs((ring[i + 1] as Position)[0] - lon) > 180,
  );
  return edge < 0 ? null : edge;
}

/**
 * Each edge is taken the short way round.
 * @param ring closed
 * @returns closed rings that cross it no more; null where it goes round a pole, or touches it in a single place in a
 * way that leaves open which sides belong together
 */
export function splitAtAntimeridian(ring: Ring): Position[][] | null {
  const plain = unrolled(ring);
  const [first, last] = [plain[0], plain.at(-1)];
  if (!first || !last || first[0] !== last[0]) return null;
  return pieces(plain.slice(0, -1));
}

/** Longitudes without jumps, which then leave -180 to 180. */
export function unrolled(ring: Ring): Position[] {
  let turns = 0;
  return ring.map(([lon, lat], i) => {
    const before = ring[i - 1];
    if (before && lon - before[0] > 180) turns -= 360;
    if (before && lon - before[0] < -180) turns += 360;
    return [onto(lon + turns), lat];
  });
}

/** A tenth of a millimetre beside the antimeridian is on it: rounding would decide what lies on which side. */
function onto(lon: number): number {
  const nearest = Math.round((lon - 180) / 360) * 360 + 180;
  return Math.abs(lon - nearest) < 1e-9 ? nearest : lon;
}

/** @param open without the first position at its end */
function pieces(open: readonly Position[]): Position[][] | null {
  const lons = open.map(([lon]) => lon);
  if (Math.min(...lons) < -180) return pieces(open.map(([lon, lat]) => [lon + 360, lat]));
  if (Math.max(...lons) <= 180) return [closed(open)];
  if (Math.min(...lons) >= 180) return pieces(open.map(([lon, lat]) => [lon - 360, lat]));
  const [west, east] = [side(open, (lon) => lon <= 180), side(open, (lon) => lon > 180)];
  const rest = east?.map((piece) => pieces(piece.map(([lon, lat]) => [lon - 360, lat])));
  if (!west || !rest?.every((each) => each !== null)) return null;
  return [...west.map(closed), ...rest.flat()].filter((piece) => piece.length >= 4);
}

interface Chain {
  readonly positions: Position[];
  /** Where it comes in and leaves, as latitudes on the meridian. */
  readonly enters: number;
  readonly leaves: number;
}

/**
 * What of the ring lies on one side. Between the first and the second place where it crosses the meridian, counted from
 * the south, lies inside, between the third and the fourth, and so on: chains are joined along those.
 */
function side(open: readonly Position[], within: (lon: number) => boolean): Position[][] | null {
  const chains = chainsOf(open, within);
  const order = chains
    .flatMap((chain) => [
      { chain, end: 'enters' as const, lat: chain.enters },
      { chain, end: 'leaves' as const, lat: chain.leaves },
    ])
    .sort((a, b) => a.lat - b.lat);
  const rest = new Set(chains);
  const found: Position[][] = [];
  for (const start of chains) {
    const piece: Position[] = [];
    for (let next: Chain | undefined = start; next && rest.delete(next); ) {
      piece.push(...next.positions);
      const place = order.findIndex(({ chain, end }) => chain === next && end === 'leaves');
      const partner = order[place ^ 1];
      if (partner?.end !== 'enters') return null;
      next = partner.chain;
    }
    if (piece.length > 0) found.push(piece);
  }
  return found;
}

/** @param open with positions on both sides */
function chainsOf(open: readonly Position[], within: (lon: number) => boolean): Chain[] {
  const count = open.length;
  const at = (i: number) => open[i % count] as Position;
  const chains: Chain[] = [];
  for (let i = 0; i < count; i++) {
    if (within(at(i)[0]) || !within(at(i + 1)[0])) continue;
    let end = i + 1;
    while (within(at(end + 1)[0])) end++;
    const [enters, leaves] = [onMeridian(at(i), at(i + 1)), onMeridian(at(end), at(end + 1))];
    const inner = Array.from({ length: end - i }, (_, k) => at(i + 1 + k));
    chains.push({ positions: [[180, enters], ...inner, [180, leaves]], enters, leaves });
  }
  return chains;
}

function onMeridian([x1, y1]: Position, [x2, y2]: Position): number {
  // Rounding would put the place beside the position that it is.
  if (x2 === 180) return y2;
  return y1 + ((180 - x1) / (x2 - x1)) * (y2 - y1);
}

/** Closed, and without a position twice in a row. */
function closed(open: readonly Position[]): Position[] {
  const kept = open.filter(([lon, lat], i) => {
    const before = open[(i + open.length - 1) % open.length];
    return !before || open.length === 1 || before[0] !== lon || before[1] !== lat;
  });
  return kept[0] ? [...kept, kept[0]] : [];
}
