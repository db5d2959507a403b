/** What is held against erasure, what persons asked, and what names a case. */
import { caseText } from '@parley/core/cases.ts';
import { uuid } from '@parley/core/fields.ts';
import { z } from 'zod';
import { releaseCase } from '../../release/cases.ts';
import { releaseHolds, releaseSubjects } from '../../release/law.ts';
import type { ApiContext } from '../context.ts';
import { answerLines } from '../lines.ts';
import { recorded } from '../recording.ts';
import { described, json, type Route, route } from '../route.ts';
import { cursor, limit, lines, prefix } from '../shapes.ts';
import { holdsShape, presentHolds, presentSubjects, subjectsShape } from './present.ts';

const casesPath = `${prefix}/cases`;

export function lawRoutes(context: ApiContext): Route[] {
  return [
    route({
      path: `${prefix}/holds`,
      viewer: 'party',
      about:
        'Holds of the party, those that stand on what it may see, and what it kept of what others took back',
      answers: { 200: described('The holds', holdsShape) },
      handle: ({ see }) =>
        see(async (viewer, { sources }) => json(presentHolds(await releaseHolds(viewer, sources)))),
    }),
    route({
      path: `${prefix}/subject-requests`,
      viewer: 'party',
      about: 'What persons asked through the party, and of it, by their deadlines',
      answers: { 200: described('The requests', subjectsShape) },
      handle: ({ see }) =>
        see(async (viewer, { sources }) => json(presentSubjects(await releaseSubjects(viewer, sources)))),
    }),
    route({
      path: casesPath,
      viewer: 'anyone',
      about: 'What names a case, in every room: content, and reasons; accesses are recorded',
      query: z.strictObject({ ref: caseText, room: uuid.optional(), after: cursor, limit }),
      answers: { 200: lines },
      async handle({ query, see }) {
        const { ref, room = null, after = null, limit } = query;
        const read = await see(async (viewer, { sources }) => ({
          viewer,
          shown: await releaseCase(viewer, { ref, room, after, limit }, sources),
        }));
        return answerLines(await recorded(read, casesPath, context));
      },
    }),
  ];
}
