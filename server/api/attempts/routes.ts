/** What somebody tried against the viewer's own party, and was refused. */
import { releaseAttempts } from '../../release/attempts.ts';
import type { ApiContext } from '../context.ts';
import { described, json, type Route, route } from '../route.ts';
import { prefix } from '../shapes.ts';
import { attemptsShape, presentAttempts } from './present.ts';

export function attemptRoutes({ journals }: ApiContext): Route[] {
  return [
    route({
      path: `${prefix}/attempts`,
      viewer: 'party',
      about: 'What was tried against the viewer’s own party and refused, newest first',
      answers: { 200: described('The attempts', attemptsShape) },
      handle: ({ see }) =>
        see(async (viewer, { sources }) => {
          const against = (party: string) => journals.attempts.against(party);
          return json(presentAttempts(await releaseAttempts(viewer, sources, against)));
        }),
    }),
  ];
}
