/** How secret something is: five levels, and what other schemes call them. A centre is accredited for one of them. */

/** From the lowest to the highest. */
export const classifications = [
  'unclassified',
  'restricted',
  'confidential',
  'secret',
  'top-secret',
] as const;
export type Classification = (typeof classifications)[number];

/** Whether the first may not be where the second is the highest. */
export function isAbove(level: Classification, highest: Classification): boolean {
  return classifications.indexOf(level) > classifications.indexOf(highest);
}

export interface Equivalent {
  readonly level: Classification;
  readonly eu: string;
  readonly nato: string;
  /** By country; empty where it has no word for the level now. */
  readonly national: Readonly<Record<'DE' | 'ES' | 'FR' | 'IT' | 'PL' | 'PT', string>>;
}

/** Council Decision 2013/488/EU, Appendix B, as of Decision (EU) 2021/1075; NATO's C-M(2002)49. */
export const equivalents: readonly Equivalent[] = [
  {
    level: 'restricted',
    eu: 'RESTREINT UE/EU RESTRICTED',
    nato: 'NATO RESTRICTED',
    national: {
      DE: 'VS — NUR FÜR DEN DIENSTGEBRAUCH',
      ES: 'DIFUSIÓN LIMITADA',
      FR: '',
      IT: 'RISERVATO',
      PL: 'ZASTRZEŻONE',
      PT: 'RESERVADO',
    },
  },
  {
    level: 'confidential',
    eu: 'CONFIDENTIEL UE/EU CONFIDENTIAL',
    nato: 'NATO CONFIDENTIAL',
    national: {
      DE: 'VS — VERTRAULICH',
      ES: 'CONFIDENCIAL',
      FR: '',
      IT: 'RISERVATISSIMO',
      PL: 'POUFNE',
      PT: 'CONFIDENCIAL',
    },
  },
  {
    level: 'secret',
    eu: 'SECRET UE/EU SECRET',
    nato: 'NATO SECRET',
    national: { DE: 'GEHEIM', ES: 'RESERVADO', FR: 'SECRET', IT: 'SEGRETO', PL: 'TAJNE', PT: 'SECRETO' },
  },
  {
    level: 'top-secret',
    eu: 'TRÈS SECRET UE/EU TOP SECRET',
    nato: 'COSMIC TOP SECRET',
    national: {
      DE: 'STRENG GEHEIM',
      ES: 'SECRETO',
      FR: 'TRÈS SECRET',
      IT: 'SEGRETISSIMO',
      PL: 'ŚCIŚLE TAJNE',
      PT: 'MUITO SECRETO',
    },
  },
];

const byMarking: ReadonlyMap<string, Classification> = new Map(
  equivalents.flatMap(({ level, eu, nato }) => [eu, ...eu.split('/'), nato].map((text) => [text, level])),
);

/**
 * What a marking of the Union or of NATO says; null for any other text. A national word alone is never read:
 * RESERVADO is secret in Spain and restricted in Portugal.
 */
export function classificationIn(marking: string): Classification | null {
  return byMarking.get(marking.trim().toUpperCase()) ?? null;
}
