/** Kinds by which parties, devices and rooms are governed. */
import { base64 } from '@parley/core/bytes.ts';
import { connectorConsent, enrolConsent, joinConsent } from '@parley/core/keys.ts';
import { actor, centre, harbour, host, room } from './cast.ts';
import { agreed, roomHandling } from './handling.ts';
import { examples, later, short, thirtyTwo, why } from './kind.ts';

const desk = actor('desk');
const invited = actor('invitation');

const foundingBody = {
  key: harbour.key,
  ends: later,
  invitation: {
    key: invited.key,
    signature: base64(invited.signNow(joinConsent(centre, harbour.publicKey))),
  },
};
const enrolBody = {
  key: desk.key,
  rights: ['read' as const, 'speak' as const],
  ends: later,
  consent: base64(desk.signNow(enrolConsent(centre, harbour.device))),
};

/** Of a connector, whose key the centre holds. */
const feed = {
  consent: base64(desk.signNow(connectorConsent(centre, harbour.device))),
  rooms: [room],
  personal: false,
  connector: { purpose: 'event-security', access: 'write' as const, handling: roomHandling },
};

export const partyKinds = {
  'party.invite/1': examples(
    'party.invite/1',
    { by: host, body: { key: invited.key, until: later } },
    [{ body: { level: 'technical' } }, { body: { level: null } }, { body: { formerly: harbour.device } }],
    [
      ['without an end', 'header.malformed', '/body/until', { body: { until: null } }],
      [
        'a name for the former party',
        'header.malformed',
        '/body/formerly',
        { body: { formerly: 'Harbour' } },
      ],
      ['a level that there is not', 'header.malformed', '/body/level', { body: { level: 'royal' } }],
      ['the code instead of its key', 'header.malformed', '/body/key', { body: { key: '7K3QX-9D2MT' } }],
    ],
  ),
  'party.withdraw/1': examples(
    'party.withdraw/1',
    { by: host, body: { key: invited.key } },
    [],
    [['a short key', 'header.malformed', '/body/key', { body: { key: short } }]],
  ),
  'party.found/1': examples(
    'party.found/1',
    { by: harbour, body: foundingBody, parts: [{ name: 'Harbour Authority', device: 'Watch desk' }] },
    [
      { body: { ends: null } },
      { body: { recovery: desk.key } },
      { body: { recovery: null, formerly: host.device } },
    ],
    [
      [
        'a nameless party',
        'part.malformed',
        '/parts/0/name',
        { parts: [{ name: '', device: 'Watch desk' }] },
      ],
      ['a short recovery key', 'header.malformed', '/body/recovery', { body: { recovery: short } }],
      [
        'a name for the former party',
        'header.malformed',
        '/body/formerly',
        { body: { formerly: 'Harbour' } },
      ],
      ['without an invitation', 'header.malformed', '/body/invitation', { body: { invitation: null } }],
      [
        'a part with more',
        'part.malformed',
        '/parts/0',
        { parts: [{ name: 'H', device: 'D', officer: 'N. N.' }] },
      ],
    ],
  ),
  'device.enrol/1': examples(
    'device.enrol/1',
    { by: harbour, body: enrolBody, parts: [{ name: 'Night desk' }] },
    [
      { body: { ends: null, rights: ['govern'] } },
      { body: { rooms: [room], personal: false } },
      { body: { rooms: null, personal: true } },
      { body: feed, parts: [{ name: 'Gate feed', justification: 'Guards the gate.' }] },
      {
        body: { ...feed, rights: ['read'], connector: { ...feed.connector, access: 'read', handling: null } },
      },
    ],
    [
      [
        'a connector without a purpose',
        'header.malformed',
        '/body/connector/purpose',
        { body: { ...feed, connector: { ...feed.connector, purpose: undefined } } },
      ],
      [
        'a connector with its token',
        'header.malformed',
        '/body/connector',
        { body: { ...feed, connector: { ...feed.connector, token: 'secret' } } },
      ],
      ['no right', 'header.malformed', '/body/rights', { body: { rights: [] } }],
      ['no room', 'header.malformed', '/body/rooms', { body: { rooms: [] } }],
      ['a room twice', 'header.malformed', '/body/rooms', { body: { rooms: [room, room] } }],
      ['a title for a room', 'header.malformed', '/body/rooms/0', { body: { rooms: ['Summit'] } }],
      [
        'neither with nor without persons',
        'header.malformed',
        '/body/personal',
        { body: { personal: null } },
      ],
      ['a right twice', 'header.malformed', '/body/rights', { body: { rights: ['read', 'read'] } }],
      ['a right that is none', 'header.malformed', '/body/rights/0', { body: { rights: ['admin'] } }],
      ['a short consent', 'header.malformed', '/body/consent', { body: { consent: short } }],
      ['a nameless device', 'part.malformed', '/parts/0/name', { parts: [{ name: '' }] }],
    ],
  ),
  'device.revoke/1': examples(
    'device.revoke/1',
    { by: harbour, body: { device: desk.device } },
    [],
    [['a name for an id', 'header.malformed', '/body/device', { body: { device: 'night desk' } }]],
  ),
};

