/** Kinds that suspend erasure, and by which persons ask. */
import { embassy, harbour, id } from './cast.ts';
import { examples, later, why } from './kind.ts';

const target = { party: harbour.device, id: id('target') };
const hold = { party: harbour.device, id: id('hold') };
const request = { party: embassy.device, id: id('subject') };
const review = '2027-02-01T00:00:00.000Z';
const beyond = '2027-06-01T00:00:00.000Z';
const asks = { reason: 'A. N. Other wants to know what is held on her.', cases: ['DSR 2026/31'] };

export const lawKinds = {
  'hold/1': examples(
    'hold/1',
    { by: harbour, body: { target, parts: [0], basis: 'court-order', review, until: later }, parts: [why] },
    [
      { body: { parts: null, until: null, basis: 'accuracy-contested' }, parts: [] },
      { parts: [{ ...why, cases: ['2026/0815-A', 'District court 7'] }] },
    ],
    [
      ['without a review', 'header.malformed', '/body/review', { body: { review: null } }],
      ['a review after its end', 'header.malformed', '/body/review', { body: { review: beyond } }],
      ['a basis of its own', 'header.malformed', '/body/basis', { body: { basis: 'prudence' } }],
      ['no part', 'header.malformed', '/body/parts', { body: { parts: [] } }],
      ['a case without a name', 'part.malformed', '/parts/0/cases/0', { parts: [{ ...why, cases: [' '] }] }],
    ],
  ),
  'hold.review/1': examples(
    'hold.review/1',
    { by: harbour, body: { hold, review, until: later }, parts: [why] },
    [{ body: { until: null }, parts: [] }],
    [
      ['a review after its end', 'header.malformed', '/body/review', { body: { review: beyond } }],
      ['no hold', 'header.malformed', '/body/hold', { body: { hold: null } }],
    ],
  ),
  'hold.end/1': examples(
    'hold.end/1',
    { by: harbour, body: { hold }, parts: [why] },
    [{ parts: [] }],
    [['no hold', 'header.malformed', '/body/hold', { body: { hold: null } }]],
  ),
  'subject.request/1': examples(
    'subject.request/1',
    { by: embassy, body: { target, parts: [0], request: 'access', due: later }, parts: [asks] },
    [{ body: { parts: null, request: 'erasure' }, parts: [why] }, { body: { request: 'rectification' } }],
    [
      ['another request', 'header.malformed', '/body/request', { body: { request: 'portability' } }],
      ['without a deadline', 'header.malformed', '/body/due', { body: { due: null } }],
      ['a name in the header', 'header.malformed', '/body', { body: { subject: 'A. N. Other' } }],
    ],
  ),
  'subject.answer/1': examples(
    'subject.answer/1',
    { by: harbour, body: { request, answer: 'refused', basis: 'ongoing-inquiry' }, parts: [why] },
    [
      { body: { answer: 'partly', basis: 'rights-of-others' } },
      { body: { answer: 'done', basis: null }, parts: [] },
    ],
    [
      ['refused without a basis', 'header.malformed', '/body/basis', { body: { basis: null } }],
      ['done, with a basis', 'header.malformed', '/body/basis', { body: { answer: 'done' } }],
      ['a basis of its own', 'header.malformed', '/body/basis', { body: { basis: 'inconvenient' } }],
    ],
  ),
};
