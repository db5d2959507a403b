/**
 * What stands in `Authorization`: the token of a session, or that of a connector. Each has a form of its own, so that
 * neither is ever looked up as the other.
 */
import { tokenPattern } from '@parley/core/connectors.ts';
import { Refusal } from '@parley/core/errors.ts';

export interface Credentials {
  readonly of: 'session' | 'connector';
  readonly token: string;
}

/** RFC 6750, 2.1. */
const bearer = /^Bearer +([A-Za-z0-9_-]{43,64})$/i;
/** RFC 7617. The credentials in it are short. */
const basic = /^Basic +([A-Za-z0-9+/_-]{4,512}={0,2})$/i;
const sessionToken = /^[A-Za-z0-9_-]{43}$/;

/** Null: nothing was given. @throws session.unknown */
export function credentialsIn(authorization: string | undefined): Credentials | null {
  if (authorization === undefined) return null;
  const token = bearer.exec(authorization)?.[1];
  if (token !== undefined && sessionToken.test(token)) return { of: 'session', token };
  if (token !== undefined && tokenPattern.test(token)) return { of: 'connector', token };
  const pair = basic.exec(authorization)?.[1];
  if (pair === undefined) throw new Refusal('session.unknown');
  const text = Buffer.from(pair, 'base64').toString();
  // The name may be anything: clients insist on one. A password may hold colons, a name none.
  const password = text.slice(text.indexOf(':') + 1);
  if (!text.includes(':') || !tokenPattern.test(password)) throw new Refusal('session.unknown');
  return { of: 'connector', token: password };
}