export const roomKinds = {
  'room.open/1': examples(
    'room.open/1',
    { by: host, body: {}, parts: [agreed] },
    [],
    [
      [
        'terms without a title',
        'part.malformed',
        '/parts/0/title',
        { parts: [{ ...agreed, title: undefined }] },
      ],
      ['terms twice', 'parts.count', '/parts/count', { parts: [agreed, agreed] }],
    ],
  ),
  'room.terms/1': examples(
    'room.terms/1',
    { by: host, body: {}, parts: [{ ...agreed, retention: 30 }] },
    [],
    [
      [
        'terms with a strange purpose',
        'part.malformed',
        '/parts/0/purposes',
        { parts: [{ ...agreed, purposes: ['event-security', 'marketing'] }] },
      ],
      ['terms twice', 'parts.count', '/parts/count', { parts: [agreed, agreed] }],
    ],
  ),
  'room.invite/1': examples(
    'room.invite/1',
    { by: host, body: { party: harbour.device } },
    [{ body: { as: 'observer' } }, { body: { as: 'supervisor' } }],
    [
      ['a name for a party', 'header.malformed', '/body/party', { body: { party: 'Harbour' } }],
      ['as nothing that there is', 'header.malformed', '/body/as', { body: { as: 'guest' } }],
    ],
  ),
  'room.withdraw/1': examples(
    'room.withdraw/1',
    { by: host, body: { party: harbour.device } },
    [],
    [['nobody', 'header.malformed', '/body/party', { body: { party: null } }]],
  ),
  'room.accept/1': examples(
    'room.accept/1',
    { by: harbour, body: { terms: thirtyTwo } },
    [],
    [['a short hash', 'header.malformed', '/body/terms', { body: { terms: short } }]],
  ),
  'room.decline/1': examples(
    'room.decline/1',
    { by: harbour, body: { terms: thirtyTwo }, parts: [why] },
    [{ parts: [] }],
    [
      ['an empty reason', 'part.malformed', '/parts/0/reason', { parts: [{ reason: '' }] }],
      ['no terms', 'header.malformed', '/body/terms', { body: { terms: null } }],
    ],
  ),
  'room.leave/1': examples('room.leave/1', { by: harbour, body: {} }, [], []),
  'room.remove/1': examples(
    'room.remove/1',
    { by: host, body: { party: harbour.device }, parts: [why] },
    [{ parts: [] }],
    [
      [
        'a reason of another shape',
        'part.malformed',
        '/parts/0',
        { parts: ['because'] as unknown as object[] },
      ],
      ['nobody', 'header.malformed', '/body/party', { body: { party: '' } }],
    ],
  ),
};
