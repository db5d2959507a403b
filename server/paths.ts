/** Where a centre keeps what it has: one folder. */
import { join } from 'node:path';

export interface Paths {
  readonly folder: string;
  /** Records, parts, tiles and projections. */
  readonly log: string;
  /** What the centre itself observed. */
  readonly journals: string;
  /** The bytes of files that were shared, or that wait to be. */
  readonly files: string;
  readonly logKeys: string;
  /** Those of the log that is about to follow; nothing is there but during a succession. */
  readonly nextLogKeys: string;
  /** The key of the centre's own device. */
  readonly centreKey: string;
  /** The data key, wrapped by the one that is kept apart; absent: nothing is encrypted. */
  readonly vault: string;
  /** The last checkpoint that this machine signed, or has seen of another instance. */
  readonly checkpoint: string;
  /** What replicas say that they hold. */
  readonly replicas: string;
  /** There from a restore until the next start: this machine remembers nothing that is newer than the backup. */
  readonly restored: string;
  /** Up to where everyone who is to be told of a recall or a correction was told. */
  readonly told: string;
}

export function pathsIn(folder: string): Paths {
  return {
    folder,
    log: join(folder, 'log.sqlite'),
    journals: join(folder, 'journals.sqlite'),
    files: join(folder, 'files'),
    logKeys: join(folder, 'log-keys.pem'),
    nextLogKeys: join(folder, 'next-log-keys.pem'),
    centreKey: join(folder, 'centre-key.pem'),
    vault: join(folder, 'vault.json'),
    checkpoint: join(folder, 'last-checkpoint'),
    replicas: join(folder, 'replicas'),
    restored: join(folder, 'restored'),
    told: join(folder, 'told'),
  };
}
