/** Kinds that carry content or speak about it, and those of the centre. */
import { embassy, harbour, id, machine } from './cast.ts';
import { roomHandling } from './handling.ts';
import { examples, later, short, thirtyTwo, why } from './kind.ts';

const target = { party: harbour.device, id: id('target') };
const ask = { party: embassy.device, id: id('ask') };
const notice = { party: machine.device, id: id('notice') };

const indicator = {
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${id('indicator')}`,
  created: '2026-11-01T10:00:00.000Z',
  modified: '2026-11-01T10:00:00.000Z',
  name: 'Van seen twice at the quay',
};

export const centreKinds = {
  'centre.open/1': examples(
    'centre.open/1',
    {
      by: machine,
      body: { key: machine.key, logs: ['centre.example/log/1+00000000+AQ=='] },
      parts: [{ name: 'Centre', device: 'Machine' }],
    },
    [],
    [
      ['no log key', 'header.malformed', '/body/logs', { body: { logs: [] } }],
      ['a short key', 'header.malformed', '/body/key', { body: { key: short } }],
    ],
  ),
  'centre.accredit/1': examples(
    'centre.accredit/1',
    { by: machine, body: { highest: 'restricted' } },
    [{ body: { highest: 'unclassified' } }, { body: { highest: 'top-secret' } }],
    [
      ['a national word', 'header.malformed', '/body/highest', { body: { highest: 'geheim' } }],
      ['open-ended', 'header.malformed', '/body/highest', { body: { highest: null } }],
    ],
  ),
  'centre.succeed/1': examples(
    'centre.succeed/1',
    {
      by: machine,
      body: {
        log: 'centre.example/log/2',
        keys: ['centre.example/log/2+00000000+AQ=='],
        before: { log: 'centre.example/log/1', size: 4711, checkpoint: null },
        missing: { from: 4000, to: 4711 },
        why: 'loss',
      },
    },
    [
      {
        body: {
          before: { log: 'centre.example/log/1', size: 4000, checkpoint: null },
          missing: { from: 4000, to: null },
        },
      },
      {
        body: {
          before: { log: 'centre.example/log/1', size: 4711, checkpoint: 'a signed note\n' },
          missing: null,
          why: 'rotation',
        },
      },
      {
        body: {
          log: 'centre.example/log/12',
          before: { log: 'centre.example/log/11', size: 4711, checkpoint: null },
        },
      },
    ],
    [
      [
        'a log of another centre',
        'header.malformed',
        '/body/log',
        { body: { log: 'elsewhere.example/log/2' } },
      ],
      [
        'a log that is left out',
        'header.malformed',
        '/body/before/log',
        { body: { log: 'centre.example/log/3' } },
      ],
      [
        'the same log again',
        'header.malformed',
        '/body/before/log',
        { body: { log: 'centre.example/log/1' } },
      ],
      ['a loss of nothing', 'header.malformed', '/body/missing', { body: { missing: null } }],
      ['a rotation that loses', 'header.malformed', '/body/missing', { body: { why: 'rotation' } }],
      [
        'an end that is not the known one',
        'header.malformed',
        '/body/missing',
        { body: { missing: { from: 4000, to: 4712 } } },
      ],
      [
        'an end before the start',
        'header.malformed',
        '/body/missing',
        { body: { missing: { from: 4712, to: 4711 } } },
      ],
      ['another cause', 'header.malformed', '/body/why', { body: { why: 'maintenance' } }],
      ['no key', 'header.malformed', '/body/keys', { body: { keys: [] } }],
    ],
  ),
  'notice/1': examples(
    'notice/1',
    {
      by: machine,
      body: {
        cause: 'recall',
        target,
        parts: [0, 2],
        by: { party: harbour.device, id: id('recall') },
        to: embassy.device,
      },
    },
    [
      { body: { cause: 'correction', parts: [255] } },
      { body: { cause: 'expiry', by: { party: machine.device, id: id('expiry') } } },
    ],
    [
      ['parts not named', 'header.malformed', '/body/parts', { body: { parts: null } }],
      ['no part', 'header.malformed', '/body/parts', { body: { parts: [] } }],
      ['parts that do not rise', 'header.malformed', '/body/parts', { body: { parts: [2, 0] } }],
      ['another cause', 'header.malformed', '/body/cause', { body: { cause: 'news' } }],
    ],
  ),
  'expiry/1': examples(
    'expiry/1',
    { by: machine, body: { target, due: later } },
    [],
    [
      ['no such hour', 'header.malformed', '/body/due', { body: { due: '2026-11-02T25:00:00.000Z' } }],
      [
        'a target without a party',
        'header.malformed',
        '/body/target/party',
        { body: { target: { id: target.id } } },
      ],
    ],
  ),
  'access.digest/1': examples(
    'access.digest/1',
    {
      by: machine,
      body: { from: '2026-11-02T08:00:00.000Z', to: '2026-11-02T09:00:00.000Z', leaves: 2, root: thirtyTwo },
    },
    [{ body: { leaves: 0 } }],
    [
      ['fewer than none', 'header.malformed', '/body/leaves', { body: { leaves: -1 } }],
      ['a short root', 'header.malformed', '/body/root', { body: { root: short } }],
    ],
  ),
};

const consent = { target, parts: [0], to: embassy.device, purposes: ['event-security'] };
const kept = { notice, answer: 'kept' as const, basis: 'court-order' as const, until: later };

export const contentKinds = {
  'share/1': examples(
    'share/1',
    { by: harbour, body: { handling: roomHandling }, parts: [indicator] },
    [
      { parts: [indicator, { ...indicator, modified: '2026-11-01T11:00:00.000Z' }] },
      { parts: [{ type: 'ipv4-addr', id: `ipv4-addr--${id('address')}`, value: '198.51.100.7' }] },
    ],
    [
      ['no handling', 'header.malformed', '/body/handling', { body: { handling: null } }],
      [
        'red to the room',
        'handling.contradiction',
        '/body/handling/to',
        { body: { handling: { ...roomHandling, tlp: 'red' } } },
      ],
      ['a part that is no object', 'stix.malformed', '/parts/0/type', { parts: [{ text: 'A van' }] }],
      [
        'a bundle',
        'stix.malformed',
        '/parts/0/type',
        { parts: [{ type: 'bundle', id: `bundle--${id('bundle')}`, objects: [] }] },
      ],
      [
        'the same version twice',
        'part.malformed',
        '/parts/1',
        { parts: [indicator, { ...indicator, name: 'Van' }] },
      ],
    ],
  ),
  'recall/1': examples(
    'recall/1',
    { by: harbour, body: { target, parts: [0, 7] }, parts: [why] },
    [{ body: { parts: null }, parts: [] }, { body: { from: [embassy.device] } }],
    [
      ['from nobody', 'header.malformed', '/body/from', { body: { from: [] } }],
      [
        'from a party twice',
        'header.malformed',
        '/body/from',
        { body: { from: [embassy.device, embassy.device] } },
      ],
      ['from a party by its name', 'header.malformed', '/body/from/0', { body: { from: ['embassy'] } }],
      ['no part named', 'header.malformed', '/body/parts', { body: { parts: [] } }],
      ['a part beyond 255', 'header.malformed', '/body/parts/0', { body: { parts: [256] } }],
      ['a part twice', 'header.malformed', '/body/parts', { body: { parts: [1, 1] } }],
    ],
  ),
  'ask/1': examples(
    'ask/1',
    { by: embassy, body: consent, parts: [why] },
    [{ body: { parts: null }, parts: [] }],
    [
      ['for no purpose', 'header.malformed', '/body/purposes', { body: { purposes: [] } }],
      ['a target by number', 'header.malformed', '/body/target', { body: { target: 7 } }],
    ],
  ),
  'grant/1': examples(
    'grant/1',
    { by: harbour, body: { ...consent, terms: thirtyTwo, ask } },
    [{ body: { ask: null, parts: null } }],
    [
      ['without terms', 'header.malformed', '/body/terms', { body: { terms: null } }],
      ['to everyone', 'header.malformed', '/body/to', { body: { to: 'room' } }],
    ],
  ),
  'deny/1': examples(
    'deny/1',
    { by: harbour, body: { ask }, parts: [why] },
    [{ parts: [] }],
    [['nothing asked', 'header.malformed', '/body/ask', { body: { ask: null } }]],
  ),
  'ack/1': examples(
    'ack/1',
    { by: embassy, body: kept, parts: [why] },
    [
      { body: { answer: 'destroyed', basis: null, until: null }, parts: [] },
      { body: { answer: 'unreachable', basis: null, until: null } },
    ],
    [
      ['kept without a basis', 'header.malformed', '/body', { body: { basis: null } }],
      ['kept without an end', 'header.malformed', '/body', { body: { until: null } }],
      [
        'destroyed, with a basis',
        'header.malformed',
        '/body',
        { body: { answer: 'destroyed', until: null } },
      ],
      ['destroyed, until', 'header.malformed', '/body', { body: { answer: 'destroyed', basis: null } }],
      ['a basis of its own', 'header.malformed', '/body/basis', { body: { basis: 'curiosity' } }],
    ],
  ),
};
