/** What a party says of its threat level: the part of a statement. */
import { z } from 'zod';
import { checkArea, type Place, placeSchema } from '../area/area.ts';
import { Refusal } from '../errors.ts';
import { freeText, instantOf, instantText } from '../fields.ts';
import { languageTag, textsIn } from '../languages.ts';
import { boundsOf, datedSchema } from './dated.ts';
import {
  findRung,
  findScheme,
  findVersion,
  heldThen,
  levelCode,
  type Scheme,
  schemeId,
  schemeVersion,
  shippedSchemes,
} from './scheme.ts';
import { siteIds } from './sites.ts';

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens');

export const scopeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('national') }),
  z.strictObject({ type: z.literal('area'), area: placeSchema }),
  z.strictObject({
    type: z.literal('sector'),
    sector: z.union([z.enum(siteIds), slug.startsWith('x-')]),
    name: textsIn(200).optional(),
  }),
  /** Somebody or something: a person sought, a community. `id` stays the same while the words change. */
  z.strictObject({ type: z.literal('subject'), id: slug, name: textsIn(500) }),
]);
export type Scope = z.infer<typeof scopeSchema>;

const measure = z.strictObject({ site: z.enum(siteIds), text: textsIn(2_000) });

const source = z.strictObject({
  name: freeText(200),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
  date: datedSchema.optional(),
});

/** Raised or lowered is never said: it follows from what was said before. */
export const levelEvents = ['stated', 'unchanged'] as const;

export const levelSchema = z.strictObject({
  scheme: schemeId,
  version: schemeVersion,
  /** Null where the body has no scale: the reason holds its words. */
  level: levelCode.nullable(),
  /** What the body puts beside the level, in its own words: `reforzado`. */
  qualifier: freeText(100).optional(),
  event: z.enum(levelEvents),
  scope: scopeSchema,
  /** With `unchanged`, the day for which it is confirmed. */
  since: datedSchema,
  /** From then on nothing is known. */
  until: instantText.optional(),
  /** When the body means to look again. */
  review: instantText.optional(),
  announced: datedSchema.optional(),
  reason: textsIn(4_000).optional(),
  measures: z.array(measure).min(1).max(64).optional(),
  source: source.optional(),
  /** The language that counts, where texts stand in several. */
  original: languageTag.optional(),
});
export type Level = z.infer<typeof levelSchema>;

export interface LevelContext {
  /** Where the object stands, for the error. */
  readonly at?: string;
  readonly schemes?: readonly Scheme[];
}

/** @throws level.malformed, level.scheme, level.end, area.malformed, area.doubtful */
export function checkLevel(value: unknown, { at = '', schemes = shippedSchemes }: LevelContext = {}): Level {
  const level = shapeOf(value, at);
  const scheme = checkScheme(level, schemes, at);
  checkTimes(level, scheme, at);
  checkScope(level.scope, scheme, `${at}/scope`);
  checkLanguages(level, at);
  return level;
}

function shapeOf(value: unknown, at: string): Level {
  const result = levelSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw malformed([at, ...(issue?.path ?? [])].join('/'), issue?.message ?? '');
}

function checkScheme(level: Level, schemes: readonly Scheme[], at: string): Scheme {
  const scheme = findScheme(level.scheme, schemes);
  if (!scheme) throw unknown('scheme', `${at}/scheme`, 'no such scheme');
  const version = findVersion(scheme, level.version);
  const names = scheme.versions.map((each) => each.version).join(', ');
  if (!version) throw unknown('version', `${at}/version`, `the scheme has ${names}`);
  const codes = version.levels.map(({ code }) => code).join(', ');
  if (level.level === null) {
    if (codes !== '') throw unknown('level', `${at}/level`, `expected one of ${codes}`);
    if (!level.reason)
      throw malformed(`${at}/reason`, 'where there is no scale, the words of the body are needed');
  } else if (!findRung(version, level.level))
    throw unknown(
      'level',
      `${at}/level`,
      codes === '' ? 'the body has no scale' : `expected one of ${codes}`,
    );
  if (!heldThen(version, level.since)) {
    const right = scheme.versions.filter((each) => heldThen(each, level.since)).map((each) => each.version);
    throw unknown('not-then', `${at}/version`, `then held ${right.join(' or ') || 'none that is known'}`);
  }
  return scheme;
}

function checkTimes({ since, until, review }: Level, scheme: Scheme, at: string): void {
  const begins = boundsOf(since).earliest;
  if (until === undefined && scheme.kind === 'product')
    throw ends('needed', `${at}/until`, 'what is no standing level has an end');
  if (until !== undefined && instantOf(until) <= begins)
    throw ends('before', `${at}/until`, 'the end is after the beginning');
  if (review !== undefined && instantOf(review) <= begins)
    throw ends('before', `${at}/review`, 'it is looked at again after the beginning');
}

function checkScope(scope: Scope, scheme: Scheme, at: string): void {
  if (scope.type === 'sector' && scope.sector.startsWith('x-') && !scope.name)
    throw malformed(`${at}/name`, 'a sector of one’s own has a name');
  if (scope.type !== 'area') return;
  checkArea(scope.area, { at: `${at}/area`, countries: [scheme.country] });
}

function checkLanguages(level: Level, at: string): void {
  const texts = [level.reason, ...(level.measures ?? []).map(({ text }) => text)].filter(
    (each) => each !== undefined,
  );
  const several = texts.some((each) => Object.keys(each).length > 1);
  if (level.original === undefined && several)
    throw malformed(`${at}/original`, 'texts in several languages: say which of them counts');
  if (texts.some((each) => level.original !== undefined && !Object.hasOwn(each, level.original)))
    throw malformed(`${at}/original`, 'a text is not given in the language that counts');
}

/** What two statements are about: the same for all that continue each other. */
export function scopeKey(scope: Scope): string {
  switch (scope.type) {
    case 'national':
      return 'national';
    case 'area':
      return `area:${placeKey(scope.area)}`;
    case 'sector':
      return `sector:${scope.sector}`;
    case 'subject':
      return `subject:${scope.id}`;
  }
}

/** Names may change; what they are names of may not. */
function placeKey({ codes = [], polygons, circles, geocodes }: Place): string {
  return JSON.stringify([[...codes].sort(), polygons ?? [], circles ?? [], geocodes ?? []]);
}

function malformed(at: string, detail: string): Refusal {
  return new Refusal('level.malformed', { at, detail });
}

function unknown(problem: 'scheme' | 'version' | 'level' | 'not-then', at: string, detail: string): Refusal {
  return new Refusal('level.scheme', { at, detail, params: { problem } });
}

function ends(problem: 'needed' | 'before', at: string, detail: string): Refusal {
  return new Refusal('level.end', { at, detail, params: { problem } });
}
