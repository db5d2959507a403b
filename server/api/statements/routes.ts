/** Statements: their headers in order, one with its parts, its receipt, its readers. */
import { uuid } from '@parley/core/fields.ts';
import { receiptSchema } from '@parley/core/receipt.ts';
import { z } from 'zod';
import { releaseAudience } from '../../release/audience.ts';
import { releaseStatement } from '../../release/content.ts';
import { releaseReaders } from '../../release/dues.ts';
import { releaseHeadings } from '../../release/headings.ts';
import { releaseReceipt } from '../../release/receipts.ts';
import type { ApiContext } from '../context.ts';
import { answerLines } from '../lines.ts';
import { answerReceipt, placeOf } from '../receipts.ts';
import { recorded } from '../recording.ts';
import { described, json, type Route, route } from '../route.ts';
import { cursor, limit, lines, prefix, reference } from '../shapes.ts';
import { audienceShape, presentAudience, presentReaders, readersShape } from './present.ts';

const path = `${prefix}/statements`;
const onePath = `${path}/:party/:id`;

export function statementRoutes(context: ApiContext): Route[] {
  return [headings(), one(context), receipt(), readers(context), audience()];
}

function headings(): Route {
  return route({
    path,
    viewer: 'anyone',
    about: 'Headers of what the viewer may see, oldest first',
    query: z.strictObject({ room: uuid.optional(), after: cursor, limit }),
    answers: { 200: lines },
    handle: ({ query, see }) =>
      see(async (viewer, { sources }) => {
        const { room = null, after = null, limit } = query;
        return answerLines(await releaseHeadings(viewer, { room, after, limit }, sources));
      }),
  });
}

function one(context: ApiContext): Route {
  return route({
    path: onePath,
    viewer: 'anyone',
    about: 'One statement with the parts that the viewer may have now; the access is recorded',
    params: reference,
    answers: { 200: lines },
    async handle({ params, see }) {
      const read = await see(async (viewer, { sources }) => ({
        viewer,
        shown: await releaseStatement(viewer, params, sources),
      }));
      return answerLines(await recorded(read, onePath, context));
    },
  });
}

function receipt(): Route {
  return route({
    path: `${onePath}/receipt`,
    viewer: 'anyone',
    about: 'The receipt, with the newest checkpoint that has its cosignatures',
    params: reference,
    answers: { 200: described('The receipt', receiptSchema) },
    handle: ({ params, see }) =>
      see(async (viewer, { sources, log }) => {
        const matter = await releaseReceipt(viewer, params, sources);
        return answerReceipt(matter, await placeOf(matter, log));
      }),
  });
}

function readers({ journals }: ApiContext): Route {
  return route({
    path: `${onePath}/readers`,
    viewer: 'party',
    about: 'Which parties had it, when and for which purpose; its author only',
    params: reference,
    answers: { 200: described('The readers', readersShape) },
    handle: ({ params, see }) =>
      see(async (viewer, { sources }) => {
        const readersOf = (index: number) => journals.accesses.readersOf(index);
        return json(presentReaders(await releaseReaders(viewer, params, sources, readersOf)));
      }),
  });
}

function audience(): Route {
  return route({
    path: `${onePath}/audience`,
    viewer: 'party',
    about: 'Which parties could read it now, and which rule denies the others; its author only',
    params: reference,
    answers: { 200: described('The audience', audienceShape) },
    handle: ({ params, see }) =>
      see(async (viewer, { sources }) =>
        json(presentAudience(await releaseAudience(viewer, params, sources))),
      ),
  });
}
