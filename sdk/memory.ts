/** What a device remembers of a centre between two runs: without it, every visit would be the first. */
import type { Receipt } from '@parley/core/receipt.ts';

export interface Remembered {
  /** The vkeys of the log, as seen first. */
  readonly logs: readonly string[];
  /** The fingerprint of the centre's own party. */
  readonly party: string;
  /** The newest checkpoint that was verified: a signed note. */
  readonly checkpoint: string | null;
  /** The log that followed it, and the index from which that one goes on; left out: it is the last one known. */
  readonly succeeded?: { readonly log: string; readonly from: number };
}

/** Whoever can write it can make this device forget. Saves come one at a time, never with an older checkpoint. */
export interface Memory {
  /** @param origin of the log, such as `centre.example/log/1` */
  load(origin: string): Promise<Remembered | null>;
  save(origin: string, remembered: Remembered): Promise<void>;
  /** A receipt for what this device said, once it was verified: throws nothing, since it was taken all the same. Left out: they are for the caller to keep. */
  keep?(origin: string, receipt: Receipt): Promise<void>;
  /** Those that were kept, in the order of the log. */
  kept?(origin: string): AsyncIterable<Receipt> | Iterable<Receipt>;
}

export function memoryInRam(): Memory {
  const known = new Map<string, Remembered>();
  const receipts = new Map<string, Receipt[]>();
  return {
    load: async (origin) => known.get(origin) ?? null,
    save: async (origin, remembered) => {
      known.set(origin, remembered);
    },
    keep: async (origin, receipt) => {
      receipts.set(origin, [...(receipts.get(origin) ?? []), receipt]);
    },
    kept: (origin) => (receipts.get(origin) ?? []).toSorted((a, b) => a.record.index - b.record.index),
  };
}
