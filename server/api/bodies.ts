/** Bodies that are read: JSON whole and strictly, lines by the route that takes them. Nothing else. */
import { parseJson } from '@parley/core/json.ts';
import type { FastifyInstance } from 'fastify';
import { linesType } from './shapes.ts';

/** A session request with a justification; 64 KiB is generous. */
const jsonLimit = 64 * 1024;

export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: jsonLimit },
    async (_request: unknown, body: Buffer) => (body.length === 0 ? undefined : parseJson(body)),
  );
  app.addContentTypeParser(linesType, (_request, stream, done) => done(null, stream));
}
