/**
 * Labels inside STIX objects, as far as the objects of one share tell: well-known marking definitions, definitions that
 * stand beside the object, and labels of MISP's taxonomies. None may be narrower than the handling it is shared under.
 */
import { type Classification, classificationIn, classifications } from './classification.ts';
import { Refusal } from './errors.ts';
import {
  classificationOf,
  type Handling,
  type Pap,
  papLabels,
  papOf,
  type Tlp,
  tlpLabels,
} from './handling.ts';
import type { Json } from './json.ts';
import type { StixObject } from './stix.ts';

/** What a marking says in each of the schemes, the narrowest where it says several. */
export interface Marks {
  readonly tlp?: Tlp;
  readonly pap?: Pap;
  readonly classification?: Classification;
}

/** TLP 2.0, and TLP 1 as STIX 2.1 (7.2.1.4) gives it; PAP as OASIS's common objects give it. */
const wellKnown: Readonly<Record<string, Marks>> = {
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': { tlp: 'clear' },
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': { tlp: 'green' },
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': { tlp: 'amber' },
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': { tlp: 'amber+strict' },
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': { tlp: 'red' },
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': { tlp: 'clear' },
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': { tlp: 'green' },
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': { tlp: 'amber' },
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': { tlp: 'red' },
  'marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92': { pap: 'clear' },
  'marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730': { pap: 'clear' },
  'marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9': { pap: 'green' },
  'marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab': { pap: 'amber' },
  'marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e': { pap: 'red' },
};

const tlpExtension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';
const papExtension = 'extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b';

/** The whole text is a marking, case and the space around it aside; a sentence that holds one is none. */
export function marksIn(text: string): Marks {
  const classification = classificationIn(text);
  if (classification !== null) return { classification };
  const [, scheme, name] = /^(TLP|PAP):([A-Z+]+)$/.exec(text.trim().toUpperCase()) ?? [];
  const level = name === 'WHITE' ? 'clear' : name?.toLowerCase();
  const tlp = tlpLabels.find((label) => scheme === 'TLP' && label === level);
  const pap = papLabels.find((label) => scheme === 'PAP' && label === level);
  return { ...(tlp ? { tlp } : {}), ...(pap ? { pap } : {}) };
}

/** What a marking definition says; empty for any other object. STIX 2.1, 7.2.1, and the extensions for TLP 2.0 and PAP. */
export function definedBy(object: Json): Marks {
  if (within(object, 'type') !== 'marking-definition') return {};
  const texts = [
    within(object, 'name'),
    within(object, 'definition', 'statement'),
    labelled('TLP', within(object, 'definition', 'tlp')),
    labelled('TLP', within(object, 'extensions', tlpExtension, 'tlp_2_0')),
    labelled('PAP', within(object, 'extensions', papExtension, 'pap')),
  ];
  return texts.flatMap((text) => (typeof text === 'string' ? [marksIn(text)] : [])).reduce(narrowest, {});
}

function within(value: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>((inner, name) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return undefined;
    return Object.hasOwn(inner, name) ? (inner as { readonly [key: string]: Json })[name] : undefined;
  }, value);
}

function labelled(scheme: string, level: Json | undefined): string | undefined {
  return typeof level === 'string' ? `${scheme}:${level}` : undefined;
}

function narrowest(a: Marks, b: Marks): Marks {
  const [tlp, pap, classification] = [
    later(tlpLabels, a.tlp, b.tlp),
    later(papLabels, a.pap, b.pap),
    later(classifications, a.classification, b.classification),
  ];
  return {
    ...(tlp ? { tlp } : {}),
    ...(pap ? { pap } : {}),
    ...(classification ? { classification } : {}),
  };
}

function later<T>(order: readonly T[], a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return order.indexOf(b) > order.indexOf(a) ? b : a;
}

/** What definitions say, by their id. */
export type Definitions = ReadonlyMap<string, Marks>;

/** Those that stand among these objects, over those known before. */
export function definitionsIn(objects: readonly StixObject[], known: Definitions = new Map()): Definitions {
  const found = new Map(known);
  for (const { id, defines } of objects)
    if (Object.keys(defines).length > 0) found.set(id, narrowest(found.get(id) ?? {}, defines));
  return found;
}

/**
 * Of the objects of one share.
 * @param known definitions that the caller has seen elsewhere
 * @throws handling.contradiction
 */
export function checkAllMarkings(
  objects: readonly StixObject[],
  handling: Handling,
  known?: Definitions,
): void {
  const definitions = definitionsIn(objects, known);
  for (const [n, object] of objects.entries()) checkMarkings(object, handling, `/parts/${n}`, definitions);
}

/** A label inside an object may not be narrower than the handling it is shared under. @throws handling.contradiction */
export function checkMarkings(
  object: StixObject,
  handling: Handling,
  at: string,
  definitions: Definitions = definitionsIn([object]),
): void {
  for (const { ref, at: place } of object.markings)
    checkMarks(narrowest(wellKnown[ref] ?? {}, definitions.get(ref) ?? {}), handling, `${at}/${place}`);
  for (const { text, at: place } of object.labels) checkMarks(marksIn(text), handling, `${at}/${place}`);
}

function checkMarks({ tlp, pap, classification }: Marks, handling: Handling, at: string): void {
  const refuse = (marked: string, says: string): never => {
    throw new Refusal('handling.contradiction', {
      at,
      detail: `the object is marked ${marked}, the handling says ${says}`,
    });
  };
  if (tlp && tlpLabels.indexOf(tlp) > tlpLabels.indexOf(handling.tlp))
    refuse(`TLP:${tlp.toUpperCase()}`, `TLP:${handling.tlp.toUpperCase()}`);
  if (pap && papLabels.indexOf(pap) > papLabels.indexOf(papOf(handling)))
    refuse(`PAP:${pap.toUpperCase()}`, `PAP:${papOf(handling).toUpperCase()}`);
  if (classification && classifications.indexOf(classification) > levelOf(handling))
    refuse(classification, classificationOf(handling));
}

function levelOf(handling: Handling): number {
  return classifications.indexOf(classificationOf(handling));
}
