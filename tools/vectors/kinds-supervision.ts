/** Kinds by which misuse is complained of, answered for and looked into. */
import { embassy, harbour, host, id } from './cast.ts';
import { examples, later, why } from './kind.ts';

const statement = { party: harbour.device, id: id('target') };
const complaint = { party: harbour.device, id: id('complaint') };

export const supervisionKinds = {
  'complaint.lodge/1': examples(
    'complaint.lodge/1',
    { by: harbour, body: { about: embassy.device, statement }, parts: [why] },
    [{ body: { statement: null } }, { parts: [{ ...why, cases: ['2026/0815-A'] }] }],
    [
      ['without a word', 'parts.count', '/parts/count', { parts: [] }],
      ['about nobody', 'header.malformed', '/body/about', { body: { about: null } }],
      [
        'nothing said of a statement',
        'header.malformed',
        '/body/statement',
        { body: { statement: undefined } },
      ],
    ],
  ),
  'complaint.answer/1': examples(
    'complaint.answer/1',
    { by: embassy, body: { complaint, verdict: 'answered' as const }, parts: [why] },
    [{ body: { verdict: 'upheld' as const } }, { body: { verdict: 'rejected' as const } }],
    [
      ['another verdict', 'header.malformed', '/body/verdict', { body: { verdict: 'dismissed' } }],
      ['without a word', 'parts.count', '/parts/count', { parts: [] }],
    ],
  ),
  'supervision.open/1': examples(
    'supervision.open/1',
    { by: host, body: { complaint, target: statement, parts: [0, 2], until: later }, parts: [why] },
    [{ body: { parts: null }, parts: [] }],
    [
      ['without a case', 'header.malformed', '/body/complaint', { body: { complaint: null } }],
      ['without an end', 'header.malformed', '/body/until', { body: { until: null } }],
      ['no part', 'header.malformed', '/body/parts', { body: { parts: [] } }],
    ],
  ),
};
