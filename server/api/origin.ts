/**
 * Pages of other sites have nothing to ask here. No answer carries a CORS header, so none of them reads one; yet a
 * browser in which somebody typed the token of a connector (RFC 7617) sends it along with whatever any page asks, and
 * each such request would be an access in that party's name. What is public may be linked to.
 */
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

export function refuseOtherSites(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const harmless = reading.has(request.method) && request.headers.authorization === undefined;
    if (!harmless && isFromElsewhere(request)) throw new Refusal('origin.other');
  });
}

/** Fetch Metadata says it in words; a browser that does not know it names the page, and programs say neither. */
function isFromElsewhere({ headers, host }: FastifyRequest): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}
