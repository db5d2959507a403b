/**
 * What release reads. Projections, the log and journals fulfil these; the centre is wired in `app.ts`. All sources
 * of one request see one moment of the store.
 */

import type { Bytes } from '@parley/core/bytes.ts';
import type { Envelope } from '@parley/core/dsse.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Right } from '@parley/core/kinds.ts';
import type { Part } from '@parley/core/parts.ts';
import type { RecordFields } from '@parley/core/record.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';

export interface PartyFacts {
  readonly no: number;
  readonly id: string;
  readonly index: number;
  readonly role: 'centre' | 'host' | 'member';
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
}

export interface PartiesSource {
  party(id: string): Promise<PartyFacts | null>;
  byNumber(no: number): Promise<PartyFacts>;
  all(): Promise<readonly PartyFacts[]>;
  device(id: string): Promise<DeviceFacts | null>;
  devicesOf(party: number): Promise<readonly DeviceFacts[]>;
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
  readonly state: 'invited' | 'member' | 'left' | 'declined' | 'withdrawn';
  readonly since: Instant;
  readonly invited: number | null;
  readonly accepted: TermsFacts | null;
  readonly epoch: Instant;
}

/** A stretch of membership: from (inclusive) to (exclusive), null where it goes on; the same in generations. */
export interface Stay {
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

export interface StreamFacts {
  readonly no: number;
  readonly room: number;
  readonly audience: string;
  readonly purposes: string;
  readonly personal: boolean;
  readonly past: boolean;
}

export interface Stretch {
  readonly stream: number;
  /** Exclusive. */
  readonly after: Instant;
  /** Exclusive. */
  readonly before: Instant;
}

export interface ShareFacts {
  readonly index: number;
  readonly room: number;
  readonly party: number;
  readonly instant: Instant;
  readonly count: number;
  readonly remaining: number;
  /** Those of the record that its originator's terms allowed when it spoke. */
  readonly purposes: readonly string[];
  /** Whether those terms show the past to members who come later. */
  readonly past: boolean;
}

export interface Tally {
  readonly stream: number;
  readonly gen: number;
  readonly party: number;
  readonly type: string;
  readonly n: number;
}

export interface GrantFacts {
  readonly part: number;
  readonly position: Instant;
  readonly purposes: readonly string[];
}

interface Window {
  readonly stretches: readonly Stretch[];
  readonly order: 'oldest' | 'newest';
  readonly after: Instant | null;
  readonly limit: number;
}

export interface ObjectsSource {
  streams(rooms: readonly number[], audiences: readonly string[]): Promise<readonly StreamFacts[]>;
  page(
    request: Window & { readonly type: string | null },
  ): Promise<readonly { readonly position: Instant; readonly part: number }[]>;
  headings(request: Window): Promise<readonly { readonly position: Instant; readonly index: number }[]>;
  headingsOf(
    indexes: readonly number[],
  ): Promise<readonly { readonly stream: number; readonly position: Instant; readonly index: number }[]>;
  shares(indexes: readonly number[]): Promise<ReadonlyMap<number, ShareFacts>>;
  taken(parts: readonly number[]): Promise<ReadonlySet<number>>;
  grantedOf(party: number, index: number): Promise<readonly GrantFacts[]>;
  noticed(party: number, indexes: readonly number[]): Promise<ReadonlySet<number>>;
  tallies(streams: readonly number[]): Promise<readonly Tally[]>;
  dueTallies(streams: readonly number[], now: Instant): Promise<readonly Tally[]>;
}

export interface RecordFacts extends RecordFields {
  readonly envelope: Envelope;
  readonly header: AnyHeader;
  readonly leaves: Bytes;
}

export interface LogSource {
  records(indexes: readonly number[]): Promise<readonly RecordFacts[]>;
  find(ref: StatementRef): Promise<number | null>;
  parts(numbers: readonly number[]): Promise<ReadonlyMap<number, Part>>;
}

export interface RecallFacts {
  readonly index: number;
  readonly target: number;
  readonly cause: 'recall' | 'expiry';
  readonly at: Instant;
}

export interface NoticeFacts {
  readonly index: number;
  readonly room: string;
  readonly party: string;
  readonly target: number;
  readonly by: number;
  readonly cause: 'recall' | 'expiry' | 'correction';
  readonly parts: readonly number[];
  readonly at: Instant;
  readonly answer: 'destroyed' | 'kept' | 'unreachable' | null;
  readonly basis: string | null;
  readonly until: string | null;
  readonly answeredAt: Instant | null;
}

export interface RecallsSource {
  recallsOf(party: string): Promise<readonly RecallFacts[]>;
  noticesTo(party: string): Promise<readonly NoticeFacts[]>;
  noticesAbout(originator: string): Promise<readonly NoticeFacts[]>;
}

export interface AskFacts {
  readonly index: number;
  readonly room: string;
  readonly asker: string;
  readonly target: number;
  readonly to: string;
  readonly at: Instant;
}

export interface RequestsSource {
  openFor(originator: string): Promise<readonly AskFacts[]>;
}

export interface Sources {
  readonly log: LogSource;
  readonly parties: PartiesSource;
  readonly rooms: RoomsSource;
  readonly objects: ObjectsSource;
  readonly recalls: RecallsSource;
  readonly requests: RequestsSource;
  /** Wall clock, for `until` and the ends of devices. */
  readonly now: Instant;
  /** Called when SQL offers what `decide` refuses for another reason than time: a fault, counted and shown by the check. */
  readonly disagree: (rule: string) => void;
}
