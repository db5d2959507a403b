/** What release reads of holds, of what persons asked, and of what members undertook. */
import type { Instant } from '@parley/core/fields.ts';

export interface HoldFacts {
  readonly index: number;
  readonly room: string;
  /** Whose the target is. */
  readonly party: string;
  readonly target: number;
  readonly basis: string;
  readonly review: Instant;
  readonly until: Instant | null;
  readonly at: Instant;
  readonly reviewed: Instant | null;
  readonly ended: Instant | null;
  readonly parts: readonly number[];
}

export interface SubjectFacts {
  readonly index: number;
  readonly room: string;
  readonly asker: string;
  readonly originator: string;
  readonly target: number;
  readonly parts: readonly number[] | null;
  readonly request: 'access' | 'rectification' | 'erasure';
  readonly due: Instant;
  readonly at: Instant;
  readonly answer: 'done' | 'partly' | 'refused' | null;
  readonly basis: string | null;
  readonly answeredAt: Instant | null;
}

export interface LawSource {
  holdsBy(party: string): Promise<readonly HoldFacts[]>;
  /** Those that stand. */
  holdsIn(rooms: readonly string[]): Promise<readonly HoldFacts[]>;
  /** What statements about holds are about: the targets of the holds. */
  heldBy(indexes: readonly number[]): Promise<ReadonlyMap<number, number>>;
  held(parts: readonly number[]): Promise<ReadonlySet<number>>;
  /** When the last hold on any of the parts ended. */
  lastHoldEnded(parts: readonly number[]): Promise<Instant | null>;
  requestsOf(party: string): Promise<readonly SubjectFacts[]>;
}

export interface UndertakingStateFacts {
  readonly index: number;
  readonly undertaking: string;
  readonly by: string;
  readonly author: string;
  readonly terms: string;
  readonly state: 'holds' | 'broken';
  readonly at: Instant;
}

/** While it stands, what the party shared in the room is withheld from the other. */
export interface SuspensionFacts {
  readonly index: number;
  readonly room: string;
  readonly party: string;
  readonly from: string;
  readonly undertaking: string;
  readonly because: number;
  readonly at: Instant;
  readonly resumed: Instant | null;
  /** Index of the statement that ended it. */
  readonly resumedBy: number | null;
}

export interface UndertakingsSource {
  statesIn(room: string): Promise<readonly UndertakingStateFacts[]>;
  suspensionsIn(room: string): Promise<readonly SuspensionFacts[]>;
  suspensionsFrom(party: string): Promise<readonly SuspensionFacts[]>;
}
