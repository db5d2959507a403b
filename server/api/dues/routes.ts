/** What the viewer's party owes, and what is owed to it. */
import { releaseRecalls, releaseTasks } from '../../release/dues.ts';
import type { ApiContext } from '../context.ts';
import { described, json, type Route, route } from '../route.ts';
import { prefix } from '../shapes.ts';
import { presentRecalls, presentTasks, recallsShape, tasksShape } from './present.ts';

export function dueRoutes({ journals }: ApiContext): Route[] {
  return [
    route({
      path: `${prefix}/tasks`,
      viewer: 'party',
      about: 'What the party owes somebody, oldest first',
      answers: { 200: described('The tasks', tasksShape) },
      handle: ({ see }) =>
        see(async (viewer, { sources }) => json(presentTasks(await releaseTasks(viewer, sources)))),
    }),
    route({
      path: `${prefix}/recalls`,
      viewer: 'party',
      about: 'The party’s recalls, corrections and endings, and who has answered',
      answers: { 200: described('The recalls', recallsShape) },
      handle: ({ see }) =>
        see(async (viewer, { sources }) => {
          const erasedAt = (index: number) => journals.erasures.erasedAt(index);
          return json(presentRecalls(await releaseRecalls(viewer, sources, erasedAt)));
        }),
    }),
  ];
}
