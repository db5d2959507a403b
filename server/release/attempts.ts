/** What somebody tried against a party and was refused: told to that party. */
import type { Instant } from '@parley/core/fields.ts';
import { lookAsParty } from './own.ts';
import { type Released, released } from './released.ts';
import type { Sources } from './sources.ts';
import type { Viewer } from './viewer.ts';
import { releaseParties } from './views.ts';

export interface AttemptFacts {
  /** Null: no signature held. */
  readonly speaker: string | null;
  readonly what: string;
  readonly code: string;
  readonly at: Instant;
}

export interface AttemptView extends AttemptFacts {
  /** Whether it was proven who spoke. Then it may still be a party that the viewer may not know of: `speaker` is null. */
  readonly proven: boolean;
}

/**
 * Who is not known to be here stays unknown, whatever it tried: rosters hide who is in.
 * @param against the journal
 * @throws session.needed
 */
export async function releaseAttempts(
  viewer: Viewer,
  sources: Sources,
  against: (party: string) => Promise<readonly AttemptFacts[]>,
): Promise<Released<{ attempts: readonly AttemptView[] }>> {
  const { party } = await lookAsParty(viewer, sources);
  const known = new Set((await releaseParties(viewer, sources)).value.parties.map((one) => one.party));
  const attempts = (await against(party.id)).map(({ speaker, ...rest }) => ({
    ...rest,
    speaker: speaker !== null && known.has(speaker) ? speaker : null,
    proven: speaker !== null,
  }));
  return released({ attempts });
}
