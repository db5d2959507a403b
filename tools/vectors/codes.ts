/** Europol’s handling codes: what is wanted beside them, and the handling that they make of it. */

import { bad, type Example, good } from './cast.ts';
import { agreed, roomHandling } from './handling.ts';

const { purposes: _, onward: __, ...wanted } = roomHandling;
const police = { ...agreed, purposes: ['criminal-investigation', 'criminal-intelligence', 'event-security'] };
const case_ = (codes: readonly string[], more: object = {}, terms: object | null = police): object => ({
  codes,
  wanted: { ...wanted, ...more },
  terms,
});
const makes = (purposes: readonly string[], onward: string, more: object = {}): object => ({
  handling: { ...wanted, ...more, purposes, onward },
});
const both = ['criminal-investigation', 'criminal-intelligence'];
const police1 = ['criminal-intelligence'];
const freer = { ...police, handling: { ...police.handling, onward: 'room' } };
const narrower = { ...police, handling: { ...police.handling, onward: 'never' } };

export const handlingCodeExamples: Example[] = [
  good('H0', { ...case_(['H0']), ...makes(both, 'ask') }),
  good('H0 where members may pass on', { ...case_(['H0'], {}, freer), ...makes(both, 'room') }),
  good('H1', { ...case_(['H1']), ...makes(police1, 'ask') }),
  good('H2 where members may pass on', { ...case_(['H2'], {}, freer), ...makes(both, 'ask') }),
  good('H2 where nobody may', { ...case_(['H2'], {}, narrower), ...makes(both, 'never') }),
  good('H1 and H2', { ...case_(['H1', 'H2'], {}, freer), ...makes(police1, 'ask') }),
  good('H2 and H1 and H0', { ...case_(['H2', 'H1', 'H0']), ...makes(police1, 'ask') }),
  good('without terms', { ...case_(['H0'], {}, null), ...makes(both, 'ask') }),
  good('narrower than the code', {
    ...case_(['H0'], { purposes: ['criminal-investigation'], onward: 'never' }),
    ...makes(['criminal-investigation'], 'never'),
  }),
  bad('no code', 'handling.code', undefined, case_([])),
  bad('H3', 'handling.code', undefined, case_(['H3'])),
  bad('H3 among others', 'handling.code', undefined, case_(['H1', 'H3'])),
  bad('no such code', 'handling.code', undefined, case_(['H4'])),
  bad('in small letters', 'handling.code', undefined, case_(['h1'])),
  bad('a code twice', 'handling.code', undefined, case_(['H1', 'H1'])),
  bad(
    'H1 for a court',
    'handling.code',
    '/purposes',
    case_(['H1'], { purposes: ['criminal-investigation'] }),
  ),
  bad('H0 for an event', 'handling.code', '/purposes', case_(['H0'], { purposes: ['event-security'] })),
  bad('H0 in a room that knows no such purpose', 'handling.code', '/purposes', case_(['H0'], {}, agreed)),
  bad('H2 and passed on in the room', 'handling.code', '/onward', case_(['H2'], { onward: 'room' })),
  bad('H0 and public', 'handling.code', '/to', case_(['H0'], { to: 'public' })),
  bad('H0 and clear', 'handling.code', '/tlp', case_(['H0'], { tlp: 'clear' })),
  bad(
    'a contradiction beside the code',
    'handling.contradiction',
    '/body/handling/to',
    case_(['H1'], { tlp: 'red' }),
  ),
];
