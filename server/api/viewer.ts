/** Who asks: the one place where a request becomes a viewer. A bad or ended token is refused, never the public. */
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyRequest } from 'fastify';
import type { Session as StoredSession } from '../journals/sessions.ts';
import { readingDevice } from '../release/devices.ts';
import type { Sources } from '../release/sources.ts';
import { publicViewer, type Viewer } from '../release/viewer.ts';
import type { ApiContext } from './context.ts';

export interface Session extends StoredSession {
  readonly token: string;
}

/** RFC 6750, 2.1. */
const bearer = /^Bearer +([A-Za-z0-9_-]{43})$/i;

/** Null where no `Authorization` came: the public. @throws session.unknown */
export async function sessionOf(request: FastifyRequest, context: ApiContext): Promise<Session | null> {
  const { authorization } = request.headers;
  if (authorization === undefined) return null;
  const token = bearer.exec(authorization)?.[1];
  if (token === undefined) throw new Refusal('session.unknown');
  return sessionNow(token, context);
}

async function sessionNow(token: string, { journals, now }: ApiContext): Promise<Session> {
  const session = await journals.sessions.find(token, now());
  if (!session) throw new Refusal('session.unknown');
  return { ...session, token };
}

/** The viewer of a session at a moment. @throws device.* */
export async function viewerOf(session: Session | null, sources: Sources): Promise<Viewer> {
  if (session === null) return publicViewer;
  const { party, device, person, purpose, justification } = session;
  await readingDevice(party, device, sources);
  return { party, device, person, purpose, justification };
}

/** For what lasts: looks each time whether the session still is. */
export function viewerAsItLasts(session: Session | null, context: ApiContext) {
  return async (sources: Sources): Promise<Viewer> =>
    viewerOf(session && (await sessionNow(session.token, context)), sources);
}

/** @throws session.needed */
export function signedIn(session: Session | null): Session {
  if (!session) throw new Refusal('session.needed');
  return session;
}
