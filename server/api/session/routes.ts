/** Sessions: one device, one purpose, twelve hours at most. */
import { Refusal } from '@parley/core/errors.ts';
import { textOf } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import { z } from 'zod';
import { releaseOwn } from '../../release/dues.ts';
import type { ApiContext } from '../context.ts';
import { described, json, type Route, route } from '../route.ts';
import { prefix, purposeId } from '../shapes.ts';
import { type Session, signedIn } from '../viewer.ts';
import { admitSession, justification, parseRequest } from './opening.ts';
import { challengeShape, openedShape, presentSession, sessionShape } from './present.ts';

const stepPath = `${prefix}/sessions/step`;
const currentPath = `${prefix}/sessions/current`;
const envelope = z.unknown().describe('DSSE envelope of application/vnd.parley.session+json');
const step = z.strictObject({ purpose: purposeId.optional(), justification: justification.optional() });

export function sessionRoutes(context: ApiContext): Route[] {
  const { journals, info, now } = context;
  return [
    route({
      method: 'POST',
      path: `${prefix}/sessions/challenge`,
      viewer: 'anyone',
      about: 'A challenge to sign, good for two minutes and once',
      answers: { 200: described('The challenge', challengeShape) },
      async handle() {
        const { challenge, expires } = journals.challenges.challenge(now());
        return json({ challenge, expires: textOf(expires) });
      },
    }),
    route({
      method: 'POST',
      path: `${prefix}/sessions`,
      viewer: 'anyone',
      about: 'Opens a session for one purpose',
      body: envelope,
      answers: { 201: described('The session', openedShape) },
      async handle({ body }) {
        const signed = parseRequest(body as Json, info.centre);
        const admitted = await context.read(({ sources }) => admitSession(signed, sources, context));
        const { expires, ...about } = admitted.value;
        const opened = now();
        const token = await journals.sessions.open({ ...about, now: opened, ttl: expires - opened });
        return json({ token, ...presentSession(admitted) }, 201);
      },
    }),
    route({
      method: 'POST',
      path: stepPath,
      viewer: 'party',
      about: 'Another purpose or a justification: a new session until the old end, and the old one ends',
      body: step,
      answers: { 201: described('The new session', openedShape) },
      handle: ({ session, see, body }) =>
        see(async (viewer, { sources }) => {
          const current = signedIn(session);
          const intent = intentOf(current, body);
          if (!(await context.isPurposeOf(current.party, intent.purpose, sources)))
            throw new Refusal('purpose.unknown', { at: '/purpose' });
          return releaseOwn({ ...viewer, ...intent }, sources, async () => ({ ...current, ...intent }));
        }).then(async (next) => {
          const { token: old, party, device, purpose, justification, expires } = next.value;
          const at = now();
          // The step is recorded before it is taken: with an empty list, since nothing was read yet.
          const about = { at, party, device, purpose, justification, route: stepPath, list: [] };
          await journals.accesses.recordAccess(about);
          const term = { purpose, justification, now: at, ttl: expires - at };
          const token = await journals.sessions.step(old, term);
          return json({ token, ...presentSession(next) }, 201);
        }),
    }),
    route({
      path: currentPath,
      viewer: 'party',
      about: 'The session of this token',
      answers: { 200: described('The session', sessionShape) },
      handle: ({ session, see }) =>
        see(async (viewer, { sources }) =>
          json(presentSession(await releaseOwn(viewer, sources, async () => signedIn(session)))),
        ),
    }),
    route({
      method: 'DELETE',
      path: currentPath,
      viewer: 'party',
      about: 'Ends the session',
      answers: { 204: { type: '', schema: null, about: 'It has ended' } },
      async handle({ session }) {
        await journals.sessions.end(signedIn(session).token);
        return { status: 204, type: null, body: null };
      },
    }),
  ];
}

/** What is not named stays as it is. */
function intentOf(current: Session, { purpose, justification }: z.infer<typeof step>) {
  return {
    purpose: purpose ?? current.purpose,
    justification: justification === undefined ? current.justification : justification,
  };
}
