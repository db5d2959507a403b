/** Handlings and terms. */
import type { Handling } from '@parley/core/handling.ts';
import { agreements } from './agreements.ts';
import { bad, type Example, embassy, good, harbour } from './cast.ts';

export const roomHandling: Handling = {
  to: 'room',
  purposes: ['event-security', 'threat-prevention'],
  onward: 'ask',
  until: '2026-12-01T00:00:00.000Z',
  review: '2026-11-15T00:00:00.000Z',
  tlp: 'amber',
  personal: false,
};

export const open: Handling = {
  ...roomHandling,
  to: 'public',
  purposes: ['public-information'],
  onward: 'room',
  tlp: 'clear',
};
export const red: Handling = { ...roomHandling, to: { parties: [embassy.device] }, tlp: 'red' };

/** The handling, changed. */
export const but = (base: Handling, change: object): { handling: object } => ({
  handling: { ...base, ...change },
});
const without = (key: keyof Handling): { handling: object } => {
  const { [key]: _, ...rest } = roomHandling;
  return { handling: rest };
};
const at = (field: string): string => `/body/handling/${field}`;
const two = { parties: [embassy.device, harbour.device] };

export const handlings: Example[] = [
  good('to the room', but(roomHandling, {})),
  good('without an end', but(roomHandling, { until: null, review: null })),
  good('review at the end', but(roomHandling, { review: roomHandling.until })),
  good('green within the room', but(roomHandling, { tlp: 'green', onward: 'room' })),
  good('to the room and its observers', but(roomHandling, { to: 'observers' })),
  good('personal data in the room', but(roomHandling, { personal: [{ category: 'other', nature: 'fact' }] })),
  good('to named parties', but(roomHandling, { to: two })),
  good('red', but(red, {})),
  good('red, never passed on', but(red, { onward: 'never' })),
  good('strict within the room, by asking', but(roomHandling, { tlp: 'amber+strict' })),
  good('public', but(open, {})),
  good('public, by asking', but(open, { onward: 'ask' })),
  good('a purpose of the room’s own', but(roomHandling, { purposes: ['x-evacuation'] })),
  good('classified, by name', but(roomHandling, { classification: 'secret' })),
  good('unclassified, said', but(open, { classification: 'unclassified', pap: 'clear' })),
  good('what a reader may do', but(roomHandling, { pap: 'red' })),
  good(
    'on two, one of them assessed',
    but(roomHandling, {
      personal: [
        { category: 'suspect', nature: 'assessment' },
        { category: 'victim', nature: 'fact' },
      ],
    }),
  ),
  bad(
    'public and classified',
    'handling.contradiction',
    at('classification'),
    but(open, { classification: 'restricted' }),
  ),
  bad('public, for passive use', 'handling.contradiction', at('pap'), but(open, { pap: 'amber' })),
  bad(
    'clear and classified',
    'handling.contradiction',
    at('classification'),
    but(roomHandling, { tlp: 'clear', classification: 'restricted' }),
  ),
  bad(
    'a level of its own',
    'header.malformed',
    at('classification'),
    but(roomHandling, { classification: 'geheim' }),
  ),
  bad('PAP’s old white', 'header.malformed', at('pap'), but(roomHandling, { pap: 'white' })),
  bad(
    'the same persons twice',
    'header.malformed',
    at('personal'),
    but(roomHandling, {
      personal: [
        { category: 'victim', nature: 'fact' },
        { category: 'victim', nature: 'fact' },
      ],
    }),
  ),
  bad('public and not clear', 'handling.contradiction', at('tlp'), but(open, { tlp: 'green' })),
  bad(
    'public and personal',
    'handling.contradiction',
    at('personal'),
    but(open, { personal: [{ category: 'other', nature: 'fact' }] }),
  ),
  bad(
    'public for another purpose',
    'handling.contradiction',
    at('purposes'),
    but(open, { purposes: ['cyber-defence'] }),
  ),
  bad('public and never', 'handling.contradiction', at('onward'), but(open, { onward: 'never' })),
  bad('red to the room', 'handling.contradiction', at('to'), but(red, { to: 'room' })),
  bad('red to observers', 'handling.contradiction', at('to'), but(red, { to: 'observers' })),
  bad('red and passed on in the room', 'handling.contradiction', at('onward'), but(red, { onward: 'room' })),
  bad(
    'strict and passed on in the room',
    'handling.contradiction',
    at('onward'),
    but(roomHandling, { tlp: 'amber+strict', onward: 'room' }),
  ),
  bad(
    'a purpose twice',
    'handling.contradiction',
    at('purposes'),
    but(roomHandling, { purposes: ['cyber-defence', 'cyber-defence'] }),
  ),
  bad(
    'a party twice',
    'handling.contradiction',
    at('to'),
    but(roomHandling, { to: { parties: [embassy.device, embassy.device] } }),
  ),
  bad(
    'review after the end',
    'handling.contradiction',
    at('review'),
    but(roomHandling, { review: '2026-12-01T00:00:00.001Z' }),
  ),
  bad('nobody named', 'header.malformed', at('to/parties'), but(roomHandling, { to: { parties: [] } })),
  bad('everyone is no audience', 'header.malformed', at('to'), but(roomHandling, { to: 'everyone' })),
  bad(
    'a party that is no fingerprint',
    'header.malformed',
    at('to/parties/0'),
    but(roomHandling, { to: { parties: ['embassy'] } }),
  ),
  bad('no purpose', 'header.malformed', at('purposes'), but(roomHandling, { purposes: [] })),
  bad(
    'a purpose in capitals',
    'header.malformed',
    at('purposes/0'),
    but(roomHandling, { purposes: ['Cyber'] }),
  ),
  bad('onward to anybody', 'header.malformed', at('onward'), but(roomHandling, { onward: 'public' })),
  bad('white is TLP 1', 'header.malformed', at('tlp'), but(open, { tlp: 'white' })),
  bad('a label in capitals', 'header.malformed', at('tlp'), but(roomHandling, { tlp: 'AMBER' })),
  bad(
    'an end without milliseconds',
    'header.malformed',
    at('until'),
    but(roomHandling, { until: '2026-12-01T00:00:00Z' }),
  ),
  bad(
    'an end with an offset',
    'header.malformed',
    at('until'),
    but(roomHandling, { until: '2026-12-01T00:00:00.000+01:00' }),
  ),
  bad(
    'a day that is not',
    'header.malformed',
    at('review'),
    but(roomHandling, { review: '2026-02-30T00:00:00.000Z' }),
  ),
  bad(
    'personal, of whom is left open',
    'header.malformed',
    at('personal'),
    but(roomHandling, { personal: true }),
  ),
  bad('personal, of nobody', 'header.malformed', at('personal'), but(roomHandling, { personal: [] })),
  bad('personal left open', 'header.malformed', at('personal'), without('personal')),
  bad('an end left out', 'header.malformed', at('until'), without('until')),
  bad('a word more', 'header.malformed', '/body/handling', but(roomHandling, { note: 'for friends' })),
];

