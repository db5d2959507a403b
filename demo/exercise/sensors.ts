/** A client that cannot sign: sensors at the gates know HTTP and a token, nothing of Parley. */
import { Refusal } from '@parley/core/errors.ts';
import type { Players } from './festival.ts';
import { note, places } from './objects.ts';
import { inHours, toRoom } from './rooms.ts';

/** What the guide speaks of. The token opens an invented room of an invented centre. */
export interface Sensors {
  readonly device: string;
  readonly token: string;
}

export const sensorsName = 'Gate sensors';

/** The city adds a connector; its client shares, and then tries a room that is not its own. */
export async function playSensors(
  { city }: Players,
  url: string,
  rooms: readonly [string, string],
): Promise<Sensors> {
  const [room, elsewhere] = rooms;
  const { device, token } = await city.session.connectors.add({
    name: sensorsName,
    rooms: [room],
    purpose: 'event-security',
    ends: inHours(365 * 24),
    handling: { ...toRoom, until: null },
  });
  const counted = note('4,100 visitors within the hour', [places.gate4]);
  const taken = await send(url, room, token, counted);
  if (!taken.ok) throw new Refusal('fault', { detail: `the sensors were answered ${taken.status}` });
  await send(url, elsewhere, token, counted);
  return { device, token };
}

/** As any program would, with HTTP Basic. */
async function send(url: string, room: string, token: string, object: object): Promise<Response> {
  const response = await fetch(new URL(`api/v1/rooms/${room}/objects`, url), {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`sensors:${token}`)}`,
      'content-type': 'application/stix+json;version=2.1',
    },
    body: JSON.stringify(object),
  });
  await response.arrayBuffer();
  return response;
}
