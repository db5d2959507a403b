/** Scales of threat levels, as data: what each body calls its levels, and since when. */
import { z } from 'zod';
import { isCountry } from '../area/countries.ts';
import type { Instant } from '../fields.ts';
import { freeText } from '../fields.ts';
import { textsIn } from '../languages.ts';
import { boundsOf, type Dated, datedSchema } from './dated.ts';
import at from './schemes/at.json' with { type: 'json' };
import au from './schemes/au.json' with { type: 'json' };
import be from './schemes/be.json' with { type: 'json' };
import ca from './schemes/ca.json' with { type: 'json' };
import de from './schemes/de.json' with { type: 'json' };
import dk from './schemes/dk.json' with { type: 'json' };
import es from './schemes/es.json' with { type: 'json' };
import fi from './schemes/fi.json' with { type: 'json' };
import fr from './schemes/fr.json' with { type: 'json' };
import gb from './schemes/gb.json' with { type: 'json' };
import it from './schemes/it.json' with { type: 'json' };
import lu from './schemes/lu.json' with { type: 'json' };
import nl from './schemes/nl.json' with { type: 'json' };
import no from './schemes/no.json' with { type: 'json' };
import nz from './schemes/nz.json' with { type: 'json' };
import se from './schemes/se.json' with { type: 'json' };
import us from './schemes/us.json' with { type: 'json' };

/** How far something is known. S: from a published page. U: to be checked before anybody relies on it. */
export const schemeMarks = ['S', 'S (press)', 'U'] as const;

/** What is measured. `product`: messages with an end, no standing level. `prose`: no scale; texts only. */
export const schemeKinds = ['likelihood', 'posture', 'assessment', 'product', 'prose', 'unstated'] as const;

export const schemeId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'expected the id of a scheme, such as fr-vigipirate');
export const schemeVersion = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,30}$/, 'expected a version, such as 2016');
export const levelCode = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected the code of a level, such as severe or 4');

const rung = z.strictObject({
  /** From the lowest, 1. Ranks of different schemes, or of versions without `same`, cannot be compared. */
  rank: z.int().min(1).max(20),
  code: levelCode,
  /** In the country's own languages; empty where the name is not known. */
  name: z.union([textsIn(100), z.strictObject({})]),
  english: freeText(100).nullable(),
  /** `ours`: the body gives no English name that we know of. */
  translation: z.literal('ours').optional(),
  definition: textsIn(1_000).optional(),
  /** An analyst's orientation from 1 to 5, nobody's official word. Never averaged, never shown as the level. */
  analystBand: z.int().min(1).max(5).nullable(),
  mark: z.enum(['S', 'U']),
});
export type Rung = z.infer<typeof rung>;

const bound = z
  .strictObject({ ...datedSchema.shape, mark: z.literal('U').optional() })
  .refine(({ on, precision }) => datedSchema.safeParse({ on, precision }).success, 'expected a date')
  .nullable();
const version = z.strictObject({
  version: schemeVersion,
  /** Null: not known. `to` is the first day of what follows; null: in force as far as is known. */
  from: bound,
  to: bound,
  note: freeText(1_000).optional(),
  levels: z.array(rung).max(20),
  /** Levels of an earlier version that are levels of this one under another name. None is concluded. */
  same: z.array(z.strictObject({ version: schemeVersion, level: levelCode, is: levelCode })).optional(),
});
export type SchemeVersion = z.infer<typeof version>;

export const schemeSchema = z
  .strictObject({
    id: schemeId,
    country: z.string().refine(isCountry, 'expected a code of ISO 3166-1'),
    body: freeText(200),
    bodyMark: z.literal('U').optional(),
    /** Whether the body publishes it as its scale. */
    official: z.boolean(),
    kind: z.enum(schemeKinds),
    /** What is measured, in words. */
    measures: z.string().max(200),
    mark: z.enum(schemeMarks),
    /** A key of `sources.json`. */
    source: freeText(100),
    note: freeText(1_000).optional(),
    /** What is said instead of a level. */
    phrase: textsIn(500).optional(),
    /** That the body puts beside a level, which stays the level. */
    qualifiers: z
      .array(z.strictObject({ level: levelCode, text: freeText(100), language: freeText(20) }))
      .optional(),
    versions: z.array(version).min(1),
  })
  .superRefine((scheme, context) => {
    for (const message of contradictions(scheme.versions, scheme.kind === 'prose'))
      context.addIssue({ code: 'custom', message });
  });
