/**
 * A threat level as an object of STIX 2.1, by an extension that defines a new type (7.3, `new-sdo`):
 * `spec/stix-threat-level.md`. Any STIX tool can carry it; one that knows the extension can read it.
 */
import { z } from 'zod';
import { Refusal } from '../errors.ts';
import { stixId } from '../stix.ts';
import { checkLevel, type Level, type LevelContext, levelEvents, levelSchema, scopeSchema } from './level.ts';

export const threatLevelType = 'threat-level';
export const threatLevelExtension = 'extension-definition--6e1f2c1a-0b7d-4f0e-9c55-2a7d3b8f4e10';
const parleyIdentity = 'identity--d3b1a6f4-5c0e-4a39-8f1b-7e2c9a4d6b53';
const extensionMade = '2026-11-24T00:00:00.000Z';

/** STIX 2.1, 7.3.1: whoever shares threat levels outside Parley shares these two beside them. */
export const threatLevelDefinitions = [
  {
    type: 'identity',
    spec_version: '2.1',
    id: parleyIdentity,
    created: extensionMade,
    modified: extensionMade,
    name: 'Parley',
    identity_class: 'organization',
  },
  {
    type: 'extension-definition',
    spec_version: '2.1',
    id: threatLevelExtension,
    created_by_ref: parleyIdentity,
    created: extensionMade,
    modified: extensionMade,
    name: 'Threat level',
    description: 'What a body says of the level of threat: on which scale, for which scope, since when.',
    schema: 'spec/stix-threat-level.md',
    version: '1.0.0',
    extension_types: ['new-sdo'],
  },
] as const;

const { shape } = levelSchema;
const threatLevel = z.looseObject({
  type: z.literal(threatLevelType),
  id: stixId.startsWith(`${threatLevelType}--`),
  extensions: z.looseObject({
    [threatLevelExtension]: z.looseObject({ extension_type: z.literal('new-sdo') }),
  }),
  scheme: shape.scheme,
  scheme_version: shape.version,
  level: shape.level.unwrap().optional(),
  qualifier: shape.qualifier,
  event: z.enum(levelEvents),
  scope: scopeSchema,
  since: z.string(),
  since_precision: shape.since.shape.precision,
  until: shape.until,
  review: shape.review,
  announced: z.string().optional(),
  announced_precision: shape.since.shape.precision.optional(),
  reason: shape.reason,
  measures: shape.measures,
  source_date: z.string().optional(),
  source_date_precision: shape.since.shape.precision.optional(),
  external_references: z
    .array(
      z.looseObject({
        source_name: z.string(),
        description: z.string().optional(),
        url: z.string().optional(),
      }),
    )
    .optional(),
  lang: shape.original,
});

export interface StixAbout {
  /** `threat-level--` and a UUID; the same for a correction of the same statement. */
  readonly id: string;
  readonly created: string;
  /** Left out: `created`. */
  readonly modified?: string;
  readonly createdBy?: string;
  readonly markings?: readonly string[];
}

export type StixThreatLevel = z.infer<typeof threatLevel>;

/** Marks the reference that holds the source among others, such as cases. */
const sourceReference = 'Source of the threat level';

export function toStix(level: Level, about: StixAbout): StixThreatLevel {
  const { scheme, version, since, announced, source, original, level: code, event, scope, ...rest } = level;
  return {
    type: threatLevelType,
    spec_version: '2.1',
    id: about.id,
    ...(about.createdBy === undefined ? {} : { created_by_ref: about.createdBy }),
    created: about.created,
    modified: about.modified ?? about.created,
    ...(original === undefined ? {} : { lang: original }),
    ...(about.markings ? { object_marking_refs: [...about.markings] } : {}),
    ...(source ? { external_references: [referenceOf(source)] } : {}),
    scheme,
    scheme_version: version,
    ...(code === null ? {} : { level: code }),
    event,
    scope,
    since: since.on,
    since_precision: since.precision,
    ...(announced ? { announced: announced.on, announced_precision: announced.precision } : {}),
    ...(source?.date ? { source_date: source.date.on, source_date_precision: source.date.precision } : {}),
    ...rest,
    extensions: { [threatLevelExtension]: { extension_type: 'new-sdo' } },
  };
}

function referenceOf({ name, url }: NonNullable<Level['source']>) {
  return { source_name: name, description: sourceReference, ...(url === undefined ? {} : { url }) };
}

/**
 * @param value an object, as parsed; what else it has is kept by whoever keeps its bytes
 * @throws level.malformed, and what `checkLevel` throws
 */
export function fromStix(value: unknown, context: LevelContext = {}): Level {
  const result = threatLevel.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Refusal('level.malformed', {
      at: [context.at ?? '', ...(issue?.path ?? [])].join('/'),
      detail: issue?.message ?? '',
    });
  }
  return checkLevel(levelOf(result.data), context);
}

function levelOf(object: StixThreatLevel): object {
  const { qualifier, until, review, reason, measures, announced, source_date: date } = object;
  const reference = object.external_references?.find(({ description }) => description === sourceReference);
  return {
    scheme: object.scheme,
    version: object.scheme_version,
    level: object.level ?? null,
    ...(qualifier === undefined ? {} : { qualifier }),
    event: object.event,
    scope: object.scope,
    since: { on: object.since, precision: object.since_precision },
    ...(until === undefined ? {} : { until }),
    ...(review === undefined ? {} : { review }),
    ...(announced === undefined
      ? {}
      : { announced: { on: announced, precision: object.announced_precision } }),
    ...(reason === undefined ? {} : { reason }),
    ...(measures === undefined ? {} : { measures }),
    ...(reference
      ? {
          source: {
            name: reference.source_name,
            ...(reference.url === undefined ? {} : { url: reference.url }),
            ...(date === undefined ? {} : { date: { on: date, precision: object.source_date_precision } }),
          },
        }
      : {}),
    ...(object.lang === undefined ? {} : { original: object.lang }),
  };
}
