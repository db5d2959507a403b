/** A refusal on its way out: the owner of the connector that got it, and those whom an attempt concerned, are told. */
import type { Refusal } from '@parley/core/errors.ts';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from './context.ts';

/** By which rule a connector is refused: `spec/connectors.md` says each in words. */
export const connectorRules = [
  'device',
  'route',
  'room',
  'right',
  'release',
  'terms',
  'handling',
  'format',
  'load',
  'centre',
] as const;
export type ConnectorRule = (typeof connectorRules)[number];

const byPrefix: Readonly<Record<string, ConnectorRule>> = {
  device: 'device',
  session: 'device',
  room: 'terms',
  terms: 'terms',
  party: 'terms',
  target: 'terms',
  handling: 'handling',
  purpose: 'handling',
  justification: 'handling',
  json: 'format',
  text: 'format',
  stix: 'format',
  body: 'format',
  query: 'format',
  cursor: 'format',
  part: 'format',
  parts: 'format',
  header: 'format',
  method: 'format',
  absent: 'release',
  rate: 'load',
  queue: 'load',
};

/** @param outside the path names a room that the connector is not for */
export function connectorRuleOf(code: Refusal['code'], outside: boolean): ConnectorRule {
  if (code === 'device.right' || code === 'device.limited') return 'right';
  if (code === 'connector.room' || (outside && code === 'absent')) return 'room';
  if (code === 'connector.route' || code === 'connector.only' || code === 'session.needed') return 'route';
  return byPrefix[code.split('.')[0] ?? ''] ?? 'centre';
}

/** Nothing of it is waited for: whoever was refused must not learn from the time that somebody was told. */
export function noteRefusal(refusal: Refusal, request: FastifyRequest, context: ApiContext): void {
  const { journals, now } = context;
  const { session, connector, method, routeOptions } = request;
  const route = `${method} ${routeOptions?.url ?? '?'}`;
  const at = now();
  if (connector) {
    const { room } = (request.params ?? {}) as { room?: unknown };
    const rooms = session?.connector?.rooms;
    const outside = typeof room === 'string' && rooms !== undefined && !rooms.includes(room);
    const { code, at: place = '', detail = '' } = refusal;
    journals.refusals.note({
      ...{ device: connector.device, at, route, code, place, detail },
      rule: connectorRuleOf(code, outside),
    });
  }
  if (refusal.concerns.length > 0)
    journals.attempts
      .note(refusal, { speaker: session?.party ?? null, what: route, at })
      .catch((cause: unknown) => request.log.warn({ what: 'attempts' }, String((cause as Error).name)));
}
