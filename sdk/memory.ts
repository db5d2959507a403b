/** What a device remembers of a centre between two runs: without it, every visit would be the first. */

export interface Remembered {
  /** The vkeys of the log, as seen first. */
  readonly logs: readonly string[];
  /** The fingerprint of the centre's own party. */
  readonly party: string;
  /** The newest checkpoint that was verified: a signed note. */
  readonly checkpoint: string | null;
}

/** Whoever can write it can make this device forget. Saves come one at a time, never with an older checkpoint. */
export interface Memory {
  /** @param origin of the log, such as `centre.example/log/1` */
  load(origin: string): Promise<Remembered | null>;
  save(origin: string, remembered: Remembered): Promise<void>;
}

export function memoryInRam(): Memory {
  const kept = new Map<string, Remembered>();
  return {
    load: async (origin) => kept.get(origin) ?? null,
    save: async (origin, remembered) => {
      kept.set(origin, remembered);
    },
  };
}
