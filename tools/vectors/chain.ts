/** Chains of keys, and fingerprints and codes. */
import { type Bytes, base64 } from '@parley/core/bytes.ts';
import {
  connectorConsent,
  enrolConsent,
  fingerprint,
  invitationSeed,
  joinConsent,
  spoken,
} from '@parley/core/keys.ts';
import type { EnvelopeJson } from '@parley/core/statement.ts';
import {
  type Actor,
  actor,
  actorFrom,
  bad,
  centre,
  type Example,
  elsewhere,
  embassy,
  good,
  harbour,
  header,
  host,
  id,
  machine,
  partsOf,
  room,
  signed,
} from './cast.ts';
import { roomHandling } from './handling.ts';

export const code = '7K3QX-9D2MT-0ZVBN-4RHWC-8YFPA';
export const invitation = actorFrom(invitationSeed(code));
export const desk = actor('desk');
const night = actor('night');
const reader = actor('reader');
const speaking: readonly string[] = ['read', 'speak'];

interface Founding {
  readonly at?: string;
  readonly by?: Actor;
  readonly party?: string;
  readonly invited?: Bytes;
  readonly ends?: string;
  /** Of its recovery key. */
  readonly recovery?: string;
}

export function found(
  first: Actor,
  { at = centre, by = first, party = first.device, invited, ends, recovery }: Founding = {},
): Promise<EnvelopeJson> {
  const signature = base64(invited ?? invitation.signNow(joinConsent(at, first.publicKey)));
  const body = {
    ...{ key: first.key, ends: ends ?? null, invitation: { key: invitation.key, signature } },
    ...(recovery === undefined ? {} : { recovery }),
  };
  const parts = partsOf('found', ['{"name":"Harbour Authority","device":"Watch desk"}']);
  const value = { ...header('party.found/1', first, body, { parts, party, centre: at }), device: by.device };
  return signed(value, by);
}

interface Enrolment {
  readonly at?: string;
  readonly rights?: readonly string[];
  readonly consent?: Bytes;
  readonly signer?: Actor;
  readonly ends?: string;
  /** What else stands in the body. */
  readonly more?: object;
}

/** @param by whom the header names; `signer` is who really signs */
export function enrol(
  by: Actor,
  device: Actor,
  party: string,
  { at = centre, rights = speaking, consent, signer = by, ends, more = {} }: Enrolment = {},
): Promise<EnvelopeJson> {
  const agreed = base64(consent ?? device.signNow(enrolConsent(at, party)));
  const body = { key: device.key, rights, ends: ends ?? null, consent: agreed, ...more };
  const parts = partsOf('enrol', ['{"name":"Desk"}']);
  const value = header('device.enrol/1', by, body, {
    parts,
    party,
    centre: at,
    name: `enrol ${device.device}`,
  });
  return signed(value, { ...signer, device: by.device });
}

const party = harbour.device;
const founding = await found(harbour);
const withDesk = [founding, await enrol(harbour, desk, party)];
const openBody = { key: machine.key, logs: ['centre.example/log/1+00000000+AQ=='] };
const opening = await signed(
  header('centre.open/1', machine, openBody, {
    parts: partsOf('open', ['{"name":"Centre","device":"Machine"}']),
  }),
  machine,
);
const governing = [
  founding,
  await enrol(harbour, night, party, { rights: ['govern'] }),
  await enrol(night, desk, party),
];
const leaving = await signed(header('room.leave/1', harbour, {}, { room }), harbour);

const chain = (links: readonly EnvelopeJson[], of: string = party): object => ({ party: of, links });
const broken = (at: number | string, name: string, links: readonly EnvelopeJson[], of?: string): Example =>
  bad(name, 'chain.broken', typeof at === 'number' ? `/chain/${at}` : at, chain(links, of));
const unsigned = (name: string, links: readonly EnvelopeJson[]): Example =>
  bad(name, 'signature.invalid', undefined, chain(links));

export const chains: Example[] = [
  good('the first key', { ...chain([founding]), devices: [party] }),
  good('a device', { ...chain(withDesk), devices: [party, desk.device] }),
  good('a device that governs enrols another', {
    ...chain(governing),
    devices: [party, night.device, desk.device],
  }),
  good('the centre', { ...chain([opening], machine.device), devices: [machine.device] }),
  good('no links, no devices', { ...chain([]), devices: [] }),
  broken('/body/key', 'a party that is not the fingerprint of its first key', [
    await found(embassy, { party }),
  ]),
  broken('/body/key', 'founded by another device', [await found(harbour, { by: embassy })]),
  broken(0, 'another party', [founding], embassy.device),
  broken(0, 'an enrolment first', withDesk.slice(1)),
  broken(1, 'founded twice', [founding, founding]),
  broken(0, 'another kind', [leaving]),
  broken(1, 'enrolled by a device that nobody enrolled', [founding, await enrol(night, desk, party)]),
  broken(2, 'enrolled by a device that cannot govern', [...withDesk, await enrol(desk, night, party)]),
  broken(2, 'enrolled by a device that governs in a room only', [
    founding,
    await enrol(harbour, desk, party, { rights: ['govern'], more: { rooms: [room] } }),
    await enrol(desk, night, party),
  ]),
  broken(2, 'enrolled by a device without a right to personal data', [
    founding,
    await enrol(harbour, desk, party, { rights: ['govern'], more: { personal: false } }),
    await enrol(desk, night, party),
  ]),
  broken(2, 'the same device twice', [
    ...withDesk,
    await enrol(harbour, desk, party, { rights: ['govern'] }),
  ]),
  broken(1, 'a link of another party', [founding, await enrol(embassy, desk, embassy.device)]),
  broken(1, 'a link of another centre', [founding, await enrol(harbour, desk, party, { at: elsewhere })]),
  broken(1, 'links out of order', [founding, governing[2], governing[1]] as EnvelopeJson[]),
  unsigned('invented by the host', [founding, await enrol(harbour, desk, party, { signer: host })]),
  unsigned('a device that did not agree', [
    founding,
    await enrol(harbour, desk, party, { consent: harbour.signNow(enrolConsent(centre, party)) }),
  ]),
  unsigned('a device that agreed to another party', [
    founding,
    await enrol(harbour, desk, party, { consent: desk.signNow(enrolConsent(centre, embassy.device)) }),
  ]),
  unsigned('a device that agreed to another centre', [
    founding,
    await enrol(harbour, desk, party, { consent: desk.signNow(enrolConsent(elsewhere, party)) }),
  ]),
  unsigned('without the code of the invitation', [
    await found(harbour, { invited: harbour.signNow(joinConsent(centre, harbour.publicKey)) }),
  ]),
  unsigned('the code used for another key', [
    await found(harbour, { invited: invitation.signNow(joinConsent(centre, embassy.publicKey)) }),
  ]),
];

