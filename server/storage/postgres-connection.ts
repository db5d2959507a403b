/** One connection to PostgreSQL, with its settings and its prepared statements. */
import { Refusal } from '@parley/core/errors.ts';
import { Client, type QueryResult } from 'pg';
import { ConnectionLost, endsConnection } from './postgres-errors.ts';
import { refusedConnection } from './postgres-target.ts';
import { types } from './postgres-types.ts';

/** Statements that come again are prepared by name; an insert of n rows is one for each n, and may not come again. */
const named = 512;
const remembered = 4_096;
/** Milliseconds without any answer after which a connection is given up: the network lost it, and nobody says so. */
const silence = 120_000;
const connecting = 10_000;

/**
 * Of connections that hold what all instances wait for: the head, the turn of the journals, a file. A commit asks the
 * next thing within milliseconds, a large batch on a busy machine within a second: one that asks nothing for five hangs
 * or is cut off. Who waits outlasts it, and goes on.
 */
const holding = { idle: '5s', lock: '10s' } as const;
/** Of all others: who reads the whole log may think for a while. */
const usual = { idle: '60s', lock: '30s' } as const;

/** `synchronous_commit`: a commit is on the disk when it returns, whatever the server's default is. */
function settingsOf({ schema, holds = false }: Target): string {
  const { idle, lock } = holds ? holding : usual;
  return `
    set search_path to ${schema};
    set synchronous_commit to on;
    set lock_timeout to '${lock}';
    set idle_in_transaction_session_timeout to '${idle}';
    set client_min_messages to error`;
}

export interface Target {
  readonly url: string;
  readonly schema: string;
  /** Its transactions hold what other instances wait for. */
  readonly holds?: boolean;
}

export class Connection {
  readonly #client: Client;
  readonly #names = new Map<string, string | null>();
  readonly #ended: Promise<void>;
  #prepared = 0;
  #inFlight = 0;
  #patience: NodeJS.Timeout | null = null;
  #lost: ConnectionLost | null = null;

  private constructor(client: Client) {
    this.#client = client;
    this.#ended = new Promise((resolve) => client.once('end', () => resolve()));
    client.on('error', (cause: unknown) => {
      this.#lost ??= new ConnectionLost(cause);
    });
    client.on('end', () => {
      this.#lost ??= new ConnectionLost(null);
    });
  }

  /** @throws store.away, store.absent, config.value */
  static async open(target: Target): Promise<Connection> {
    const { url, schema, holds = false } = target;
    const client = new Client({
      connectionString: url,
      // What the database shows of who is connected.
      application_name: holds ? `${schema} writer` : schema,
      connectionTimeoutMillis: connecting,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // What is asked at once is sent at once, and answered in order.
      pipeline: true,
      types,
    });
    const connection = new Connection(client);
    try {
      await client.connect();
      await connection.run(settingsOf(target));
      return connection;
    } catch (error) {
      await client.end().catch(() => {});
      throw refusedConnection(url, error);
    }
  }

  get lost(): ConnectionLost | null {
    return this.#lost;
  }

  /** Told of `notify` on the channels that are listened to. */
  onNotification(listener: () => void): void {
    this.#client.on('notification', listener);
  }

  /** Resolves when the connection has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  async all<Row>(text: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.query(text, values)).rows as Row[];
  }

  async get<Row>(text: string, ...values: readonly unknown[]): Promise<Row | undefined> {
    return (await this.all<Row>(text, ...values))[0];
  }

  query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    const name = values.length > 0 ? this.#nameOf(text) : null;
    return this.#send(() => this.#client.query({ text, values: [...values], ...(name ? { name } : {}) }));
  }

  /** Several statements without parameters, in one message. @returns the result of each */
  async run(text: string, { patient = false } = {}): Promise<QueryResult[]> {
    const result = await this.#send(() => this.#client.query(text), patient);
    return Array.isArray(result) ? result : [result];
  }

  /** Resolves when nothing runs on it any more, not even what its caller forgot to wait for. */
  async idle(turn: () => Promise<unknown>): Promise<void> {
    do await turn();
    while (this.#inFlight > 0 && !this.#lost);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }

  /** Without a word to the other side: for one that is lost, or in a state that nobody knows. */
  discard(): void {
    this.#lost ??= new ConnectionLost(null);
    this.#client.end().catch(() => {});
  }

  async #send<T>(work: () => Promise<T>, patient = false): Promise<T> {
    if (this.#lost) throw this.#lost;
    if (this.#inFlight++ === 0 && !patient) this.#patience = setTimeout(() => this.#giveUp(), silence);
    try {
      return await work();
    } catch (error) {
      if (endsConnection(error)) this.#lost ??= new ConnectionLost(error);
      throw this.#lost ?? error;
    } finally {
      this.#inFlight--;
      if (this.#inFlight > 0) this.#patience?.refresh();
      else clearTimeout(this.#patience ?? undefined);
    }
  }

  #giveUp(): void {
    this.#lost ??= new ConnectionLost(new Error('no answer'));
    // `end` would wait for the answer that does not come.
    (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  /** The name that a text is prepared under once it comes again. */
  #nameOf(text: string): string | null {
    const known = this.#names.get(text);
    if (known) return known;
    if (known === null && this.#prepared < named) {
      const name = `p${this.#prepared++}`;
      this.#names.set(text, name);
      return name;
    }
    if (this.#names.size >= remembered)
      for (const [text, name] of this.#names) if (name === null) this.#names.delete(text);
    this.#names.set(text, null);
    return null;
  }
}

/** Used only within its transaction: what a caller forgot to await must not write after it, or read another moment. */
export class Scope {
  readonly #connection: Connection;
  #open = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The queries of one transaction, whose beginning and end are its caller's. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#open = true;
    try {
      return await work();
    } finally {
      this.#open = false;
    }
  }

  get connection(): Connection {
    if (!this.#open) throw new Refusal('fault', { detail: 'used after its transaction' });
    return this.#connection;
  }
}
