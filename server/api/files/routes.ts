/** Files: brought apart from the statement that names them, and fetched one by one. */
import { Readable } from 'node:stream';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { textOf } from '@parley/core/fields.ts';
import { uploadBodyType } from '@parley/core/files.ts';
import { z } from 'zod';
import { releaseFile } from '../../release/files.ts';
import type { ApiContext } from '../context.ts';
import type { Asker, PartyLimit } from '../limits.ts';
import { record } from '../recording.ts';
import { type Asked, described, json, type Route, route } from '../route.ts';
import { partyId, prefix, time, uuid } from '../shapes.ts';
import { readUpload } from './upload.ts';

export function fileRoutes(context: ApiContext, limit: PartyLimit): Route[] {
  return [bring(context, limit), fetchOne(context)];
}

const broughtShape = z.strictObject({
  leaf: z.string().describe('base64 of the leaf hash'),
  size: z.int(),
  type: z.string(),
  until: time,
});

function bring(context: ApiContext, limit: PartyLimit): Route {
  const { files, metrics } = context;
  return route({
    method: 'POST',
    path: `${prefix}/files`,
    viewer: 'anyone',
    about: 'Brings a file, for a share of the next hour: what the device signed on one line, then the bytes',
    streams: [uploadBodyType],
    slow: true,
    answers: { 201: described('What waits, and until when', broughtShape) },
    async handle(asked) {
      const { body, headers } = asked.request;
      if (!(body instanceof Readable))
        throw new Refusal('body.malformed', { detail: `expected ${uploadBodyType}` });
      if ((headers['content-encoding'] ?? 'identity') !== 'identity')
        throw new Refusal('body.malformed', {
          at: 'content-encoding',
          detail: 'expected the bytes as they are',
        });
      try {
        const { leaf, size, type, until } = await counted(asked, limit, (known) =>
          readUpload(body, { ...files, receive: (line, rest) => files.receive(line, rest, known) }),
        );
        return json({ leaf, size, type, until: textOf(until) }, 201);
      } catch (error) {
        if (error instanceof Refusal) metrics.refused(error.code);
        throw error;
      }
    },
  });
}

/**
 * As a statement, by its signature, where no session of the device has been counted already. What the log has is not
 * taken again, and costs nothing.
 */
async function counted<T>(
  { request, session }: Asked,
  limit: PartyLimit,
  work: (known: (by: Pick<Asker, 'party' | 'device'>) => Promise<void>) => Promise<T>,
): Promise<T> {
  let asker: Asker | null = null;
  const count = async () => (asker ? limit.count(request, asker) : undefined);
  try {
    const done = await work(async ({ party, device }) => {
      if (session?.device === device) return;
      const by = { party, device, connector: false };
      await limit.check(request, by);
      asker = by;
    });
    await count();
    return done;
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'file.known')) await count();
    throw error;
  }
}

const onePath = `${prefix}/statements/:party/:id/parts/:n/file`;
const one = z.strictObject({
  party: partyId,
  id: uuid,
  n: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,2})$/, 'expected the number of a part')
    .transform(Number),
});

/** Never shown as what it is said to be: a browser that is led here saves it, and runs nothing. */
const harmless = {
  'content-disposition': 'attachment; filename="file"',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

function fetchOne(context: ApiContext): Route {
  return route({
    path: onePath,
    viewer: 'anyone',
    about: 'The bytes of a file, and its salt in the header parley-salt; the access is recorded',
    params: one,
    answers: { 200: { type: 'application/octet-stream', schema: null, about: 'The bytes' } },
    async handle({ params: { n, ...ref }, see }) {
      const { viewer, shown } = await see(async (viewer, { sources }) => ({
        viewer,
        shown: await releaseFile(viewer, ref, n, sources),
      }));
      const { index, file, salt } = shown.value;
      // Recorded although reading may fail after it: the other way round, bytes could leave that no record tells of.
      await record(viewer, [{ index, parts: [n] }], onePath, context);
      const pieces = await context.files.open(shown);
      return {
        status: 200,
        headers: { ...harmless, 'content-length': String(file.size), 'parley-salt': base64(salt) },
        type: 'application/octet-stream',
        body: Readable.from(pieces, { objectMode: false }),
      };
    },
  });
}
