/**
 * What a history has come to, as its maker knows it: who stands where, and what was said. It is kept here, from
 * `spec/`, and never asked of a centre: it says which steps change nothing that the viewer may see.
 */
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { RoomRole } from '@parley/core/kinds.ts';
import type { Terms } from '@parley/core/terms.ts';
import type { Party } from './pair.ts';

export interface TermsAt {
  readonly terms: Terms;
  readonly hash: string;
}

export interface Stand {
  state: 'invited' | 'in' | 'suspended' | 'out';
  as: RoomRole;
  accepted: TermsAt | null;
  /** In the second world alone. */
  hidden: boolean;
}

export interface Room {
  readonly name: string;
  readonly id: string;
  readonly owner: Party;
  /** The viewer stands in it at some time; else it has nothing to do with it, ever. */
  readonly mixed: boolean;
  readonly hidden: boolean;
  offered: TermsAt;
  readonly stands: Map<Party, Stand>;
  /** Terms named the viewer as the supervisor at some time: what is read there may be shown to it. */
  watched: boolean;
  /** The viewer is out and is not invited again: new terms are nothing to it. */
  closed: boolean;
}

export interface Said {
  readonly ref: StatementRef;
  readonly room: Room;
  readonly by: Party;
  readonly hidden: boolean;
  readonly to: Handling['to'];
  readonly purposes: readonly string[];
  readonly onward: Handling['onward'];
  readonly objects: readonly object[];
  readonly count: number;
  /** The terms that its author had accepted show it to who comes later. */
  readonly past: boolean;
  /** The viewer sees something of it now, or may come to. */
  exposed: boolean;
  /** A hidden step changed it: from then on it differs, and only hidden steps touch it. */
  spoiled: boolean;
  /** Taken back from all. */
  gone: boolean;
}

/** Of what is asked, held, complained of or suspended: what a later statement answers. */
export interface Open {
  readonly ref: StatementRef;
  readonly room: Room;
  readonly by: Party;
  /** Who is to answer. */
  readonly other: Party | null;
  readonly said: Said | null;
  readonly hidden: boolean;
  done: boolean;
}

/**
 * Whether the viewer sees what is said so, now or later.
 * @param withheld the speaker has suspended what it owes the viewer, for good
 */
export function exposes(
  viewer: Party,
  room: Room,
  to: Handling['to'],
  past: boolean,
  withheld = false,
): boolean {
  if (to === 'public') return true;
  if (!room.mixed) return false;
  if (typeof to === 'object') return to.parties.includes(viewer.id);
  if (withheld || room.closed) return false;
  // Who comes, or comes back, sees it then.
  if (past) return true;
  const stand = room.stands.get(viewer);
  if (stand?.state !== 'in') return false;
  return to === 'room' ? stand.as === 'member' : stand.as !== 'supervisor';
}

/** The viewer comes in: what the terms of others show of the past is there for it from now on. */
export function comesIn(room: Room, said: readonly Said[]): void {
  for (const one of said) if (one.room === room && one.past && typeof one.to === 'string') one.exposed = true;
}

/** Those who stand in the room and act. */
export function members(room: Room, roles: readonly RoomRole[] = ['member']): Party[] {
  return [...room.stands].flatMap(([party, { state, as }]) =>
    state === 'in' && roles.includes(as) ? [party] : [],
  );
}
