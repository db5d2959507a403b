/** Where a centre keeps what it has: one folder. */
import { join } from 'node:path';

export interface Paths {
  readonly folder: string;
  /** Records, parts, tiles and projections. */
  readonly log: string;
  /** What the centre itself observed. */
  readonly journals: string;
  readonly logKeys: string;
  /** The key of the centre's own device. */
  readonly centreKey: string;
  /** The last checkpoint that this machine signed. */
  readonly checkpoint: string;
  /** Up to where everyone who is to be told of a recall or a correction was told. */
  readonly told: string;
}

export function pathsIn(folder: string): Paths {
  return {
    folder,
    log: join(folder, 'log.sqlite'),
    journals: join(folder, 'journals.sqlite'),
    logKeys: join(folder, 'log-keys.pem'),
    centreKey: join(folder, 'centre-key.pem'),
    checkpoint: join(folder, 'last-checkpoint'),
    told: join(folder, 'told'),
  };
}