export type Scheme = z.infer<typeof schemeSchema>;

function contradictions(versions: readonly SchemeVersion[], prose: boolean): string[] {
  const found: string[] = [];
  if (new Set(versions.map((each) => each.version)).size !== versions.length) found.push('a version twice');
  for (const [i, { version: name, levels, same = [] }] of versions.entries()) {
    if (levels.some(({ rank }, k) => rank !== k + 1)) found.push(`${name}: ranks are not 1, 2, 3, …`);
    if (new Set(levels.map(({ code }) => code)).size !== levels.length) found.push(`${name}: a code twice`);
    if (prose !== (levels.length === 0)) found.push(`${name}: a scale has levels, prose has none`);
    for (const each of same) {
      const before = versions.slice(0, i).find((other) => other.version === each.version);
      if (
        !before?.levels.some(({ code }) => code === each.level) ||
        !levels.some(({ code }) => code === each.is)
      )
        found.push(`${name}: ${each.version} ${each.level} is none`);
    }
  }
  return found;
}

/** By country. Only what stands in the data is known; a party may bring schemes of its own. */
export const shippedSchemes: readonly Scheme[] = [
  at,
  au,
  be,
  ca,
  de,
  dk,
  es,
  fi,
  fr,
  gb,
  it,
  lu,
  nl,
  no,
  nz,
  se,
  us,
].map((data) => schemeSchema.parse(data));

export function findScheme(id: string, schemes: readonly Scheme[] = shippedSchemes): Scheme | null {
  return schemes.find((scheme) => scheme.id === id) ?? null;
}

export function findVersion(scheme: Scheme, name: string): SchemeVersion | null {
  return scheme.versions.find((each) => each.version === name) ?? null;
}

export function findRung(of: SchemeVersion, code: string): Rung | null {
  return of.levels.find((each) => each.code === code) ?? null;
}

/** Whether the version may have been in force at some time within what is known of the date. */
export function heldThen({ from, to }: SchemeVersion, date: Dated): boolean {
  const { earliest, latest } = boundsOf(date);
  const begins = from ? boundsOf(from).earliest : Number.NEGATIVE_INFINITY;
  return (earliest >= begins || latest > begins) && (!to || earliest < lastOf(to));
}

/** `to` is a day: the version ends as it begins. A year in which it changed belongs to both. */
function lastOf(to: Dated): Instant {
  const { earliest, latest } = boundsOf(to);
  return to.precision === 'day' ? earliest : latest;
}

/** The latest that was in force, null: none as far as is known. */
export function versionAt(scheme: Scheme, at: Instant): SchemeVersion | null {
  const held = scheme.versions.filter(
    ({ from, to }) => (!from || boundsOf(from).earliest <= at) && (!to || at < lastOf(to)),
  );
  return held.at(-1) ?? null;
}

/** From the lowest to the highest; null where there is no scale to stand on. Products have types, and no standing level. */
export function ladder(scheme: Scheme, at: Instant): readonly Rung[] | null {
  const found = versionAt(scheme, at);
  return found && found.levels.length > 0 ? found.levels : null;
}

/**
 * What a level of one version is in a later one; null where nobody has said so.
 * @param code of a level of `from`
 */
export function sameLevel(scheme: Scheme, from: string, code: string, to: string): string | null {
  const names = scheme.versions.map((each) => each.version);
  const [start, end] = [names.indexOf(from), names.indexOf(to)];
  if (start < 0 || end < start) return null;
  let now: string | null = code;
  for (const each of scheme.versions.slice(start + 1, end + 1)) {
    const before: string = names[scheme.versions.indexOf(each) - 1] as string;
    now = each.same?.find(({ version: of, level }) => of === before && level === now)?.is ?? null;
    if (now === null) return null;
  }
  return now;
}
