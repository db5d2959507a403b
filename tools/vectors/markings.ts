/** Markings inside objects, and definitions that stand beside them in the same share. */
import { bad, type Example, good, id } from './cast.ts';
import { but, open, red, roomHandling } from './handling.ts';

const green = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
const redMark = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1';
const red1 = 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed';
const own = `marking-definition--${id('own marking')}`;
const marked = (...refs: string[]): object => ({
  object: {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${id('marked')}`,
    object_marking_refs: refs,
  },
});
const narrower = '/parts/0/object_marking_refs/';
const tornLine = (ref: string): object => ({
  object: {
    type: 'report',
    spec_version: '2.1',
    id: `report--${id('torn')}`,
    granular_markings: [
      { lang: 'en', selectors: ['name'] },
      { marking_ref: ref, selectors: ['description'] },
    ],
  },
});

const definition = (more: object): object => ({
  type: 'marking-definition',
  spec_version: '2.1',
  id: own,
  created: '2026-11-01T10:00:00.000Z',
  ...more,
});
const statement = (text: string): object =>
  definition({ definition_type: 'statement', definition: { statement: text } });
const papExtension = 'extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b';
const tlpExtension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';
const labelled = (...labels: unknown[]): object => ({
  object: { type: 'indicator', spec_version: '2.1', id: `indicator--${id('labelled')}`, labels },
});
const papAmber = 'marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab';
const underAmber = but(roomHandling, { pap: 'amber' });

export const markings: Example[] = [
  good('PAP as narrow', { ...marked(papAmber), ...underAmber }),
  bad('PAP, and the handling says none', 'handling.contradiction', `${narrower}0`, {
    ...marked(papAmber),
    ...but(roomHandling, {}),
  }),
  good('PAP in words beside it, as narrow', {
    ...marked(own),
    beside: [statement('PAP:AMBER')],
    ...underAmber,
  }),
  bad('PAP in words beside it, narrower', 'handling.contradiction', `${narrower}0`, {
    ...marked(own),
    beside: [statement(' pap:red ')],
    ...underAmber,
  }),
  bad('PAP by its extension', 'handling.contradiction', `${narrower}0`, {
    ...marked(own),
    beside: [
      definition({ extensions: { [papExtension]: { extension_type: 'property-extension', pap: 'red' } } }),
    ],
    ...underAmber,
  }),
  bad('TLP in words beside it, narrower', 'handling.contradiction', `${narrower}0`, {
    ...marked(own),
    beside: [statement('TLP:AMBER+STRICT')],
    ...but(roomHandling, {}),
  }),
  bad('TLP 2.0 by its extension', 'handling.contradiction', `${narrower}0`, {
    ...marked(own),
    beside: [
      definition({
        extensions: { [tlpExtension]: { extension_type: 'property-extension', tlp_2_0: 'red' } },
      }),
    ],
    ...but(roomHandling, {}),
  }),
  good('white is clear', { ...marked(own), beside: [statement('TLP:WHITE')], ...but(open, {}) }),
  good('a sentence is no marking', {
    ...marked(own),
    beside: [statement('Not for machines that cannot keep PAP:RED')],
    ...but(roomHandling, {}),
  }),
  good('defined beside it and not named', {
    ...marked(),
    beside: [statement('PAP:RED')],
    ...but(roomHandling, {}),
  }),
  good('classified as high', {
    ...marked(own),
    beside: [statement('RESTREINT UE/EU RESTRICTED')],
    ...but(roomHandling, { classification: 'restricted' }),
  }),
  bad('classified higher', 'handling.contradiction', `${narrower}0`, {
    ...marked(own),
    beside: [statement('NATO SECRET')],
    ...but(roomHandling, { classification: 'restricted' }),
  }),
  good('a national word alone is read by nobody', {
    ...marked(own),
    beside: [statement('RESERVADO')],
    ...but(roomHandling, {}),
  }),
  good('labels of other taxonomies', {
    ...labelled('misp:tool="MISP2STIX"', 7, 'tlp'),
    ...but(roomHandling, {}),
  }),
  bad('a label of MISP’s, narrower', 'handling.contradiction', '/parts/0/labels/1', {
    ...labelled('tlp:green', 'PAP:AMBER'),
    ...but(roomHandling, {}),
  }),
  good('no marking', { ...marked(), ...but(open, {}) }),
  good('the same label', { ...marked(redMark), ...but(red, {}) }),
  good('a wider label', { ...marked(green), ...but(roomHandling, {}) }),
  good('a marking of another kind', { ...marked(own), ...but(open, {}) }),
  bad('a narrower label', 'handling.contradiction', `${narrower}0`, {
    ...marked(redMark),
    ...but(roomHandling, {}),
  }),
  bad('a narrower label of TLP 1', 'handling.contradiction', `${narrower}1`, {
    ...marked(own, red1),
    ...but(roomHandling, {}),
  }),
  bad('green made public', 'handling.contradiction', `${narrower}0`, { ...marked(green), ...but(open, {}) }),
  good('a wider label on a property', { ...tornLine(green), ...but(roomHandling, {}) }),
  bad(
    'a narrower label on a property',
    'handling.contradiction',
    '/parts/0/granular_markings/1/marking_ref',
    { ...tornLine(redMark), ...but(roomHandling, {}) },
  ),
];
