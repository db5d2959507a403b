/**
 * Who looks at what after which history. Everybody at everything after each of them would cost more than the histories:
 * so half of the routes are asked for, by the viewer's first device and a third of the others, in turn.
 */
import type { Viewer } from './door.ts';

export interface Turn {
  /** Of the routes, by their number. */
  readonly takes: (route: number) => boolean;
  /** In every other history: the viewer's first device, and one more; not as deep as at the end. */
  onTheWay(viewers: readonly Viewer[]): Viewer[];
  /** The viewer's first device, and a third of the others. */
  atTheEnd(viewers: readonly Viewer[]): Viewer[];
}

/** How many histories in a row show each route to everybody. */
export const wholeTurn = 6;

/** Any number of them in a row are of all kinds, as far as they go. */
export function turnOf(seed: number): Turn {
  const third = Math.floor(seed / 2) % 3;
  const onTheWay = Math.floor(seed / wholeTurn) % 2 === 0;
  return {
    takes: (route) => route % 2 === seed % 2,
    onTheWay: (viewers) =>
      viewers
        .filter((_, i) => onTheWay && (i === 0 || i === 1 + (seed % (viewers.length - 1))))
        .map((one) => ({ ...one, deep: false })),
    atTheEnd: (viewers) => viewers.filter((_, i) => i === 0 || i % 3 === third),
  };
}
