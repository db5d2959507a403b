/** What every STIX 2.1 object has. Unknown properties and extensions pass and are kept to the byte. */
import { z } from 'zod';
import { casesOf } from './cases.ts';
import { Refusal } from './errors.ts';
import { type Json, parseJson } from './json.ts';
import { definedBy, type Marks } from './markings.ts';

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
  external_references: z.array(z.unknown()).optional(),
  granular_markings: z.array(z.looseObject({ marking_ref: stixId.optional() })).optional(),
  labels: z.unknown().optional(),
});

export interface StixObject {
  readonly type: string;
  readonly id: string;
  /** `modified`, else `created`, else empty: TAXII 2.1 (3.4) leaves the last to the server. */
  readonly version: string;
  /** Of the whole object and of properties of it, with the place of each in the object. */
  readonly markings: readonly { readonly ref: string; readonly at: string }[];
  /** Where MISP's taxonomies put theirs. */
  readonly labels: readonly { readonly text: string; readonly at: string }[];
  /** What it says, if it is a marking definition. */
  readonly defines: Marks;
  /** Cases that its external references name, as `caseKey` spells them. */
  readonly cases: readonly string[];
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
    external_references: references = [],
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
  const labels = (Array.isArray(result.data.labels) ? result.data.labels : []).flatMap((text, i) =>
    typeof text === 'string' && text.includes(':') ? [{ text, at: `labels/${i}` }] : [],
  );
  const defines = definedBy(value);
  const version = modified ?? created ?? '';
  return { type, id, version, markings, labels, defines, cases: casesOf(references, at) };
}
