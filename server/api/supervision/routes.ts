/** Complaints for those concerned; accesses and numbers for who supervises a room. */
import { instantOf, instantText, uuid } from '@parley/core/fields.ts';
import { z } from 'zod';
import { releaseComplaints } from '../../release/complaints.ts';
import { type ReadJournal, releaseStatistics, releaseSupervisedAccesses } from '../../release/supervision.ts';
import type { ApiContext } from '../context.ts';
import { record } from '../recording.ts';
import { described, json, type Route, route } from '../route.ts';
import { SealedCursors } from '../sealed-cursors.ts';
import { cursor, limit, prefix, room } from '../shapes.ts';
import {
  complaintsShape,
  presentComplaints,
  presentStatistics,
  presentSupervised,
  statisticsShape,
  supervisedShape,
} from './present.ts';

export function supervisionRoutes(context: ApiContext): Route[] {
  return [complaints(), accesses(context), statistics(context)];
}

function complaints(): Route {
  return route({
    path: `${prefix}/complaints`,
    viewer: 'party',
    about: 'Complaints by the viewer’s party, about it, or for it to decide, with what was answered',
    query: z.strictObject({ room: uuid.optional() }),
    answers: { 200: described('The complaints', complaintsShape) },
    handle: ({ query, see }) =>
      see(async (viewer, { sources }) =>
        json(presentComplaints(await releaseComplaints(viewer, query.room ?? null, sources))),
      ),
  });
}

const accessesPath = `${prefix}/rooms/:room/supervision/accesses`;

function accesses(context: ApiContext): Route {
  const cursors = new SealedCursors(context.cursorKey, 'supervision/accesses');
  const read = readBy(context);
  return route({
    path: accessesPath,
    viewer: 'party',
    about:
      'To who supervises the room: who read what, for what and with which justification, newest first; recorded',
    params: room,
    query: z.strictObject({ after: cursor, limit }),
    answers: { 200: described('The accesses', supervisedShape) },
    async handle({ params, query, see }) {
      const { viewer, list } = await see(async (viewer, { sources }) => {
        const party = viewer.party ?? '';
        // Of one room: a cursor of another is none here.
        const of = `${party} ${params.room}`;
        const after = query.after === undefined ? null : cursors.open(of, query.after);
        const page = { after, limit: query.limit };
        const list = await releaseSupervisedAccesses(viewer, params.room, page, sources, read, (next) =>
          cursors.seal(of, next),
        );
        return { viewer, list };
      });
      await record(viewer, [], accessesPath, context);
      return json(presentSupervised(list));
    },
  });
}

/** Days of which numbers are told where nothing else is asked. */
const usualDays = 90;
const mostDays = 366;
const day = 86_400_000_000;

function statistics(context: ApiContext): Route {
  const cursors = new SealedCursors(context.cursorKey, 'supervision/statistics');
  const read = readBy(context);
  return route({
    path: `${prefix}/rooms/:room/supervision/statistics`,
    viewer: 'party',
    about:
      'To who supervises the room: accesses by party and purpose since a time, complaints by addressee and verdict',
    params: room,
    query: z.strictObject({ from: instantText.optional(), after: cursor }),
    answers: { 200: described('The numbers', statisticsShape) },
    handle: ({ params, query, see }) =>
      see(async (viewer, { sources }) => {
        const now = context.now();
        const asked = query.from === undefined ? now - usualDays * day : instantOf(query.from);
        const from = Math.max(asked, now - mostDays * day);
        const of = `${viewer.party ?? ''} ${params.room}`;
        const after = query.after === undefined ? null : cursors.open(of, query.after);
        const seal = (place: number) => cursors.seal(of, place);
        const page = { from, after };
        return json(
          presentStatistics(await releaseStatistics(viewer, params.room, page, sources, read, seal)),
        );
      }),
  });
}

function readBy({ journals }: ApiContext): ReadJournal {
  return (parties, after, limit) => journals.accesses.ofParties(parties, after, limit);
}
