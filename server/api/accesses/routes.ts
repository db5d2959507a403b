/** What the viewer's own party has read, and its leaf in the centre's hourly commitments. */
import { base64url, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import { isSaid, refsOf, releaseOwn, releaseWhole } from '../../release/own.ts';
import type { Sources } from '../../release/sources.ts';
import type { ApiContext } from '../context.ts';
import { described, json, type Route, route } from '../route.ts';
import { SealedCursors } from '../sealed-cursors.ts';
import { cursor, limit, prefix } from '../shapes.ts';
import {
  type AccessList,
  accessesShape,
  type DigestList,
  digestsShape,
  presentAccesses,
  presentDigests,
} from './present.ts';

export function accessRoutes(context: ApiContext): Route[] {
  return [accesses(context), digests(context)];
}

function accesses({ journals, cursorKey }: ApiContext): Route {
  const cursors = new SealedCursors(cursorKey, 'accesses');
  return route({
    path: `${prefix}/accesses`,
    viewer: 'party',
    about: 'What the viewer’s own party has read, newest first',
    query: z.strictObject({ after: cursor, limit }),
    answers: { 200: described('The accesses', accessesShape) },
    handle: ({ query, see }) =>
      see(async (viewer, { sources }) => {
        const list = await releaseOwn(viewer, sources, async (party, beyondOf): Promise<AccessList> => {
          const from = query.after === undefined ? null : cursors.open(party, query.after);
          const { accesses: all, next } = await journals.accesses.ofParty(party, from, query.limit);
          const indexes = all.flatMap(({ list }) => list.map(({ index }) => index));
          const beyond = await beyondOf(indexes);
          const accesses = all
            .map((access) => ({ ...access, list: access.list.filter(({ index }) => !beyond.has(index)) }))
            .filter(({ list }, i) => list.length > 0 || all[i]?.list.length === 0);
          const refs = await refsOf(indexes, sources);
          return { accesses, refs, next: next === null ? null : cursors.seal(party, next) };
        });
        return json(presentAccesses(list));
      }),
  });
}

/** Two days. */
const digestsAtOnce = 48;

function digests(context: ApiContext): Route {
  return route({
    path: `${prefix}/accesses/digests`,
    viewer: 'party',
    about: 'The party’s own leaf in the centre’s hourly commitments, oldest first',
    query: z.strictObject({ after: cursor }),
    answers: { 200: described('The leaves', digestsShape) },
    handle: ({ query, see }) =>
      see(async (viewer, { sources }) => {
        const from = query.after === undefined ? null : openHour(query.after);
        return json(
          presentDigests(
            await releaseWhole(viewer, sources, (party) => listed(party, from, sources, context)),
          ),
        );
      }),
  });
}

/** Only those that the centre has said: what is built and not said yet proves nothing. */
async function listed(
  party: string,
  after: Instant | null,
  sources: Sources,
  { journals, digestRef }: ApiContext,
): Promise<DigestList> {
  const starts = await journals.digests.ofParty(party, after, digestsAtOnce + 1);
  const digests: DigestList['digests'][number][] = [];
  for (const from of starts.slice(0, digestsAtOnce)) {
    const statement = digestRef(from);
    const leaf = await journals.digests.leafFor(party, from);
    if (!leaf || !(await isSaid(statement, sources))) return { digests, next: null };
    digests.push({ statement, leaf });
  }
  const last = digests.at(-1);
  return { digests, next: last && starts.length > digestsAtOnce ? sealHour(last.leaf.from) : null };
}

/** Hours are the same for everybody, so this one need not be sealed. */
function sealHour(from: Instant): string {
  return base64url(utf8(new Date(from / 1000).toISOString()));
}

/** @throws cursor.malformed */
function openHour(cursor: string): Instant {
  const from = instantOf(Buffer.from(cursor, 'base64url').toString());
  if (!Number.isSafeInteger(from) || sealHour(from) !== cursor)
    throw new Refusal('cursor.malformed', { at: 'after' });
  return from;
}
