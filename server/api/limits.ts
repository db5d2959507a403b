/**
 * How often who may ask. Kept in memory, bounded, and forgotten with each window; several instances each count alone.
 * Nothing is counted against a party before its session or its signature held, or strangers could use up its share.
 */

import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface RateLimits {
  /** Requests in a minute: from one address, and by the devices of one party or by one connector. */
  readonly perAddress: number;
  readonly perParty: number;
}

export const defaultRateLimits: RateLimits = { perAddress: 3_000, perParty: 6_000 };

const minute = 60_000;
/** Addresses and parties that are remembered at once. */
const remembered = 20_000;
/**
 * Of what a party may ask, the share that each of its devices has of its own. What one of them uses up, a client that
 * asks without end or a thief, keeps the others neither from reading nor from revoking it.
 */
const ownShare = 1 / 100;
const silent = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };

/** IPv6 by its /64, which one household has; an IPv4 address the same in either spelling. */
export function addressOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  return normalizeIP(ip);
}

/** By address for every route that does not say otherwise. */
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

/** Whose request it is, once a session or a signature has shown it. */
export interface Asker {
  readonly party: string;
  readonly device: string;
  readonly connector: boolean;
}

export interface PartyLimit {
  /** Counts nothing yet. @throws rate.limited */
  check(request: FastifyRequest, asker: Asker): Promise<void>;
  count(request: FastifyRequest, asker: Asker): Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for the time of a count alone: the library asks a request for its key. */
    asker: Asker | null;
  }
}

export function partyLimit(app: FastifyInstance, { perParty }: RateLimits): PartyLimit {
  app.decorateRequest('asker', null);
  const windows = { timeWindow: minute, cache: remembered };
  const own = app.createRateLimit({
    ...{ ...windows, max: Math.floor(perParty * ownShare) },
    keyGenerator: ({ asker }) => `device ${asker?.device}`,
  });
  // However many devices it enrols, a party asks for no more than twice its share.
  const owns = app.createRateLimit({ ...windows, max: perParty, keyGenerator: keyOf });
  const all = app.createRateLimit({ ...windows, max: perParty, keyGenerator: keyOf });
  type Window = typeof all;

  async function look(window: Window, request: FastifyRequest, asker: Asker, increment: boolean) {
    request.asker = asker;
    const result = await window(request, { increment });
    return result.isAllowed ? { left: 1, over: false, ttl: 0 } : leftOf(result);
  }

  return {
    async check(request, asker) {
      const look0 = (window: Window) => look(window, request, asker, false);
      if (!asker.connector && (await look0(own)).left > 0 && (await look0(owns)).left > 0) return;
      const { left, ttl } = await look0(all);
      if (left === 0) throw tooMany(ttl);
    },
    async count(request, asker) {
      const add = async (window: Window) => !(await look(window, request, asker, true)).over;
      if (!asker.connector && (await add(own)) && (await add(owns))) return;
      await add(all);
    },
  };
}

/** A client that asks without end must not keep the people of its party out. */
function keyOf({ asker }: FastifyRequest): string {
  return asker?.connector ? `connector ${asker.device}` : `party ${asker?.party}`;
}

interface Window {
  readonly remaining: number;
  readonly isExceeded: boolean;
  readonly ttl: number;
}

function leftOf({ remaining, isExceeded, ttl }: Window) {
  return { left: remaining, over: isExceeded, ttl };
}

function tooMany(ms: number): Refusal {
  return new Refusal('rate.limited', { params: { after: Math.max(1, Math.ceil(ms / 1000)) } });
}
