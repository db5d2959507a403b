/** Who asks: the one place where a request becomes a viewer. A bad or ended token is refused, never the public. */
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyRequest } from 'fastify';
import type { Holder } from '../journals/connectors.ts';
import type { Session as StoredSession } from '../journals/sessions.ts';
import { type ConnectorFacts, liveConnector } from '../release/connectors.ts';
import { readingDevice } from '../release/devices.ts';
import type { Sources } from '../release/sources.ts';
import { publicViewer, type Viewer } from '../release/viewer.ts';
import type { ApiContext } from './context.ts';
import { credentialsIn } from './credentials.ts';

/** Of a connector's token, too: it acts as a session whose purpose its party has signed. */
export interface Session extends StoredSession {
  readonly token: string;
  /** Null: a device signed in. */
  readonly connector: ConnectorFacts | null;
}

/**
 * Null where no `Authorization` came: the public.
 * @param known told whose connector it is, also where that one has ended
 * @throws session.unknown, device.unknown, device.revoked, device.ended
 */
export async function sessionOf(
  request: FastifyRequest,
  context: ApiContext,
  known: (holder: Holder) => void,
): Promise<Session | null> {
  const given = credentialsIn(request.headers.authorization);
  if (given === null) return null;
  if (given.of === 'session') return sessionNow(given.token, context);
  const { connectors } = context.journals;
  const holder = await connectors.find(given.token);
  if (!holder) throw new Refusal('session.unknown');
  known(holder);
  const session = await context.read(({ sources }) => connectorNow(given.token, holder, sources));
  await connectors.noteUse(holder.device, context.now());
  return session;
}

async function sessionNow(token: string, { journals, now }: ApiContext): Promise<Session> {
  const session = await journals.sessions.find(token, now());
  if (!session) throw new Refusal('session.unknown');
  return { ...session, token, connector: null };
}

async function connectorNow(token: string, { party, device }: Holder, sources: Sources): Promise<Session> {
  const connector = await liveConnector(party, device, sources);
  const { purpose, justification } = connector;
  const term = { opened: 0, expires: connector.device.ends ?? 0 };
  return { token, party, device, person: null, purpose, justification, ...term, connector };
}

/** The viewer of a session at a moment. @throws device.* */
export async function viewerOf(session: Session | null, sources: Sources): Promise<Viewer> {
  if (session === null) return publicViewer;
  const { party, device, person, purpose, justification } = session;
  await readingDevice(party, device, sources);
  return { party, device, person, purpose, justification };
}

/** For what lasts: looks each time whether the session still is; of a connector the device alone says so. */
export function viewerAsItLasts(session: Session | null, context: ApiContext) {
  return async (sources: Sources): Promise<Viewer> =>
    viewerOf(session?.connector === null ? await sessionNow(session.token, context) : session, sources);
}

/** @throws session.needed */
export function signedIn(session: Session | null): Session {
  if (!session) throw new Refusal('session.needed');
  return session;
}
