/** What release reads of parties, their devices, and where they stand in rooms. */
import type { ChainDevice } from '@parley/core/chain.ts';
import type { Classification } from '@parley/core/classification.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { Right, RoomRole } from '@parley/core/kinds.ts';
import type { Level, Terms } from '@parley/core/terms.ts';

export interface PartyFacts {
  readonly no: number;
  readonly id: string;
  readonly index: number;
  readonly role: 'centre' | 'host' | 'member';
  /** At which alone it takes part; null: at any. */
  readonly level: Level | null;
  readonly name: string;
}

export interface DeviceFacts {
  readonly id: string;
  readonly party: number;
  readonly index: number;
  readonly rights: readonly Right[];
  readonly ends: Instant | null;
  readonly name: string;
  readonly revoked: Instant | null;
  /** Its only rooms, by their ids; null: all. */
  readonly rooms: readonly string[] | null;
  readonly personal: boolean;
  readonly from: ChainDevice['from'];
}

export interface ArrangementFacts {
  readonly index: number;
  readonly guardians: readonly [number, number] | null;
  /** Hours. */
  readonly delay: number;
}

export interface VouchFacts {
  readonly guardian: number;
  readonly key: string;
  readonly index: number;
  readonly at: Instant;
}

export interface PartiesSource {
  /** Up to where the centre may hold what is classified, and the record that says so. */
  accreditation(): Promise<{ readonly highest: Classification; readonly index: number | null }>;
  party(id: string): Promise<PartyFacts | null>;
  byNumber(no: number): Promise<PartyFacts>;
  all(): Promise<readonly PartyFacts[]>;
  device(id: string): Promise<DeviceFacts | null>;
  devicesOf(party: number): Promise<readonly DeviceFacts[]>;
  /** Records that brought a key of the party: a device's, or a recovery key. */
  broughtBy(party: number, key: string): Promise<readonly number[]>;
  currentRecoveryKey(party: number): Promise<{ readonly key: string; readonly index: number } | null>;
  /** The last ones, the newest first. */
  arrangements(party: number, limit: number): Promise<readonly ArrangementFacts[]>;
  /** Parties that now name it as their guardian. */
  wardsOf(guardian: number): Promise<readonly number[]>;
  /** What guardians said for the party's readmission that is open. */
  vouches(party: number): Promise<readonly VouchFacts[]>;
}

export interface TermsFacts {
  readonly index: number;
  readonly hash: string;
  readonly terms: Terms;
}

export interface RoomFacts {
  readonly no: number;
  readonly id: string;
  readonly index: number;
  readonly owner: string;
  readonly terms: TermsFacts;
}

export interface StandingFacts {
  readonly room: number;
  readonly party: string;
  /** `member`: it has accepted, as what its role says. */
  readonly state: 'invited' | 'member' | 'suspended' | 'left' | 'declined' | 'withdrawn';
  readonly role: RoomRole;
  /** By the owner, and neither restored nor in again since: also after leaving. */
  readonly suspended: boolean;
  readonly since: Instant;
  readonly invited: number | null;
  readonly accepted: TermsFacts | null;
  /** Since when the terms that it accepts name who supervises; null: nobody does. */
  readonly agreedAt: Instant | null;
  readonly epoch: Instant;
}

/** A stretch of membership: from (inclusive) to (exclusive), null where it goes on; the same in generations. */
export interface Stay {
  readonly role: 'member' | 'observer';
  readonly from: Instant;
  readonly to: Instant | null;
  readonly fromGen: number;
  readonly toGen: number | null;
}

export interface RoomsSource {
  room(id: string): Promise<RoomFacts | null>;
  byNumber(no: number): Promise<RoomFacts>;
  standing(room: number, party: string): Promise<StandingFacts | null>;
  standings(room: number): Promise<readonly StandingFacts[]>;
  standingsOf(party: string): Promise<readonly StandingFacts[]>;
  /** By room, oldest first: of every room in which it is or was. */
  staysOf(party: string): Promise<ReadonlyMap<number, readonly Stay[]>>;
}
