/**
 * A centre and everybody who may come to its doors. A kind of viewer that is new, such as an endpoint that a party has
 * messages sent to, is added to `callers`, and then has its column in `doors.ts`, or the test fails.
 */
import { sessionLife } from '../../server/api/session/opening.ts';
import { type Actor, indicator } from '../../server/testing/actor.ts';
import { addConnector } from '../../server/testing/connectors.ts';
import { type Served, serve } from '../../server/testing/served.ts';
import { World } from '../../server/testing/world.ts';

export const callers = [
  'nobody',
  'outsider',
  'observer',
  'reader',
  'speaker',
  'governor',
  'revoked',
  'left',
  'feed',
  'elsewhere',
  'otherwise',
  'writer',
] as const;
export type CallerName = (typeof callers)[number];

export interface Caller {
  /** Whose key signs what it says; null: it has none. */
  readonly actor: Actor | null;
  readonly token: string | null;
}

export interface Doors extends Served {
  readonly people: Record<CallerName, Caller>;
  readonly room: string;
  /** Shared in the room by the governor. */
  readonly ref: { readonly party: string; readonly id: string };
  /** A connector of the party of reader and speaker. */
  readonly device: string;
}

export async function openDoors(): Promise<Doors> {
  const rates = { perAddress: 1_000_000, perParty: 1_000_000 };
  const served = await serve(await World.begin({ ownThread: true }), { rates, metricsToken: 'figures' });
  const { world } = served;
  const [anna, bert, carl, emil, olga] = [
    await world.party('Anna'),
    await world.party('Bert'),
    await world.party('Carl'),
    await world.party('Emil'),
    await world.party('Olga'),
  ];
  const room = await anna.openRoom();
  for (const member of [bert, emil]) {
    await anna.invite(room, member);
    await member.accept(room);
  }
  await anna.invite(room, olga, 'observer');
  await olga.accept(room);
  const another = await world.room([bert]);
  const [reader, speaker] = [await bert.enrol(['read']), await bert.enrol(['read', 'speak'])];
  const lost = await bert.enrol(['read', 'speak']);
  const { ref } = await anna.share(room, [indicator('shared')]);
  const signedIn = async (actor: Actor): Promise<Caller> => ({ actor, token: await sessionOf(actor) });
  const feed = await addConnector(bert, { rooms: [room] });
  const connector = ({ token }: { token: string }): Caller => ({ actor: null, token });
  const people = {
    nobody: { actor: null, token: null },
    outsider: await signedIn(carl),
    observer: await signedIn(olga),
    reader: await signedIn(reader),
    speaker: await signedIn(speaker),
    governor: await signedIn(anna),
    revoked: await signedIn(lost),
    left: await signedIn(emil),
    feed: connector(feed),
    elsewhere: connector(await addConnector(bert, { rooms: [another] })),
    otherwise: connector(await addConnector(bert, { rooms: [room], purpose: 'threat-prevention' })),
    writer: connector(await addConnector(bert, { rooms: [room], rights: ['speak'] })),
  };
  await emil.say('room.leave/1', {}, { room });
  await bert.say('device.revoke/1', { device: lost.signer.device });
  return { ...served, people, room, ref, device: feed.device };
}

export async function sessionOf(actor: Actor, justification: string | null = null): Promise<string> {
  const { centre } = actor.world;
  return centre.journals.sessions.open({
    ...{ party: actor.party, device: actor.signer.device, purpose: 'event-security', justification },
    ...{ now: centre.now(), ttl: sessionLife },
  });
}

export const bearing = ({ token }: Pick<Caller, 'token'>): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };
