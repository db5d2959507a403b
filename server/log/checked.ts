/** What the checks before the queue yield: a statement with its parts, as the sequencer takes it. */
import type { Hash } from '@parley/core/merkle.ts';
import type { Part } from '@parley/core/parts.ts';
import type { Statement } from '@parley/core/statement.ts';
import type { StixObject } from '@parley/core/stix.ts';

export interface Checked {
  readonly statement: Statement;
  readonly parts: readonly Part[];
  /** Of the parts, in order. */
  readonly leaves: readonly Hash[];
  /** Of a share, in order; else empty. */
  readonly objects: readonly StixObject[];
}
