/**
 * What admission reads, inside the commit, on the state folded up to the record before. Filled in by `app.ts`. It
 * asks only what the speaker's party may know, so that a refusal tells of nothing hidden.
 */
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Right } from '@parley/core/kinds.ts';
import type { Terms } from '@parley/core/terms.ts';
import type { LogReader } from '../log/ports.ts';

export interface PartyState {
  readonly no: number;
  readonly id: string;
  readonly role: 'centre' | 'host' | 'member';
}

export interface DeviceState {
  readonly id: string;
  readonly party: number;
  readonly rights: readonly Right[];
  readonly ends: Instant | null;
  readonly revoked: Instant | null;
}

export interface RoomState {
  readonly no: number;
  readonly id: string;
  readonly owner: string;
  readonly terms: { readonly hash: string; readonly terms: Terms };
}

export interface StandingState {
  readonly party: string;
  readonly state: 'invited' | 'member' | 'left' | 'declined' | 'withdrawn';
  readonly accepted: { readonly hash: string; readonly terms: Terms } | null;
}

export interface Readers {
  /** The name of this centre. */
  readonly centre: string;
  readonly log: LogReader;
  party(id: string): Promise<PartyState | null>;
  parties(): Promise<readonly PartyState[]>;
  device(id: string): Promise<DeviceState | null>;
  devicesOf(party: number): Promise<readonly DeviceState[]>;
  invitation(key: string): Promise<{
    readonly by: number;
    readonly until: Instant;
    readonly state: 'open' | 'used' | 'withdrawn';
  } | null>;
  openInvitations(by: number): Promise<number>;
  room(id: string): Promise<RoomState | null>;
  standing(room: number, party: string): Promise<StandingState | null>;
  /** How many rooms the party opened. */
  roomsOpened(owner: string): Promise<number>;
  /** How many invitations to rooms of this owner are open: to this party, or in all where null. */
  roomInvitations(owner: string, party: string | null): Promise<number>;
  /** How many classes of handling the party has made in the room. */
  streamsBy(room: number, party: number): Promise<number>;
  /** Whether something was said there under the same class of handling. */
  hasStream(room: number, handling: Handling, accepted: Terms): Promise<boolean>;
  /** Rooms in which the party has or had a stay, or something that was passed on to it. */
  roomsSeen(party: PartyState): Promise<ReadonlySet<number>>;
  /** STIX objects of one share that are not taken back. */
  objectsIn(index: number): ReturnType<Readers['objects']>;
  /** Live objects of these STIX ids, anybody's: see `reaches`. */
  objects(stixIds: readonly string[]): Promise<
    readonly {
      readonly part: number;
      readonly room: number;
      readonly party: number;
      readonly id: string;
      readonly version: string;
    }[]
  >;
  taken(parts: readonly number[]): Promise<ReadonlySet<number>>;
  /**
   * The parts of the share that the party may see under some purpose, with a justification: `decide`'s word. By part
   * number, where the part stands for the party.
   */
  reaches(party: string, index: number, now: Instant): Promise<ReadonlyMap<number, Instant>>;
  ask(index: number): Promise<{
    readonly room: string;
    readonly originator: string;
    readonly target: number;
    readonly to: string;
    readonly state: 'open' | 'granted' | 'denied';
  } | null>;
  notice(
    index: number,
  ): Promise<{ readonly party: string; readonly room: string; readonly answer: string | null } | null>;
  find(ref: StatementRef): Promise<number | null>;
}