export const agreed = {
  title: 'Harbour festival',
  purposes: ['event-security', 'threat-prevention'],
  own: [],
  handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
  retention: 90,
  past: false,
  roster: true,
  conditions: 'Warn others without delay.',
};

const term = (change: object): { terms: object } => ({ terms: { ...agreed, ...change } });
const evacuation = { id: 'x-evacuation', title: 'Evacuating the quay', basis: 'Harbour act, section 4' };
const everything = ['event-security', 'threat-prevention', 'x-evacuation'];

export const terms: Example[] = [
  good('usual', term({})),
  good('no retention, no conditions', term({ retention: null, conditions: '' })),
  good('a purpose of its own', term({ purposes: everything, own: [evacuation] })),
  bad(
    'an own purpose that is not explained',
    'part.malformed',
    '/parts/0/purposes',
    term({ purposes: everything }),
  ),
  bad(
    'an own purpose without x-',
    'part.malformed',
    '/parts/0/own/0/id',
    term({ own: [{ ...evacuation, id: 'evacuation' }] }),
  ),
  bad(
    'a default beyond the purposes',
    'part.malformed',
    '/parts/0/handling/purposes',
    term({ handling: { ...agreed.handling, purposes: ['cyber-defence'] } }),
  ),
  good(
    'for what is classified',
    term({ handling: { ...agreed.handling, classification: 'restricted', pap: 'amber' } }),
  ),
  bad(
    'clear and classified by default',
    'part.malformed',
    '/parts/0/handling/classification',
    term({ handling: { ...agreed.handling, tlp: 'clear', classification: 'restricted' } }),
  ),
  ...agreements(term),
  bad('no title', 'part.malformed', '/parts/0/title', term({ title: '' })),
  bad('no purposes', 'part.malformed', '/parts/0/purposes', term({ purposes: [] })),
  bad('half a day', 'part.malformed', '/parts/0/retention', term({ retention: 0.5 })),
  bad('no day at all', 'part.malformed', '/parts/0/retention', term({ retention: 0 })),
  bad('a roster that depends', 'part.malformed', '/parts/0/roster', term({ roster: 'owner' })),
  bad('a word more', 'part.malformed', '/parts/0', term({ owner: harbour.device })),
];
