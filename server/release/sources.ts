/**
 * What release reads. Projections, the log and journals fulfil these; the centre is wired in `app.ts`. All sources
 * of one request see one moment of the store.
 */

import type { Bytes } from '@parley/core/bytes.ts';
import type { Classification } from '@parley/core/classification.ts';
import type { Envelope } from '@parley/core/dsse.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Verdict } from '@parley/core/kinds-supervision.ts';
import type { Part } from '@parley/core/parts.ts';
import type { RecordFields } from '@parley/core/record.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import type { LawSource, UndertakingsSource } from './sources-law.ts';
import type { PartiesSource, RoomsSource } from './sources-members.ts';

export type {
  ArrangementFacts,
  DeviceFacts,
  PartiesSource,
  RoomFacts,
  RoomsSource,
  StandingFacts,
  Stay,
  TermsFacts,
  VouchFacts,
} from './sources-members.ts';

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
  /** Kind of the audience of the stream. */
  readonly audience?: string;
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

/** A part that who supervises has opened to itself. */
export interface OpenedFacts {
  readonly part: number;
  readonly position: Instant;
  readonly until: Instant;
}

export interface NarrowingSource {
  /** By record, the numbers of those parts that are still there and were taken back from the party alone. */
  withheld(party: number, indexes: readonly number[]): Promise<ReadonlyMap<number, ReadonlySet<number>>>;
  withheldTallies(party: number, streams: readonly number[], now: Instant): Promise<readonly Tally[]>;
  /** By record. */
  opened(party: number, indexes: readonly number[]): Promise<ReadonlyMap<number, readonly OpenedFacts[]>>;
}

export interface ComplaintFacts {
  readonly index: number;
  readonly room: string;
  readonly author: string;
  readonly about: string;
  readonly statement: number | null;
  readonly supervisor: string | null;
  readonly at: Instant;
  readonly answers: readonly {
    readonly index: number;
    readonly party: string;
    readonly verdict: Verdict;
    readonly at: Instant;
  }[];
  readonly openings: readonly {
    readonly index: number;
    readonly target: number;
    readonly parts: readonly number[] | null;
    readonly until: Instant;
    readonly at: Instant;
  }[];
  /** Who is to decide it has not answered. */
  readonly open: boolean;
}

export interface ComplaintsSource {
  /** That the party lodged, that are about it, or that it is to decide, oldest first. */
  complaintsOf(party: string): Promise<readonly ComplaintFacts[]>;
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
    request: Window & { readonly type: string | null; readonly case?: string | null },
  ): Promise<readonly { readonly position: Instant; readonly part: number }[]>;
  /** Parts that name a case, content and reasons. */
  caseRows(
    request: Window & { readonly case: string },
  ): Promise<readonly { readonly position: Instant; readonly part: number }[]>;
  headings(request: Window): Promise<readonly { readonly position: Instant; readonly index: number }[]>;
  headingsOf(
    indexes: readonly number[],
  ): Promise<readonly { readonly stream: number; readonly position: Instant; readonly index: number }[]>;
  shares(indexes: readonly number[]): Promise<ReadonlyMap<number, ShareFacts>>;
  taken(parts: readonly number[]): Promise<ReadonlySet<number>>;
  /** Parts that this record took back. */
  takenBy(index: number): Promise<readonly number[]>;
  /** By share. */
  granted(party: number, indexes: readonly number[]): Promise<ReadonlyMap<number, readonly GrantFacts[]>>;
  /** To whom parts of the share were passed on, and are still. */
  grantees(index: number): Promise<readonly number[]>;
  noticed(party: number, indexes: readonly number[]): Promise<ReadonlySet<number>>;
  /** What is still there and classified above this level, of one party or of all. */
  above(highest: Classification, party: number | null): Promise<readonly number[]>;
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
  /** The same for many, in their order. */
  findAll(refs: readonly StatementRef[]): Promise<readonly (number | null)[]>;
  parts(numbers: readonly number[]): Promise<ReadonlyMap<number, Part>>;
}

export interface RecallFacts {
  readonly index: number;
  readonly target: number;
  readonly cause: 'recall' | 'expiry';
  /** From whom alone; null: from all. */
  readonly from: readonly string[] | null;
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
  readonly narrowing: NarrowingSource;
  readonly recalls: RecallsSource;
  readonly requests: RequestsSource;
  readonly law: LawSource;
  readonly complaints: ComplaintsSource;
  readonly undertakings: UndertakingsSource;
  /** Wall clock, for `until` and the ends of devices. */
  readonly now: Instant;
  /** Called when SQL offers what `decide` refuses for another reason than time: a fault, counted and shown by the check. */
  readonly disagree: (rule: string) => void;
}
