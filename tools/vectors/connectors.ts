/** Chains that lead to a connector, whose key the centre holds, and what is said with such a key. */
import { connectorConsent, enrolConsent } from '@parley/core/keys.ts';
import type { EnvelopeJson } from '@parley/core/statement.ts';
import { actor, bad, centre, type Example, good, harbour, header, partsOf, room, signed } from './cast.ts';
import { enrol, found } from './chain.ts';
import { roomHandling } from './handling.ts';

const party = harbour.device;
const feed = actor('feed');
const ends = '2027-05-01T00:00:00.000Z';
const until = '2026-12-01T00:00:00.000Z';
const ofCentre = feed.signNow(connectorConsent(centre, party));
const connector = { purpose: 'event-security', access: 'write', handling: roomHandling };
const limits = { rooms: [room], personal: false };

const founding = await found(harbour);
const enrolled = (about: object = {}, consent = ofCentre): Promise<EnvelopeJson> =>
  enrol(harbour, feed, party, { consent, ends, more: { ...limits, connector: { ...connector, ...about } } });
const chain = async (link: Promise<EnvelopeJson>): Promise<object> => ({
  party,
  links: [founding, await link],
});

export const connectorChains: Example[] = [
  good('a connector', { ...(await chain(enrolled())), devices: [party, feed.device] }),
  bad(
    'a connector with the consent of a device',
    'signature.invalid',
    undefined,
    await chain(enrolled({}, feed.signNow(enrolConsent(centre, party)))),
  ),
  bad(
    'a device with the consent of a connector',
    'signature.invalid',
    undefined,
    await chain(enrol(harbour, feed, party, { consent: ofCentre, ends, more: limits })),
  ),
];

const parts = partsOf('feed', ['{"type":"url","id":"url--c1477287-23ac-5971-a010-5c287877fa60"}']);
const says = async (how: object, link = enrolled()): Promise<object> => {
  const body = { handling: { ...roomHandling, ...how } };
  const statement = await signed(header('share/1', feed, body, { room, parts, party }), feed);
  return { ...(await chain(link)), statement };
};
const recalls = async (): Promise<object> => {
  const body = { target: { party, id: room }, parts: null };
  return {
    ...(await chain(enrolled())),
    statement: await signed(header('recall/1', feed, body, { room, party }), feed),
  };
};
const ending = { handling: { ...roomHandling, until } };

export const connectorSpeakers: Example[] = [
  good('a connector shares under its handling', await says({})),
  good('a connector shares with an end', await says({ until })),
  bad(
    'a connector shares beyond its end',
    'connector.kind',
    '/body/handling/until',
    await says({ until: ends }, enrolled(ending)),
  ),
  bad(
    'a connector shares under another label',
    'connector.kind',
    '/body/handling',
    await says({ tlp: 'green' }),
  ),
  bad(
    'a connector that only reads',
    'connector.kind',
    '/kind',
    await says({}, enrolled({ access: 'read', handling: null })),
  ),
  bad('a connector takes back', 'connector.kind', '/kind', await recalls()),
];
