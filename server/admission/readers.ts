/**
 * What admission reads, inside the commit, on the state folded up to the record before. Filled in by `app.ts`. It
 * asks only what the speaker's party may know, so that a refusal tells of nothing hidden.
 */
import type { Classification } from '@parley/core/classification.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Right, RoomRole } from '@parley/core/kinds.ts';
import type { Level, Terms } from '@parley/core/terms.ts';
import type { KeptLog } from '../log/logs.ts';
import type { LogReader } from '../log/ports.ts';

export interface PartyState {
  readonly no: number;
  readonly id: string;
  readonly role: 'centre' | 'host' | 'member';
  /** At which alone it takes part; null: at any. */
  readonly level: Level | null;
}

export interface DeviceState {
  readonly id: string;
  readonly party: number;
  readonly rights: readonly Right[];
  readonly ends: Instant | null;
  readonly revoked: Instant | null;
  /** Its only rooms; null: all. */
  readonly rooms: readonly string[] | null;
  readonly personal: boolean;
  /** Of the record that brought it. */
  readonly index: number;
}

export interface RoomState {
  readonly no: number;
  readonly id: string;
  readonly owner: string;
  readonly terms: { readonly hash: string; readonly terms: Terms };
}

export interface StandingState {
  readonly party: string;
  /** `member`: it has accepted, as what its role says. */
  readonly state: 'invited' | 'member' | 'suspended' | 'left' | 'declined' | 'withdrawn';
  readonly role: RoomRole;
  readonly accepted: { readonly hash: string; readonly terms: Terms } | null;
}

export interface HoldState {
  readonly room: string;
  readonly target: number;
  readonly until: Instant | null;
  readonly ended: Instant | null;
}

export interface UndertakingStateState {
  readonly index: number;
  readonly room: string;
  readonly undertaking: string;
  readonly by: string;
  readonly author: string;
  readonly state: 'holds' | 'broken';
}

export interface SuspensionState {
  readonly room: string;
  readonly party: string;
  readonly from: string;
  readonly undertaking: string;
  readonly resumed: Instant | null;
}

export interface ComplaintState {
  readonly room: string;
  readonly author: string;
  readonly about: string;
  readonly statement: number | null;
  readonly supervisor: string | null;
  readonly answers: readonly { readonly party: string }[];
  /** Who is to decide it has not answered. */
  readonly open: boolean;
}

export interface Readers {
  /** The name of this centre. */
  readonly centre: string;
  /** The log that the writer was opened to begin, by whoever runs the centre; null: the one that is there goes on. */
  readonly succeeding: string | null;
  readonly log: LogReader;
  /** Those that the centre has kept, the last of which goes on. */
  logs(): Promise<readonly KeptLog[]>;
  /** Up to where the centre may hold what is classified. */
  accredited(): Promise<Classification>;
  party(id: string): Promise<PartyState | null>;
  parties(): Promise<readonly PartyState[]>;
  device(id: string): Promise<DeviceState | null>;
  devicesOf(party: number): Promise<readonly DeviceState[]>;
  invitation(key: string): Promise<{
    readonly by: number;
    readonly until: Instant;
    readonly state: 'open' | 'used' | 'withdrawn';
    /** The party that who joins was before. */
    readonly formerly: string | null;
  } | null>;
  /** A recovery key that the party named, in force or not. */
  recoveryKey(
    party: number,
    id: string,
  ): Promise<{ readonly state: 'current' | 'spent' | 'replaced' } | null>;
  /** Whom the party has named to readmit it, and the delay in hours. */
  guardians(party: number): Promise<{
    readonly parties: readonly [number, number];
    readonly delay: number;
  } | null>;
  /** What guardians said for the party's readmission that is open. */
  vouches(
    party: number,
  ): Promise<readonly { readonly guardian: number; readonly key: string; readonly at: Instant }[]>;
  objected(party: number, key: string): Promise<boolean>;
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
  /** Whether the party sees a statement that is not content: `decide`'s word. */
  sees(party: string, index: number, now: Instant): Promise<boolean>;
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
  /** A hold, by the index of its statement. */
  hold(index: number): Promise<HoldState | null>;
  /** How many holds stand on parts of the record. */
  holdsOn(target: number): Promise<number>;
  /** Parts that a hold covers which stands. */
  held(parts: readonly number[]): Promise<ReadonlySet<number>>;
  subjectRequest(
    index: number,
  ): Promise<{ readonly room: string; readonly originator: string; readonly answer: string | null } | null>;
  readonly undertakings: {
    state(index: number): Promise<UndertakingStateState | null>;
    statesIn(room: string): Promise<readonly UndertakingStateState[]>;
    suspension(index: number): Promise<SuspensionState | null>;
    suspensionsFrom(party: string): Promise<readonly SuspensionState[]>;
  };
  /** The same, with what it could see until it left, was suspended, or had it withheld from it alone. */
  reached(party: string, index: number, now: Instant): Promise<ReadonlyMap<number, Instant>>;
  /** Whether the party may see the header of the statement, content or not, under some purpose. */
  knows(party: string, index: number, now: Instant): Promise<boolean>;
  /** Of these parts, those taken back from the party alone, and not passed on to it since. */
  withheld(party: number, parts: readonly number[]): Promise<ReadonlySet<number>>;
  complaint(index: number): Promise<ComplaintState | null>;
  /** Those of these names of files that a statement has given, erased or not. */
  filesNamed(names: readonly string[]): Promise<ReadonlySet<string>>;
  find(ref: StatementRef): Promise<number | null>;
}
