/** What every STIX 2.1 object has. Unknown properties and extensions pass and are kept to the byte. */
import { z } from 'zod';
import { Refusal } from './errors.ts';
import type { Handling, Tlp } from './handling.ts';
import { tlpLabels } from './handling.ts';
import { type Json, parseJson } from './json.ts';

const idPattern =
  /^[a-z][a-z0-9-]{1,248}[a-z0-9]--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const timePattern =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z$/;

/** STIX 2.1, 2.9: an identifier. */
export const stixId = z.string().regex(idPattern, 'expected type--UUID');
const time = z.string().regex(timePattern, 'expected an RFC 3339 time in UTC');

/** STIX 2.1, 3.2: the common properties that Parley relies on. */
const common = z.looseObject({
  type: z.string(),
  id: stixId,
  spec_version: z.literal('2.1').optional(),
  created: time.optional(),
  modified: time.optional(),
  object_marking_refs: z.array(stixId).optional(),
  granular_markings: z.array(z.looseObject({ marking_ref: stixId.optional() })).optional(),
});

export interface StixObject {
  readonly type: string;
  readonly id: string;
  /** `modified`, else `created`, else empty: TAXII 2.1 (3.4) leaves the last to the server. */
  readonly version: string;
  /** Of the whole object and of properties of it, with the place of each in the object. */
  readonly markings: readonly { readonly ref: string; readonly at: string }[];
}

/**
 * @param at where the object stands, for the error: `/parts/3`
 * @throws stix.malformed, and what `parseJson` throws
 */
export function parseStix(bytes: Uint8Array, at: string): StixObject {
  const value = parseJson(bytes, at);
  return checkStix(value, at);
}

function checkStix(value: Json, at: string): StixObject {
  const result = common.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    const place = [at, ...(issue?.path ?? [])].join('/');
    throw new Refusal('stix.malformed', { at: place, ...(issue ? { detail: issue.message } : {}) });
  }
  const {
    type,
    id,
    created,
    modified,
    object_marking_refs: whole = [],
    granular_markings: granular = [],
  } = result.data;
  if (!id.startsWith(`${type}--`))
    throw new Refusal('stix.malformed', { at: `${at}/id`, detail: 'the id does not begin with the type' });
  // A bundle is not an object (STIX 2.1, 8): markings of what it holds would go unread. Clients share what is in it.
  if (type === 'bundle')
    throw new Refusal('stix.malformed', {
      at: `${at}/type`,
      detail: 'a bundle is not an object: share what it holds',
    });
  if (created && modified && Date.parse(modified) < Date.parse(created))
    throw new Refusal('stix.malformed', { at: `${at}/modified`, detail: 'modified before it was created' });
  const markings = [
    ...whole.map((ref, i) => ({ ref, at: `object_marking_refs/${i}` })),
    ...granular.flatMap(({ marking_ref: ref }, i) =>
      ref === undefined ? [] : [{ ref, at: `granular_markings/${i}/marking_ref` }],
    ),
  ];
  return { type, id, version: modified ?? created ?? '', markings };
}

/** The marking definitions of TLP 2.0 and of TLP 1 as STIX 2.1 (7.2.1.4) gives them. */
const tlpMarkings: Readonly<Record<string, Tlp>> = {
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'clear',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'green',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'amber',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'amber+strict',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'red',
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'clear',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
};

/** A label inside an object may not be narrower than the handling it is shared under. @throws handling.contradiction */
export function checkMarkings(object: StixObject, handling: Handling, at: string): void {
  for (const { ref, at: place } of object.markings) {
    const label = tlpMarkings[ref];
    if (label !== undefined && tlpLabels.indexOf(label) > tlpLabels.indexOf(handling.tlp))
      throw new Refusal('handling.contradiction', {
        at: `${at}/${place}`,
        detail: `the object is marked TLP:${label.toUpperCase()}, the handling says TLP:${handling.tlp.toUpperCase()}`,
      });
  }
}
