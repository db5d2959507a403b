/** How much is measured: what the figures are about, and a quick run that shows that everything works. */
export interface Size {
  readonly accept: { readonly statements: number; readonly inFlight: readonly number[] };
  /** Objects in the small and in the large room. */
  readonly objects: { readonly few: number; readonly many: number };
  readonly pageRounds: number;
  /** Records in the short and in the long log, for the start. */
  readonly records: { readonly few: number; readonly many: number };
  readonly starts: number;
  /** Beside the warnings. */
  readonly beside: { readonly objects: number; readonly recalled: number };
  readonly tlog: { readonly records: number };
}

export const whole: Size = {
  accept: { statements: 20_000, inFlight: [64, 256] },
  objects: { few: 10_240, many: 1_000_192 },
  pageRounds: 40,
  records: { few: 1_000, many: 1_000_000 },
  starts: 7,
  beside: { objects: 100_000, recalled: 1_000 },
  tlog: { records: 20_000 },
};

export const small: Size = {
  accept: { statements: 1_000, inFlight: [64] },
  objects: { few: 10_240, many: 40_960 },
  pageRounds: 5,
  records: { few: 200, many: 2_000 },
  starts: 2,
  beside: { objects: 5_000, recalled: 256 },
  tlog: { records: 1_000 },
};

export interface Options {
  readonly size: Size;
  /** Where stores that take long to make are kept. */
  readonly cache: string;
  /** URL of a PostgreSQL server on which a database may be made; null: there is none. */
  readonly database: string | null;
  readonly say: (text: string) => void;
}
