/** How often who may ask. Kept in memory, bounded, and forgotten with each window. */

import rateLimit from '@fastify/rate-limit';
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface RateLimits {
  /** Requests in a minute: from one address, and by the sessions of one party or by one connector. */
  readonly perAddress: number;
  readonly perParty: number;
}

export const defaultRateLimits: RateLimits = { perAddress: 3_000, perParty: 6_000 };

const minute = 60_000;
/** Addresses and parties that are remembered at once. */
const remembered = 20_000;
const silent = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };

/** By address for every route that does not say otherwise; IPv6 by its /64. */
export async function limitAddresses(app: FastifyInstance, { perAddress }: RateLimits): Promise<void> {
  await app.register(rateLimit, {
    max: perAddress,
    timeWindow: minute,
    cache: remembered,
    addHeaders: { ...silent, 'retry-after': false },
    addHeadersOnExceeding: silent,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
}

/** To be asked once a session has shown whose the request is. */
export function partyLimit(app: FastifyInstance, { perParty }: RateLimits) {
  const limit = app.createRateLimit({
    max: perParty,
    timeWindow: minute,
    // A client that asks without end must not keep the people of its party out.
    keyGenerator: ({ session }) =>
      session?.connector ? `connector ${session.device}` : `party ${session?.party}`,
  });
  /** @throws rate.limited */
  return async (request: FastifyRequest): Promise<void> => {
    const result = await limit(request);
    if (!result.isAllowed && result.isExceeded) throw tooMany(result.ttl);
  };
}

function tooMany(ms: number): Refusal {
  return new Refusal('rate.limited', { params: { after: Math.ceil(ms / 1000) } });
}
