/** What each side of a room undertakes, and what became of it. */
import { releaseUndertakings } from '../../release/undertakings.ts';
import { described, json, type Route, route } from '../route.ts';
import { prefix, room } from '../shapes.ts';
import { presentUndertakings, undertakingsShape } from './present.ts';

export function undertakingRoutes(): Route[] {
  return [
    route({
      path: `${prefix}/rooms/:room/undertakings`,
      viewer: 'anyone',
      about:
        'Undertakings of the terms of a room: the last word of each party on them, and what is suspended',
      params: room,
      answers: { 200: described('The undertakings', undertakingsShape) },
      handle: ({ params, see }) =>
        see(async (viewer, { sources }) =>
          json(presentUndertakings(await releaseUndertakings(viewer, params.room, sources))),
        ),
    }),
  ];
}
