/**
 * Whether a ring crosses, touches or runs along itself. `orient2d` is exact, so that no rounding hides a crossing or
 * makes one; `@turf/kinks`, against which the tests hold this, sees no edges that lie on each other, and compares all
 * with all.
 */
import { orient2d } from 'robust-predicates';
import type { Position, Ring } from './area.ts';

export interface Crossing {
  /** The numbers of the two edges, the lower first; an edge has the number of the position it begins at. */
  readonly edges: readonly [number, number];
  /** They lie on each other, and not just meet. */
  readonly along: boolean;
}

interface Edge {
  readonly index: number;
  readonly from: Position;
  readonly to: Position;
  readonly left: number;
  readonly right: number;
}

/**
 * Edges are taken from west to east, and compared with those alone that still reach as far.
 * @param ring closed, without a position twice in a row
 * @returns the first one found, null: none
 */
export function crossingOf(ring: Ring): Crossing | null {
  const edges = edgesOf(ring).sort((a, b) => a.left - b.left);
  let open: Edge[] = [];
  for (const edge of edges) {
    open = open.filter(({ right }) => right >= edge.left);
    for (const other of open) {
      const found = between(edge, other, ring.length - 1);
      if (found) return found;
    }
    open.push(edge);
  }
  return null;
}

function edgesOf(ring: Ring): Edge[] {
  return ring.slice(0, -1).map((from, index) => {
    const to = ring[index + 1] as Position;
    return { index, from, to, left: Math.min(from[0], to[0]), right: Math.max(from[0], to[0]) };
  });
}

function between(one: Edge, other: Edge, count: number): Crossing | null {
  const [a, b] = one.index < other.index ? [one, other] : [other, one];
  const edges = [a.index, b.index] as const;
  const next = b.index === a.index + 1;
  // The last edge ends where the first begins; in a triangle each is the neighbour of each.
  const around = a.index === 0 && b.index === count - 1;
  if (next) return turnsBack(a.from, a.to, b.to) ? { edges, along: true } : null;
  if (around) return turnsBack(b.from, a.from, a.to) ? { edges, along: true } : null;
  return meet(a, b) ? { edges, along: lieOnALine(a, b) } : null;
}

/** From a to b, and back over the same line. */
function turnsBack(a: Position, b: Position, c: Position): boolean {
  if (turn(a, b, c) !== 0) return false;
  return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;
}

function meet(a: Edge, b: Edge): boolean {
  if (Math.max(a.from[1], a.to[1]) < Math.min(b.from[1], b.to[1])) return false;
  if (Math.max(b.from[1], b.to[1]) < Math.min(a.from[1], a.to[1])) return false;
  const [ofB1, ofB2] = [turn(a.from, a.to, b.from), turn(a.from, a.to, b.to)];
  const [ofA1, ofA2] = [turn(b.from, b.to, a.from), turn(b.from, b.to, a.to)];
  // With all four on a line, boxes that overlap are edges that do.
  return ofB1 * ofB2 <= 0 && ofA1 * ofA2 <= 0;
}

function lieOnALine(a: Edge, b: Edge): boolean {
  return turn(a.from, a.to, b.from) === 0 && turn(a.from, a.to, b.to) === 0;
}

function turn(a: Position, b: Position, c: Position): number {
  return Math.sign(orient2d(a[0], a[1], b[0], b[1], c[0], c[1]));
}
