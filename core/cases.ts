/** Case references: by which matter somebody files what was said. Others' stand in what they share and say. */
import { z } from 'zod';
import { Refusal } from './errors.ts';
import { withoutNul } from './texts.ts';

/** The `source_name` of an external reference (STIX 2.1, 2.5) that names a case. */
export const caseSource = 'case';
const maxCaseLength = 200;
/** In one part: each costs a row wherever the part is seen. */
export const maxCases = 16;

/** As people write it. Two that differ in capitals, spaces or width are one. */
export const caseText = z
  .string()
  .max(maxCaseLength)
  .refine(withoutNul, 'expected a text without U+0000')
  // A character may stand for up to 18, and what is compared stands in an index.
  .refine((text) => caseKey(text).length <= 2 * maxCaseLength, 'the reference of a case is too long')
  .refine((text) => caseKey(text) !== '', 'expected the reference of a case');

export const caseList = z.array(caseText).min(1).max(maxCases);

/** What is compared. */
export function caseKey(text: string): string {
  return text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Of a STIX object, each once. @param at where the object stands @throws stix.malformed */
export function casesOf(references: readonly unknown[], at: string): readonly string[] {
  const keys = new Set<string>();
  for (const [i, reference] of references.entries()) {
    if (typeof reference !== 'object' || reference === null) continue;
    const { source_name: source, external_id: id } = reference as Record<string, unknown>;
    if (source !== caseSource || typeof id !== 'string') continue;
    if (!caseText.safeParse(id).success)
      throw new Refusal('stix.malformed', {
        at: `${at}/external_references/${i}/external_id`,
        detail: `the reference of a case has 1 to ${maxCaseLength} characters`,
      });
    keys.add(caseKey(id));
  }
  if (keys.size > maxCases)
    throw new Refusal('stix.malformed', {
      at: `${at}/external_references`,
      detail: `at most ${maxCases} cases in one object`,
      params: { limit: maxCases },
    });
  return [...keys];
}

/** Of a part of a governance kind whose shape was checked. */
export function casesIn(part: unknown): readonly string[] {
  const { cases } = (part ?? {}) as { readonly cases?: unknown };
  const result = caseList.safeParse(cases);
  return result.success ? [...new Set(result.data.map(caseKey))] : [];
}