const inRoom = [founding, await enrol(harbour, desk, party, { more: { rooms: [room] } })];
const elsewhereOnly = [
  founding,
  await enrol(harbour, desk, party, { more: { rooms: [id('another room')] } }),
];
const impersonal = [founding, await enrol(harbour, desk, party, { more: { personal: false } })];
const governsHere = [
  founding,
  await enrol(harbour, desk, party, { rights: ['read', 'govern'], more: { rooms: [room] } }),
];
const onPersons = { ...roomHandling, personal: [{ category: 'witness', nature: 'fact' }] };
const sharedOnPersons = signed(
  header('share/1', desk, { handling: onPersons }, { room, parts: partsOf('speaker', ['{}']), party }),
  desk,
);
const withReader = [founding, await enrol(harbour, reader, party, { rights: ['read'] })];
const parts = partsOf('speaker', ['{"type":"url","id":"url--c1477287-23ac-5971-a010-5c287877fa60"}']);
const share = (by: Actor, of = party): Promise<EnvelopeJson> =>
  signed(header('share/1', by, { handling: roomHandling }, { room, parts, party: of }), by);
const speaks = async (links: readonly EnvelopeJson[], statement: Promise<EnvelopeJson>): Promise<object> => ({
  ...chain(links),
  statement: await statement,
});

export const speakers: Example[] = [
  good('the first key speaks', await speaks([founding], share(harbour))),
  good('a device speaks', await speaks(withDesk, share(desk))),
  good('a device speaks in its room', await speaks(inRoom, share(desk))),
  good('a device without a right to personal data shares none', await speaks(impersonal, share(desk))),
  bad('a device in another room', 'chain.broken', '/room', await speaks(elsewhereOnly, share(desk))),
  bad(
    'a device that is limited to a room, in none',
    'chain.broken',
    '/room',
    await speaks(
      governsHere,
      signed(header('device.revoke/1', desk, { device: harbour.device }, { party }), desk),
    ),
  ),
  bad(
    'a device without a right to personal data governs in no room',
    'chain.broken',
    undefined,
    await speaks(
      [founding, await enrol(harbour, desk, party, { rights: ['govern'], more: { personal: false } })],
      signed(header('device.revoke/1', desk, { device: harbour.device }, { party }), desk),
    ),
  ),
  bad(
    'a device without a right to personal data shares some',
    'chain.broken',
    undefined,
    await speaks(impersonal, sharedOnPersons),
  ),
  bad('a device that is not in the chain', 'chain.broken', undefined, await speaks([founding], share(desk))),
  bad('a device that may only read', 'chain.broken', undefined, await speaks(withReader, share(reader))),
  bad(
    'a device that may not govern',
    'chain.broken',
    undefined,
    await speaks(withDesk, signed(header('room.leave/1', desk, {}, { room, party }), desk)),
  ),
  bad(
    'a device for another party',
    'chain.broken',
    undefined,
    await speaks(withDesk, share(desk, embassy.device)),
  ),
  bad(
    'somebody else’s signature',
    'signature.invalid',
    undefined,
    await speaks(
      withDesk,
      signed(header('share/1', desk, { handling: roomHandling }, { room, parts, party }), {
        ...night,
        device: desk.device,
      }),
    ),
  ),
];

const keyOf = (name: string, { publicKey, key }: Actor): Example =>
  good(name, { key, fingerprint: fingerprint(publicKey), spoken: spoken(fingerprint(publicKey)) });

export const keys: Example[] = [
  keyOf('harbour', harbour),
  keyOf('embassy', embassy),
  bad('31 bytes', 'key.malformed', undefined, { key: base64(new Uint8Array(31)) }),
  bad('not base64', 'key.malformed', undefined, { key: 'key' }),
];

const codeOf = (name: string, spelled: string): Example =>
  good(name, {
    spelled,
    seed: base64(invitationSeed(spelled)),
    key: actorFrom(invitationSeed(spelled)).key,
  });

export const codes: Example[] = [
  codeOf('as printed', code),
  codeOf('as typed', ' 7k3qx 9d2mt ozvbn 4rhwc 8yfpa'),
  codeOf('I and L are 1', 'ILil1-00000-00000-00000-00000'),
  codeOf('another', '00000-00000-00000-00000-00000'),
];

export const consents: Example[] = [
  good('join', { centre, key: harbour.key, message: base64(joinConsent(centre, harbour.publicKey)) }),
  good('enrol', { centre, party, message: base64(enrolConsent(centre, party)) }),
  good('connector', { centre, party, connector: true, message: base64(connectorConsent(centre, party)) }),
];
