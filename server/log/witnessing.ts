/**
 * Collecting cosignatures: each new head goes to the witnesses of the policy, one round at a time, and the note is
 * stored once the quorum has cosigned it, and again when the others have. A witness that has seen another history of
 * this log is reported and never asked again.
 */
import { utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { emptyRoot } from '@parley/core/merkle.ts';
import type { NoteSignature } from '@parley/core/note.ts';
import { meets, type Policy } from '@parley/core/policy.ts';
import { type LogKeys, logVkeys, signCheckpoint } from './keys.ts';
import type { Head, LogReader } from './ports.ts';
import { consistencyProofAt } from './proofs.ts';
import {
  type AskedWitness,
  addCheckpoint,
  verifyCosignature,
  type WitnessDoor,
  withLines,
} from './witness-client.ts';

export interface WitnessingOptions {
  readonly policy: Policy;
  readonly keys: LogKeys;
  readonly origin: string;
  readonly read: <T>(work: (log: LogReader) => Promise<T>) => Promise<T>;
  /** Writes through whoever owns the store's write connection. */
  readonly putCosigned: (size: number, note: string) => Promise<void>;
  /** Resolves when witnesses may know of a tree of this size; what it throws keeps it from this round. */
  readonly before?: (size: number) => Promise<void>;
  /** witness.conflict, or store.behind: somebody must look, and the process should stop. */
  readonly onConflict: (witness: string, cause: Refusal) => void;
  /** It did not answer, or not as it should; it is asked again later. */
  readonly onFailure?: (witness: string, cause: unknown) => void;
  readonly fetch?: typeof fetch;
  /** Milliseconds for one answer. */
  readonly timeout?: number;
  /** Milliseconds before a witness that failed is asked again: at first, doubling, and at most. */
  readonly rest?: { readonly first: number; readonly most: number };
}

export interface KnownSize {
  readonly witness: string;
  /** Null when it does not know the log, or could not be asked. */
  readonly size: number | null;
  readonly failure?: unknown;
}

/** What is known about one witness. */
interface Standing {
  readonly witness: AskedWitness;
  /** The size it cosigned last, as far as we know. */
  known: number;
  /** Its line under the current head. */
  line: NoteSignature | null;
  conflict: boolean;
  /** Not to be asked before (`performance.now`), and for how long. */
  restUntil: number;
  rest: number;
}

export class Witnessing {
  readonly #options: WitnessingOptions;
  readonly #door: WitnessDoor;
  readonly #rest: { readonly first: number; readonly most: number };
  readonly #standings: readonly Standing[];
  readonly #stop = new AbortController();
  #head: Head | null = null;
  /** Lines under the note that was stored last for this head. */
  #stored = 0;
  #wanted = false;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WitnessingOptions) {
    const { fetch: ask = fetch, timeout = 5_000, rest = { first: 1_000, most: 60_000 } } = options;
    this.#options = options;
    this.#door = { fetch: ask, timeout, signal: this.#stop.signal };
    this.#rest = rest;
    this.#standings = options.policy.witnesses.flatMap(({ name, vkey, url }) =>
      url === null
        ? []
        : [{ witness: { name, vkey, url }, known: 0, line: null, conflict: false, restUntil: 0, rest: 0 }],
    );
  }

  /** To be called after each commit, and at start. Heads that pass while a round runs are one. */
  newHead(): void {
    if (this.#stop.signal.aborted || this.#standings.length === 0) return;
    this.#wanted = true;
    this.#running ??= this.#run();
  }

  /** Resolves when no round runs. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.settled();
  }

  /**
   * What each witness knows, asked by sending it our newest checkpoint as one that it knows already.
   * @throws witness.conflict when one has another tree of that size
   */
  async knownSizes(): Promise<KnownSize[]> {
    const { read, keys, origin } = this.#options;
    const head = await read((log) => log.head());
    const size = head?.size ?? 0;
    const empty = () =>
      signCheckpoint(keys, { origin, size, root: emptyRoot }, Math.floor(Date.now() / 1000));
    const note = utf8(head?.checkpoint ?? (await empty()));
    return Promise.all(
      this.#standings.map(async ({ witness }) => {
        try {
          const reply = await addCheckpoint(witness, { old: size, proof: [], note }, this.#door);
          if (reply.kind === 'refused') return { witness: witness.name, size: null };
          return { witness: witness.name, size: reply.kind === 'knows' ? reply.size : size };
        } catch (failure) {
          if (failure instanceof Refusal && failure.code === 'witness.conflict') throw failure;
          return { witness: witness.name, size: null, failure };
        }
      }),
    );
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    do {
      this.#wanted = false;
      await this.#round().catch((cause: unknown) => this.#options.onFailure?.('', cause));
    } while (this.#wanted && !this.#stop.signal.aborted);
    this.#running = null;
    this.#wakeLater();
  }

  async #round(): Promise<void> {
    const head = await this.#options.read((log) => log.head());
    if (!head) return;
    await this.#options.before?.(head.size);
    if (head.size !== this.#head?.size) {
      this.#stored = 0;
      for (const standing of this.#standings) standing.line = null;
    }
    this.#head = head;
    const now = performance.now();
    const asked = this.#standings.filter(
      ({ line, conflict, restUntil }) => !line && !conflict && restUntil <= now,
    );
    const asking = await Promise.allSettled(asked.map((standing) => this.#ask(standing, head)));
    for (const { reason } of asking.filter((each) => each.status === 'rejected')) throw reason;
    await this.#store(head, { again: true });
  }

  async #ask(standing: Standing, head: Head): Promise<void> {
    const { name } = standing.witness;
    try {
      standing.line = await this.#cosignature(standing, head);
      standing.known = head.size;
      standing.rest = 0;
    } catch (cause) {
      if (this.#stop.signal.aborted) return;
      standing.conflict =
        cause instanceof Refusal && (cause.code === 'witness.conflict' || cause.code === 'store.behind');
      standing.rest = Math.min(Math.max(2 * standing.rest, this.#rest.first), this.#rest.most);
      standing.restUntil = performance.now() + standing.rest;
      if (standing.conflict) this.#options.onConflict(name, cause as Refusal);
      else this.#options.onFailure?.(name, cause);
      return;
    }
    await this.#store(head, { again: false });
  }

  /** Asks, and once more when the witness knows another size than we thought. */
  async #cosignature(standing: Standing, head: Head): Promise<NoteSignature> {
    const { keys, origin } = this.#options;
    const { witness } = standing;
    let reply = await this.#send(standing, head);
    if (reply.kind === 'knows') {
      await this.#checkNotBehind(reply.size);
      standing.known = reply.size;
      // Another instance of the centre was faster: the next round brings its head.
      if (reply.size > head.size) throw new Refusal('policy.unmet', { at: witness.name });
      reply = await this.#send(standing, head);
    }
    if (reply.kind === 'knows') standing.known = reply.size;
    if (reply.kind !== 'cosigned')
      throw new Refusal('policy.unmet', {
        at: witness.name,
        params: reply.kind === 'refused' ? { status: reply.status } : {},
      });
    return verifyCosignature(utf8(head.checkpoint), reply.signatures, witness, {
      origin,
      keys: logVkeys(keys, origin),
    });
  }

  async #send({ witness, known }: Standing, { size, checkpoint }: Head) {
    const old = Math.min(known, size);
    const proof = await this.#options.read((log) => consistencyProofAt(log, old, size));
    return addCheckpoint(witness, { old, proof, note: utf8(checkpoint) }, this.#door);
  }

  /** A checkpoint goes out only after its commit: who knows more than the store knows what the store has lost. */
  async #checkNotBehind(known: number): Promise<void> {
    const head = await this.#options.read((log) => log.head());
    verifyNotBehind(known, head?.size ?? 0);
  }

  /** @param again also when the quorum was met before, if there are more lines now */
  async #store(head: Head, { again }: { readonly again: boolean }): Promise<void> {
    const lines = this.#standings.flatMap(({ line }) => line ?? []);
    if (lines.length === 0 || lines.length <= this.#stored || (this.#stored > 0 && !again)) return;
    try {
      meets(this.#options.policy, lines);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'policy.unmet') return;
      throw error;
    }
    const before = this.#stored;
    this.#stored = lines.length;
    try {
      await this.#options.putCosigned(head.size, withLines(head.checkpoint, lines));
    } catch (error) {
      // Nobody knows whether it persisted: the next round writes it again.
      if (this.#stored === lines.length) this.#stored = before;
      throw error;
    }
  }

  /** Who failed is asked again without a new head. */
  #wakeLater(): void {
    const waiting = this.#standings.filter(({ line, conflict }) => !line && !conflict && this.#head);
    if (waiting.length === 0 || this.#stop.signal.aborted) return;
    const next = Math.min(...waiting.map(({ restUntil }) => restUntil)) - performance.now();
    this.#timer = setTimeout(() => this.newHead(), Math.max(next, 1)).unref();
  }
}

/** An old store must never speak for the log. @throws store.behind */
export function verifyNotBehind(known: number, size: number): void {
  if (known > size) throw new Refusal('store.behind', { params: { known, size } });
}
