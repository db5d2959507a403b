/** For each kind a file: what it may look like, and what it may not. */
import type { KindName } from '@parley/core/kinds.ts';
import type { Example } from './cast.ts';
import { centreKinds, contentKinds } from './kinds-content.ts';
import { partyKinds, roomKinds } from './kinds-governance.ts';

export const kindExamples: Record<KindName, Example[]> = {
  ...centreKinds,
  ...partyKinds,
  ...roomKinds,
  ...contentKinds,
};
