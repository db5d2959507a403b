/** Kinds by which a party's place in a room changes, and by which undertakings are spoken of. */
import { embassy, harbour, host, id } from './cast.ts';
import { examples, thirtyTwo, why } from './kind.ts';

const broken = { party: harbour.device, id: id('broken') };
const owed = { undertaking: 'report-within-a-day', by: harbour.device, terms: thirtyTwo };

export const standingKinds = {
  'room.suspend/1': examples(
    'room.suspend/1',
    { by: host, body: { party: harbour.device }, parts: [why] },
    [{ parts: [] }],
    [
      ['nobody', 'header.malformed', '/body/party', { body: { party: '' } }],
      ['an empty reason', 'part.malformed', '/parts/0/reason', { parts: [{ reason: '' }] }],
    ],
  ),
  'room.restore/1': examples(
    'room.restore/1',
    { by: host, body: { party: harbour.device } },
    [],
    [['a name for a party', 'header.malformed', '/body/party', { body: { party: 'Harbour' } }]],
  ),
  'undertaking.state/1': examples(
    'undertaking.state/1',
    { by: embassy, body: { ...owed, state: 'broken', evidence: [broken] }, parts: [why] },
    [{ body: { state: 'holds', evidence: [] }, parts: [] }],
    [
      ['a state between', 'header.malformed', '/body/state', { body: { state: 'doubtful' } }],
      ['of nobody', 'header.malformed', '/body/by', { body: { by: 'each' } }],
      [
        'words for an id',
        'header.malformed',
        '/body/undertaking',
        { body: { undertaking: 'Report at once' } },
      ],
      ['evidence in words', 'header.malformed', '/body/evidence/0', { body: { evidence: ['a letter'] } }],
    ],
  ),
  'undertaking.suspend/1': examples(
    'undertaking.suspend/1',
    { by: embassy, body: { undertaking: 'share-routes', because: broken, from: harbour.device } },
    [],
    [
      ['because of nothing', 'header.malformed', '/body/because', { body: { because: null } }],
      ['from everybody', 'header.malformed', '/body/from', { body: { from: 'each' } }],
    ],
  ),
  'undertaking.resume/1': examples(
    'undertaking.resume/1',
    { by: embassy, body: { suspension: broken } },
    [],
    [
      [
        'the name of the undertaking',
        'header.malformed',
        '/body/suspension',
        { body: { suspension: 'share-routes' } },
      ],
    ],
  ),
};
