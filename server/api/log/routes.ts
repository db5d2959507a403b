/** The log, open to anybody, as C2SP tlog-tiles says. */
import { Refusal } from '@parley/core/errors.ts';
import { parseTilePath } from '@parley/core/tiles.ts';
import { z } from 'zod';
import type { ApiContext, LogNote, OpenLog } from '../context.ts';
import { type Answer, type Described, type Route, route } from '../route.ts';

const noteType = 'text/plain; charset=utf-8';
const tileType = 'application/octet-stream';
const note: Described = { type: 'text/plain', schema: null, about: 'A C2SP checkpoint' };
/** What a tile holds never changes. Entries are hashes: packing them would save nothing. */
const forever = { 'cache-control': 'public, max-age=31536000, immutable' };

export function logRoutes({ info, read }: ApiContext): Route[] {
  const prefix = `/${info.origin.slice(info.centre.length + 1)}`;
  return [
    route({
      path: `${prefix}/checkpoint`,
      viewer: 'anyone',
      about: 'The newest checkpoint, with cosignatures where witnesses have seen it already',
      answers: { 200: note },
      head: true,
      handle: () => read(async ({ log }) => noteAnswer(await newest(log))),
    }),
    route({
      path: `${prefix}/cosigned`,
      viewer: 'anyone',
      about: 'The newest checkpoint that witnesses have cosigned, for who insists on them',
      answers: { 200: note },
      head: true,
      handle: () => read(async ({ log }) => noteAnswer(await log.cosigned())),
    }),
    route({
      path: `${prefix}/tile/*`,
      viewer: 'anyone',
      about: 'A tile or an entry bundle',
      params: z.strictObject({ '*': z.string().max(64) }),
      answers: { 200: { type: tileType, schema: null, about: 'Hashes, or entries' } },
      head: true,
      async handle({ params }) {
        const tile = parseTilePath(`tile/${params['*']}`);
        const body = await read(({ log }) => log.tile(tile));
        if (!body) throw new Refusal('absent');
        return { status: 200, type: tileType, headers: forever, body };
      },
    }),
  ];
}

/** A reader wants what was just said to be in it: so the newest, and cosignatures only when they are of this size. */
async function newest(log: OpenLog): Promise<LogNote | null> {
  const [head, cosigned] = [await log.head(), await log.cosigned()];
  return head && cosigned?.size === head.size ? cosigned : head;
}

function noteAnswer(found: LogNote | null): Answer {
  if (!found) throw new Refusal('absent');
  return { status: 200, type: noteType, body: found.note };
}
