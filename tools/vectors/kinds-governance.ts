/** Kinds by which parties, devices and rooms are governed. */
import { base64 } from '@parley/core/bytes.ts';
import { enrolConsent, joinConsent } from '@parley/core/keys.ts';
import { actor, centre, harbour, host } from './cast.ts';
import { agreed } from './handling.ts';
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

export const partyKinds = {
  'party.invite/1': examples(
    'party.invite/1',
    { by: host, body: { key: invited.key, until: later } },
    [],
    [
      ['without an end', 'header.malformed', '/body/until', { body: { until: null } }],
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
    [{ body: { ends: null } }],
    [
      [
        'a nameless party',
        'part.malformed',
        '/parts/0/name',
        { parts: [{ name: '', device: 'Watch desk' }] },
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
    [{ body: { ends: null, rights: ['govern'] } }],
    [
      ['no right', 'header.malformed', '/body/rights', { body: { rights: [] } }],
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
    [],
    [['a name for a party', 'header.malformed', '/body/party', { body: { party: 'Harbour' } }]],
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
