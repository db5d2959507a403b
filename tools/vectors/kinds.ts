/** For each kind a file: what it may look like, and what it may not. */
import type { KindName } from '@parley/core/kinds.ts';
import type { Example } from './cast.ts';
import { centreKinds, contentKinds } from './kinds-content.ts';
import { partyKinds, roomKinds } from './kinds-governance.ts';
import { lawKinds } from './kinds-law.ts';
import { recoveryKinds } from './kinds-recovery.ts';
import { standingKinds } from './kinds-standing.ts';
import { supervisionKinds } from './kinds-supervision.ts';

export const kindExamples: Record<KindName, Example[]> = {
  ...centreKinds,
  ...partyKinds,
  ...roomKinds,
  ...contentKinds,
  ...lawKinds,
  ...standingKinds,
  ...recoveryKinds,
  ...supervisionKinds,
};
