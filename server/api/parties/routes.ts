/** Parties that the viewer may know of, and the devices of its own. */
import { releaseDevices, releaseParties } from '../../release/views.ts';
import { described, json, type Route, route } from '../route.ts';
import { prefix } from '../shapes.ts';
import { devicesShape, partiesShape, presentDevices, presentParties } from './present.ts';
import { recoveryRoute } from './recovery.ts';

export function partyRoutes(): Route[] {
  return [
    route({
      path: `${prefix}/parties`,
      viewer: 'anyone',
      about: 'Parties that the viewer may know of',
      answers: { 200: described('The parties', partiesShape) },
      handle: ({ see }) =>
        see(async (viewer, { sources }) => json(presentParties(await releaseParties(viewer, sources)))),
    }),
    route({
      path: `${prefix}/devices`,
      viewer: 'party',
      about: 'Devices of the viewer’s party, the revoked among them',
      answers: { 200: described('The devices', devicesShape) },
      handle: ({ see }) =>
        see(async (viewer, { sources }) => json(presentDevices(await releaseDevices(viewer, sources)))),
    }),
    recoveryRoute(),
  ];
}
