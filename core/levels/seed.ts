/** The history that ships: public facts with source, precision and mark of each, and what is known to be missing. */
import { z } from 'zod';
import { freeText, instantText } from '../fields.ts';
import { type Dated, datedSchema, orderOf } from './dated.ts';
import data from './history.json' with { type: 'json' };
import type { Gap, Stated } from './history.ts';
import { levelEvents, scopeKey, scopeSchema } from './level.ts';
import { findScheme, levelCode, schemeId, schemeVersion } from './scheme.ts';
import sourceData from './sources.json' with { type: 'json' };

/** S: sourced. S/U-day: sourced to what the precision says, and the finer date to be checked. U: all of it to be checked. */
export const seedMarks = ['S', 'S/U-day', 'S/U-month', 'U'] as const;

const common = {
  scheme: schemeId,
  version: schemeVersion,
  since: datedSchema,
  note: freeText(500).optional(),
  mark: z.enum(seedMarks),
  /** A key of `seedSources`. */
  source: freeText(10),
};

const levelRow = z.strictObject({
  ...common,
  event: z.enum(levelEvents),
  level: levelCode,
  qualifier: freeText(100).optional(),
  scope: scopeSchema,
  until: instantText.optional(),
  /** It is known to have held then, too. */
  confirmed: datedSchema.optional(),
  /** The last one known: what came after is not. */
  last: z.literal(true).optional(),
});
export type SeedRow = z.infer<typeof levelRow>;

/** A scheme, or a type of it, came to be: no level. */
const schemeRow = z.strictObject({ ...common, event: z.literal('scheme'), what: freeText(200) });

const gapRow = z.strictObject({
  scheme: schemeId,
  scope: scopeSchema,
  after: z.string(),
  about: datedSchema.optional(),
  note: freeText(500),
});

const seedSchema = z.strictObject({
  rows: z.array(
    z.discriminatedUnion('event', [
      levelRow.extend({ event: z.literal('stated') }),
      levelRow.extend({ event: z.literal('unchanged') }),
      schemeRow,
    ]),
  ),
  gaps: z.array(gapRow),
  /** Countries without history. */
  without: z.array(z.string()),
});

const seed = seedSchema.parse(data);

export const seedSources = z.record(z.string(), z.array(z.string()).min(1)).parse(sourceData);
export const schemeRows = seed.rows.filter((row) => row.event === 'scheme');
export const seedRows: readonly SeedRow[] = seed.rows.filter((row) => row.event !== 'scheme');
export const withoutHistory: readonly string[] = seed.without;

export const seedGaps: readonly (Gap & { readonly note: string })[] = seed.gaps.map(({ scope, ...gap }) => ({
  ...gap,
  scopeKey: scopeKey(scope),
}));

export interface Seeded extends Stated {
  readonly row: SeedRow;
  readonly confirmed: Dated;
}

/** As statements, to be read by the same functions. Nobody signed them: they have a country for an issuer. */
export function seeded(): Seeded[] {
  return seedRows.map((row) => ({
    issuer: `history:${findScheme(row.scheme)?.country ?? row.scheme}`,
    at: orderOf(row.since),
    confirmed: row.confirmed ?? row.since,
    row,
    level: {
      scheme: row.scheme,
      version: row.version,
      level: row.level,
      event: row.event,
      scope: row.scope,
      since: row.since,
      ...(row.qualifier === undefined ? {} : { qualifier: row.qualifier }),
      ...(row.until === undefined ? {} : { until: row.until }),
      source: { name: (seedSources[row.source] ?? []).join('; ').slice(0, 200) },
    },
  }));
}
