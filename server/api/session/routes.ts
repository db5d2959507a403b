/** Sessions: one device, one purpose, twelve hours at most. */
import { Refusal } from '@parley/core/errors.ts';
import { textOf } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import { z } from 'zod';
import { releaseSession } from '../../release/own.ts';
import type { Released } from '../../release/released.ts';
import type { ApiContext } from '../context.ts';
import type { PartyLimit } from '../limits.ts';
import { described, json, type Route, route } from '../route.ts';
import { prefix, purposeId } from '../shapes.ts';
import { type Session, signedIn } from '../viewer.ts';
import { admitSession, justification, parseRequest } from './opening.ts';
import { challengeShape, openedShape, presentSession, sessionShape } from './present.ts';

export function sessionRoutes(context: ApiContext, limit: PartyLimit): Route[] {
  return [challenge(context), open(context, limit), step(context), current(), close(context)];
}

function challenge({ journals, now }: ApiContext): Route {
  return route({
    method: 'POST',
    path: `${prefix}/sessions/challenge`,
    viewer: 'anyone',
    spared: true,
    about: 'A challenge to sign, good for two minutes and once',
    answers: { 200: described('The challenge', challengeShape) },
    async handle() {
      const { challenge, expires } = journals.challenges.challenge(now());
      return json({ challenge, expires: textOf(expires) });
    },
  });
}

function open(context: ApiContext, limit: PartyLimit): Route {
  const { journals, info, now } = context;
  return route({
    method: 'POST',
    path: `${prefix}/sessions`,
    viewer: 'anyone',
    spared: true,
    about: 'Opens a session for one purpose',
    body: z.unknown().describe('DSSE envelope of application/vnd.parley.session+json'),
    answers: { 201: described('The session', openedShape) },
    async handle({ body, request }) {
      const signed = parseRequest(body as Json, info.centre);
      const asker = { party: signed.request.party, device: signed.request.device, connector: false };
      const known = {
        check: () => limit.check(request, asker),
        count: () => limit.count(request, asker),
      };
      const admitted = await context.read(({ sources }) => admitSession(signed, sources, context, known));
      const { party, device, person, purpose, justification, expires } = admitted.value;
      const term = { now: now(), ttl: expires - now() };
      const token = await journals.sessions.open({ party, device, person, purpose, justification, ...term });
      return json({ token, ...presentSession(admitted) }, 201);
    },
  });
}

const stepPath = `${prefix}/sessions/step`;
const stepShape = z.strictObject({ purpose: purposeId.optional(), justification: justification.optional() });

function step(context: ApiContext): Route {
  const { journals, now } = context;
  return route({
    method: 'POST',
    path: stepPath,
    viewer: 'party',
    about: 'Another purpose or a justification: a new session until the old end; the old one ends',
    body: stepShape,
    answers: { 201: described('The new session', openedShape) },
    async handle({ session, see, body }) {
      const next = await see(async (viewer, { sources }) => {
        const wanted = stepped(signedIn(session), body);
        if (!(await context.isPurposeOf(wanted.party, wanted.purpose, sources)))
          throw new Refusal('purpose.unknown', { at: '/purpose' });
        return releaseSession(viewer, sources, async () => wanted);
      });
      return json({ token: await take(next), ...presentSession(next) }, 201);
    },
  });

  /** The step is recorded before it is taken; the list is empty, since nothing was read yet. */
  async function take({ value }: Released<Session>): Promise<string> {
    const { token, party, device, person, purpose, justification, expires } = value;
    const at = now();
    const list: never[] = [];
    await journals.accesses.recordAccess({
      at,
      party,
      device,
      person,
      purpose,
      justification,
      route: stepPath,
      list,
    });
    return journals.sessions.step(token, { purpose, justification, now: at, ttl: expires - at });
  }
}

/** What is not named stays as it is. */
function stepped(session: Session, { purpose, justification }: z.infer<typeof stepShape>): Session {
  return {
    ...session,
    purpose: purpose ?? session.purpose,
    justification: justification === undefined ? session.justification : justification,
  };
}

const currentPath = `${prefix}/sessions/current`;

function current(): Route {
  return route({
    path: currentPath,
    viewer: 'party',
    about: 'The session of this token',
    answers: { 200: described('The session', sessionShape) },
    handle: ({ session, see }) =>
      see(async (viewer, { sources }) =>
        json(presentSession(await releaseSession(viewer, sources, async () => signedIn(session)))),
      ),
  });
}

function close({ journals }: ApiContext): Route {
  return route({
    method: 'DELETE',
    path: currentPath,
    viewer: 'party',
    about: 'Ends the session',
    answers: { 204: { type: '', schema: null, about: 'It has ended' } },
    async handle({ session }) {
      await journals.sessions.end(signedIn(session).token);
      return { status: 204, type: null, body: null };
    },
  });
}
