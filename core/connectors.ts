/**
 * Connectors: devices whose key the centre holds, so that a client that cannot sign works with a token. What such a
 * key may say is fixed by the party's own signature on the enrolment; the centre can widen nothing of it.
 */
import { Refusal } from './errors.ts';
import type { Handling } from './handling.ts';
import type { Connector } from './kinds.ts';
import { type AnyHeader, isA } from './statement.ts';

/** Connectors of one party at once. */
export const maxConnectors = 64;

/** Scanners find a leaked one by its first letters, and no session's token looks like it. */
export const tokenPrefix = 'parleyc_';
export const tokenPattern = /^parleyc_[A-Za-z0-9_-]{43}$/;

/** The handling of a share that ends no later than this: what a room keeps for some days needs an end. */
export function handlingUntil(handling: Handling, latest: string | null): Handling {
  const until =
    latest !== null && (handling.until === null || handling.until > latest) ? latest : handling.until;
  const review =
    handling.review !== null && until !== null && handling.review > until ? until : handling.review;
  return { ...handling, until, review };
}

/**
 * Shares into a room under the handling of the enrolment, or one that ends earlier.
 * @throws connector.kind
 */
export function checkConnectorSays(connector: Connector, header: AnyHeader): void {
  const { access, handling } = connector;
  if (!isA(header, 'share/1')) throw refusal('/kind', 'expected share/1');
  if (access !== 'write' || handling === null) throw refusal('/kind', 'the connector only reads');
  const said = header.body.handling;
  if (handling.until !== null && (said.until === null || said.until > handling.until))
    throw refusal('/body/handling/until', `expected ${handling.until} at the latest`);
  if (spelled(said) !== spelled(handlingUntil(handling, said.until)))
    throw refusal('/body/handling', 'expected the handling of the enrolment');
}

function refusal(at: string, detail: string): Refusal {
  return new Refusal('connector.kind', { at, detail });
}

/** Whatever the order of its members. */
function spelled(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
