/**
 * How often who may ask. Kept in memory, bounded, and forgotten with each window; several instances each count alone.
 * Nothing is counted against a party before its session or its signature held, or strangers could use up its share.
 */

import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { Refusal } from '@parley/core/errors.ts';
import type { KindName } from '@parley/core/kinds.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { linesType } from './shapes.ts';
import type { Session } from './viewer.ts';

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
/**
 * Requests in a minute that nothing else uses up, neither a party's other devices, however many a thief enrols, nor,
 * for what is urgent, the device itself: to sign in, to find the device that was stolen, and to revoke it.
 */
export const kept = 20;
/** Bytes of lines that the public reads with one request: what is more counts as further requests of the address. */
const publicBytes = 64 * 1024;

/** What takes something back, from a thief or from who reads it. */
const urgent: ReadonlySet<KindName> = new Set<KindName>([
  'device.revoke/1',
  'party.object/1',
  'party.recovery/1',
  'recall/1',
]);

export function isUrgent(kind: KindName): boolean {
  return urgent.has(kind);
}

/** IPv6 by its /64, which one household has; an IPv4 address the same in either spelling. */
export function addressOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  return normalizeIP(ip);
}

/**
 * By address, whatever the route and whether there is one, before anything else is done for a request. Before what
 * turns requests away as well: who is turned away and asks again at once is counted each time.
 */
export async function limitAddresses(app: FastifyInstance, { perAddress }: RateLimits): Promise<void> {
  await app.register(rateLimit, { global: false });
  app.decorateRequest('sentBefore', 0);
  const windows = { max: perAddress, timeWindow: minute, cache: remembered, keyGenerator: addressOf };
  const all = app.createRateLimit(windows);
  /** Where a token is guessed at by who asks often anyhow. */
  const apart = app.createRateLimit(windows);
  app.addHook('onRequest', async (request) => {
    const { uncounted, viewer } = request.routeOptions.config;
    if (uncounted && viewer !== 'operator') return;
    const result = await (uncounted ? apart : all)(request);
    if (!result.isAllowed && result.isExceeded) throw tooMany(result.ttl);
    request.sentBefore = sentOn(request);
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.session || reply.getHeader('content-type') !== linesType) return;
    const more = Math.floor((sentOn(request) - request.sentBefore) / publicBytes);
    for (let n = 0; n < more; n++) await all(request);
  });
}

function sentOn({ raw }: FastifyRequest): number {
  return raw.socket?.bytesWritten ?? 0;
}

/** Whose request it is, once a session or a signature has shown it. */
export interface Asker {
  readonly party: string;
  readonly device: string;
  readonly connector: boolean;
  /** See `isUrgent`; only where its signature held. */
  readonly urgent?: boolean;
}

export function askerOf({ party, device, connector }: Session): Asker {
  return { party, device, connector: connector !== null };
}

export interface PartyLimit {
  /** Counts nothing yet. @throws rate.limited */
  check(request: FastifyRequest, asker: Asker): Promise<void>;
  count(request: FastifyRequest, asker: Asker): Promise<void>;
  /** Both. @throws rate.limited */
  take(request: FastifyRequest, asker: Asker): Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for the time of a count alone: the library asks a request for its key. */
    asker: Asker | null;
    /** Bytes that its connection had sent before. */
    sentBefore: number;
  }
}

export function partyLimit(app: FastifyInstance, { perParty }: RateLimits): PartyLimit {
  app.decorateRequest('asker', null);
  const windows = { timeWindow: minute, cache: remembered };
  const byDevice = { ...windows, keyGenerator: ({ asker }: FastifyRequest) => `device ${asker?.device}` };
  const pressing = app.createRateLimit({ ...byDevice, max: kept });
  const keeps = app.createRateLimit({ ...byDevice, max: kept });
  const own = app.createRateLimit({ ...byDevice, max: Math.floor(perParty * ownShare) });
  // However many devices it enrols, a party asks for no more than twice its share and what is kept for each.
  const owns = app.createRateLimit({ ...windows, max: perParty, keyGenerator: keyOf });
  const all = app.createRateLimit({ ...windows, max: perParty, keyGenerator: keyOf });
  type Window = typeof all;

  async function look(window: Window, request: FastifyRequest, asker: Asker, increment: boolean) {
    request.asker = asker;
    const result = await window(request, { increment });
    return result.isAllowed ? { left: 1, over: false, ttl: 0 } : leftOf(result);
  }

  async function check(request: FastifyRequest, asker: Asker): Promise<void> {
    const left = async (window: Window) => (await look(window, request, asker, false)).left > 0;
    if (asker.urgent && (await left(pressing))) return;
    if (!asker.connector && ((await left(keeps)) || ((await left(own)) && (await left(owns))))) return;
    const last = await look(all, request, asker, false);
    if (last.left === 0) throw tooMany(last.ttl);
  }

  async function count(request: FastifyRequest, asker: Asker): Promise<void> {
    const add = async (window: Window) => !(await look(window, request, asker, true)).over;
    if (asker.urgent && (await add(pressing))) return;
    if (!asker.connector && ((await add(keeps)) || ((await add(own)) && (await add(owns))))) return;
    await add(all);
  }

  return {
    check,
    count,
    async take(request, asker) {
      await check(request, asker);
      await count(request, asker);
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
