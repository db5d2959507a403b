/** Rooms, their content page by page, and what of it is locked. */
import { caseText } from '@parley/core/cases.ts';
import { z } from 'zod';
import { releasePage } from '../../release/content.ts';
import { releaseLocked } from '../../release/locked.ts';
import { releaseRoom, releaseRooms } from '../../release/views.ts';
import type { ApiContext } from '../context.ts';
import { answerLines } from '../lines.ts';
import { recorded } from '../recording.ts';
import { described, json, jsonType, type Route, route } from '../route.ts';
import { cursor, limit, lines, prefix, room } from '../shapes.ts';
import { lockedShape, presentLocked, presentRoom, presentRooms, roomShape, roomsShape } from './present.ts';

const path = `${prefix}/rooms`;
const partsPath = `${path}/:room/parts`;

export function roomRoutes(context: ApiContext): Route[] {
  return [all(), one(), parts(context), locked()];
}

function all(): Route {
  return route({
    path,
    viewer: 'anyone',
    about: 'Rooms of the viewer’s party, those it is invited to, and those of which it may see something',
    answers: { 200: described('The rooms', roomsShape) },
    handle: ({ see }) =>
      see(async (viewer, { sources }) => ({
        status: 200,
        type: jsonType,
        body: presentRooms(await releaseRooms(viewer, sources)),
      })),
  });
}

function one(): Route {
  return route({
    path: `${path}/:room`,
    viewer: 'anyone',
    about: 'One room',
    params: room,
    answers: { 200: described('The room', roomShape) },
    handle: ({ params, see }) =>
      see(async (viewer, { sources }) => ({
        status: 200,
        type: jsonType,
        body: presentRoom(await releaseRoom(viewer, params.room, sources)),
      })),
  });
}

const pageQuery = z.strictObject({
  after: cursor,
  limit,
  order: z.enum(['oldest', 'newest']).default('oldest'),
  case: caseText.optional(),
  type: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,248}[a-z0-9]$/, 'expected a STIX type')
    .optional(),
});

function parts(context: ApiContext): Route {
  return route({
    path: partsPath,
    viewer: 'anyone',
    about: 'Content of the room; accesses are recorded',
    params: room,
    query: pageQuery,
    answers: { 200: lines },
    async handle({ params, query, see }) {
      const { after = null, limit, order, type = null, case: named = null } = query;
      const page = { room: params.room, after, limit, order, type, case: named };
      const read = await see(async (viewer, { sources }) => ({
        viewer,
        shown: await releasePage(viewer, page, sources),
      }));
      return answerLines(await recorded(read, partsPath, context));
    },
  });
}

function locked(): Route {
  return route({
    path: `${path}/:room/locked`,
    viewer: 'anyone',
    about: 'What another purpose or a justification would open, in numbers',
    params: room,
    answers: { 200: described('The locked', lockedShape) },
    handle: ({ params, see }) =>
      see(async (viewer, { sources }) =>
        json(presentLocked(await releaseLocked(viewer, params.room, sources))),
      ),
  });
}
