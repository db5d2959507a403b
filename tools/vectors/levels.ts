/** Statements of a threat level, valid and not, as they stand in a part and as STIX. */
import type { Code } from '@parley/core/errors.ts';
import { type Level, levelSchema } from '@parley/core/levels/level.ts';
import { toStix } from '@parley/core/levels/stix.ts';
import type { Example } from './cast.ts';

const plain: Level = levelSchema.parse({
  scheme: 'gb-terrorism',
  version: '2006',
  level: 'severe',
  event: 'stated',
  scope: { type: 'national' },
  since: { on: '2026-04-30', precision: 'day' },
});
const nz = { scheme: 'nz-nttl', version: '2026', level: 'possible' };
const us = { scheme: 'us-ntas', version: '2015', level: 'bulletin' };
const de = { scheme: 'de-gefaehrdung', version: '1', level: null };
const school = { site: 'schools', text: { en: 'Bags are looked into' } };
const both = { en: 'After an attack', fr: 'Après un attentat' };

function good(name: string, more: object = {}): Example {
  return { name, valid: true, level: { ...plain, ...more } };
}

function bad(code: Code, at: string, name: string, more: object): Example {
  return { name, valid: false, code, at, level: { ...plain, ...more } };
}

const area = (rest: object) => ({
  scope: { type: 'area', area: { type: 'place', name: { en: 'x' }, ...rest } },
});

export const levelExamples: readonly Example[] = [
  good('national, since a day'),
  good('since a month', { since: { on: '2021-02', precision: 'month' } }),
  good('since an instant', { since: { on: '2026-04-30T12:00:00.000Z', precision: 'instant' } }),
  good('unchanged', { event: 'unchanged' }),
  good('4 reforzado', { scheme: 'es-naa', version: '1', level: '4', qualifier: 'reforzado' }),
  good('for a subdivision', area({ codes: ['GB-NIR'] })),
  good('for a sector', { scope: { type: 'sector', sector: 'transport' } }),
  good('for a subject', { scope: { type: 'subject', id: 'court', name: { en: 'a court' } } }),
  good('with measures', { measures: [school] }),
  good('in two languages, of which one counts', { reason: both, original: 'en' }),
  good('a product with its end', { ...us, until: '2026-06-01T00:00:00.000Z' }),
  good('no scale: words', { ...de, reason: { de: 'abstrakt hohe Gefährdung' } }),
  good('the new scale', { ...nz, since: { on: '2026-02-24', precision: 'day' } }),
  bad('level.scheme', '/scheme', 'no such scheme', { scheme: 'gb-weather' }),
  bad('level.scheme', '/version', 'no such version', { version: '2007' }),
  bad('level.scheme', '/level', 'no such level', { level: 'high' }),
  bad('level.scheme', '/level', 'no level where there is a scale', { level: null }),
  bad('level.scheme', '/level', 'a level where there is no scale', { ...de, level: '3' }),
  bad('level.scheme', '/version', 'the new scale before it held', {
    ...nz,
    since: { on: '2026-02-23', precision: 'day' },
  }),
  bad('level.scheme', '/version', 'the old scale when it held no more', {
    ...nz,
    version: '1',
    level: 'low',
  }),
  bad('level.end', '/until', 'ends before it begins', { until: '2026-04-30T00:00:00.000Z' }),
  bad('level.end', '/until', 'a product without an end', us),
  bad('level.end', '/review', 'reviewed before it begins', { review: '2026-01-01T00:00:00.000Z' }),
  bad('level.malformed', '/reason', 'no scale and no words', de),
  bad('level.malformed', '/original', 'two languages, and none counts', { reason: both }),
  bad('level.malformed', '/original', 'a text that is missing in the one that counts', {
    measures: [school],
    original: 'fr',
  }),
  bad('level.malformed', '/event', 'raised is not said', { event: 'raised' }),
  bad('level.malformed', '/since', 'a day that there is not', {
    since: { on: '2026-02-30', precision: 'day' },
  }),
  bad('level.malformed', '/measures/0/site', 'a kind of site that is none', {
    measures: [{ ...school, site: 'home' }],
  }),
  bad('level.malformed', '/source/url', 'a source that is no address', {
    source: { name: 'x', url: 'javascript:0' },
  }),
  bad('level.malformed', '/scope/name', 'a sector of one’s own without a name', {
    scope: { type: 'sector', sector: 'x-own' },
  }),
  bad('area.malformed', '/scope/area/codes/0', 'a country that is none', area({ codes: ['UK'] })),
  bad(
    'area.doubtful',
    '/scope/area/circles/0/centre',
    'latitude before longitude',
    area({ circles: [{ centre: [51.5, -0.1], radius: 5 }] }),
  ),
];

const about = {
  id: 'threat-level--8d4a3e0c-5d4f-4b7e-9a51-0d7c55f0a1b2',
  created: '2026-04-30T12:00:00.000Z',
  createdBy: 'identity--8d4a3e0c-5d4f-4b7e-9a51-0d7c55f0a1b2',
};
const stix = toStix(plain, about);
const { extensions: _, ...bare } = stix;

export const stixLevels: readonly Example[] = [
  { name: 'a threat level', valid: true, object: stix, level: plain },
  {
    name: 'with properties of others',
    valid: true,
    object: { ...stix, confidence: 80, x_colour: 'red' },
    level: plain,
  },
  { name: 'without the extension', valid: false, code: 'level.malformed', at: '/extensions', object: bare },
  {
    name: 'of another type',
    valid: false,
    code: 'level.malformed',
    at: '/type',
    object: { ...stix, type: 'report' },
  },
  {
    name: 'no such level',
    valid: false,
    code: 'level.scheme',
    at: '/level',
    object: { ...stix, level: 'high' },
  },
];
