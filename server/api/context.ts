/** What the API needs of the centre. The wiring fulfils it; tests do so with a few objects in memory. */
import type { Bytes } from '@parley/core/bytes.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { FileEntry } from '@parley/core/files.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { PartyId } from '@parley/core/keys.ts';
import type { Hash } from '@parley/core/merkle.ts';
import type { Part } from '@parley/core/parts.ts';
import type { Statement } from '@parley/core/statement.ts';
import type { EntryBundle, Tile } from '@parley/core/tiles.ts';
import type { Accesses } from '../journals/accesses.ts';
import type { Attempts } from '../journals/attempts.ts';
import type { Challenges } from '../journals/challenges.ts';
import type { Connectors, Holder } from '../journals/connectors.ts';
import type { Digests } from '../journals/digests.ts';
import type { Erasures } from '../journals/erasures.ts';
import type { Refusals } from '../journals/refusals.ts';
import type { Sessions } from '../journals/sessions.ts';
import type { ShownFile } from '../release/files.ts';
import type { Events } from '../release/headings.ts';
import type { ReceiptMatter } from '../release/receipts.ts';
import type { Released } from '../release/released.ts';
import type { Sources } from '../release/sources.ts';
import type { Viewer } from '../release/viewer.ts';
import type { Metrics } from './metrics.ts';

/** Public, and the same for as long as the process lives. */
export interface CentreInfo {
  /** Origin name, such as `centre.example`. */
  readonly centre: string;
  /** Of the log, such as `centre.example/log/1`: it is served below what follows the centre's name. */
  readonly origin: string;
  /** C2SP vkeys of the log. */
  readonly logs: readonly string[];
  /** The centre's own party, and the party that hosts it. */
  readonly party: PartyId;
  readonly host: PartyId | null;
  /** Every log that it has kept, this one the last: where each began, and the statement that opened it. */
  readonly history: readonly {
    readonly origin: string;
    readonly logs: readonly string[];
    readonly from: number;
    readonly statement: StatementRef;
  }[];
}

/** What anyone may have of the log. Records and parts are not among it: they go out through release. */
export interface OpenLog {
  /** The newest tree with the log's own note; null while the log has no record. */
  head(): Promise<LogNote | null>;
  /** The newest that witnesses have cosigned, or null. */
  cosigned(): Promise<LogNote | null>;
  /** As C2SP serves it, or null where the tree of the head has no such tile. */
  tile(tile: Tile | EntryBundle): Promise<Bytes | null>;
  /** That record `index` is in the tree of `size`, which the log has had. */
  inclusionProof(index: number, size: number): Promise<readonly Hash[]>;
}

export interface LogNote {
  readonly size: number;
  readonly note: string;
}

/** One moment of the store. Nothing in it outlives the work. */
export interface Moment {
  readonly sources: Sources;
  readonly log: OpenLog;
}

/** As received: shape of envelope, header and lines only. */
export interface Submission {
  readonly statement: Statement;
  readonly parts: readonly Part[];
}

/** What counts a statement against its speaker, and only what it said for the first time. */
export interface Counting {
  /** Its signature held, and the device is one of its party. What it throws refuses the statement. @throws rate.limited */
  check(): Promise<void>;
  count(): Promise<void>;
}

/** What was admitted, released to whoever sent it: the signature on it is what lets it in. */
export interface Admitted {
  readonly matter: Released<ReceiptMatter>;
  /** In the tree of the checkpoint. */
  readonly proof: readonly Hash[];
  /** The log's own note. */
  readonly checkpoint: string;
}

/** To be enrolled within the hour. */
export interface ConnectorOffer {
  readonly device: string;
  /** Base64 of the public key, and of its consent. */
  readonly key: string;
  readonly consent: string;
  /** Shown this once: the centre keeps only its hash. */
  readonly token: string;
  readonly until: Instant;
}

export interface ConnectorWords {
  readonly room: string;
  readonly handling: Handling;
  readonly parts: readonly Part[];
}

export interface ApiJournals {
  readonly accesses: Pick<Accesses, 'recordAccess' | 'readersOf' | 'ofParty' | 'ofParties'>;
  readonly sessions: Pick<Sessions, 'open' | 'find' | 'step' | 'end'>;
  readonly challenges: Pick<Challenges, 'challenge' | 'use'>;
  readonly erasures: Pick<Erasures, 'erasedAt'>;
  readonly digests: Pick<Digests, 'ofParty' | 'leafFor'>;
  readonly connectors: Pick<Connectors, 'find' | 'noteUse' | 'ofParty'>;
  readonly refusals: Pick<Refusals, 'note' | 'of'>;
  readonly attempts: Pick<Attempts, 'note' | 'against' | 'countSince'>;
}

export interface EventsFrom {
  readonly room: string | null;
  /** Cursor of the last event seen, or null: from now on. */
  readonly after: string | null;
}

/**
 * Batches as they become visible; null where nothing has for a while. Ends with the signal, and with what `viewer`
 * throws: it is asked again before each batch, so that who may no longer look sees nothing more.
 */
export type Follow = (
  viewer: (sources: Sources) => Promise<Viewer>,
  from: EventsFrom,
  signal: AbortSignal,
) => AsyncIterable<Released<Events> | null>;

/** A file that waits for the share that names it. */
export interface BroughtFile extends Pick<FileEntry, 'size' | 'type'> {
  readonly leaf: string;
  readonly until: Instant;
}

export interface ApiFiles {
  readonly limits: { readonly file: number; readonly types: readonly string[] };
  /**
   * @param line what the device signed; the pieces are read only where the file may be brought
   * @param known is waited for once the signature held: what it throws refuses the file
   * @throws device.*, upload.malformed, file.*, queue.full
   */
  receive(
    line: Bytes,
    pieces: AsyncIterable<Uint8Array>,
    known?: (by: { readonly party: string; readonly device: string }) => Promise<void>,
  ): Promise<BroughtFile>;
  /** To be called once the access is durable. @throws absent where it was erased meanwhile */
  open(file: Released<ShownFile>): Promise<AsyncIterable<Uint8Array>>;
}

export interface ApiContext {
  readonly info: CentreInfo;
  readonly journals: ApiJournals;
  /** What seals cursors: 32 bytes, the same on all instances. */
  readonly cursorKey: Bytes;
  readonly files: ApiFiles;
  readonly metrics: Metrics;
  readonly follow: Follow;
  now(): Instant;
  /** All reads of the work see one moment. Never nested: moments may be few. */
  read<T>(work: (moment: Moment) => Promise<T>): Promise<T>;
  /**
   * The front door: checks, queue, commit. Resolves when the record is durable and `read` shows it.
   * @throws what admission refuses it with (statement.id-known among it), queue.full, stopping
   */
  submit(submission: Submission, counting?: Counting): Promise<Admitted>;
  /**
   * A new key that the centre holds for a connector of the party, and the token that opens it.
   * @throws connector.too-many
   */
  offerConnector(party: PartyId): Promise<ConnectorOffer>;
  /** Says a share with the key of a connector. @throws what `submit` throws, device.unknown */
  shareAs(connector: Holder, words: ConnectorWords): Promise<Admitted>;
  /** Whether a session of the party may state this purpose. */
  isPurposeOf(party: PartyId, purpose: string, sources: Sources): Promise<boolean>;
  /** The centre's statement that commits to the accesses of the interval from then on, said already or not. */
  digestRef(from: Instant): StatementRef;
  /** Whether statements are taken. @throws the refusal that they would get */
  checkReady(): Promise<void>;
  /** Nothing new is taken from now on. */
  stopping(): boolean;
}
