/** Connectors: a key for a new one, those there are, and why one is refused. */
import { textOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import { ownerOfConnectors, releaseConnectors, releaseOfConnector } from '../../release/connectors.ts';
import type { ApiContext } from '../context.ts';
import { described, json, type Route, route } from '../route.ts';
import { partyId, prefix, time } from '../shapes.ts';
import { connectorsShape, presentConnectors, presentRefusals, refusalsShape } from './present.ts';

const path = `${prefix}/connectors`;

const offerShape = z.strictObject({
  device: partyId,
  key: z.string().describe('Base64 of the public key'),
  consent: z.string().describe('Base64 of its signature'),
  token: z.string().describe('Shown this once'),
  until: time.describe('When it must be enrolled'),
});

export function connectorRoutes(context: ApiContext): Route[] {
  return [offer(context), all(context), why(context)];
}

function offer(context: ApiContext): Route {
  return route({
    method: 'POST',
    path,
    viewer: 'party',
    about: 'A key that the centre makes and keeps for a connector, to be enrolled within the hour',
    answers: { 201: described('The key, and its token', offerShape) },
    async handle({ see }) {
      const party = await see((viewer, { sources }) => ownerOfConnectors(viewer, sources));
      const { device, key, consent, token, until } = await context.offerConnector(party);
      return json({ device, key, consent, token, until: textOf(until) }, 201);
    },
  });
}

function all({ journals }: ApiContext): Route {
  return route({
    path,
    viewer: 'party',
    about: 'The party’s connectors, those that have ended among them',
    answers: { 200: described('The connectors', connectorsShape) },
    handle: ({ see }) =>
      see(async (viewer, { sources }) => {
        const held = (party: string) => journals.connectors.ofParty(party);
        return json(presentConnectors(await releaseConnectors(viewer, sources, held)));
      }),
  });
}

function why({ journals }: ApiContext): Route {
  return route({
    path: `${path}/:device/refusals`,
    viewer: 'party',
    about: 'What the centre refused the connector, and by which rule, newest first',
    params: z.strictObject({ device: partyId }),
    answers: { 200: described('The refusals', refusalsShape) },
    handle: ({ params, see }) =>
      see(async (viewer, { sources }) => {
        const refusals = (device: string) => journals.refusals.of(device);
        return json(presentRefusals(await releaseOfConnector(viewer, params.device, sources, refusals)));
      }),
  });
}
