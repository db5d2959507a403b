/** What a file is called in the store: after its leaf, and the party that brought it. */
import { hex } from '@parley/core/bytes.ts';
import type { PartyId } from '@parley/core/keys.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import { filesOf } from '@parley/core/statement.ts';

/**
 * The leaf alone would not do: who has read a file knows its salt and bytes, and could share it as its own; a recall
 * must not take away what another party shares.
 */
export function fileName(party: PartyId, leaf: Uint8Array): string {
  return `${hex(leaf)}.${party}`;
}

export const fileNamePattern = /^[0-9a-f]{64}\.[0-9a-f]{64}$/;

/** The names of a statement's files, by part. @param leaves of all its parts, 32 bytes each */
export function fileNamesOf(
  header: AnyHeader,
  leaves: Uint8Array,
): readonly { readonly n: number; readonly name: string }[] {
  return filesOf(header).map(({ n }) => ({
    n,
    name: fileName(header.party, leaves.subarray(32 * n, 32 * n + 32)),
  }));
}
