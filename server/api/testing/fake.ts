/** A centre of a few objects in memory, for tests of the API: one party with a device, and what it said in one room. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { type Bytes, base64, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import { fingerprint } from '@parley/core/keys.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { makePart, type Part, partLeaf, partNumber } from '@parley/core/parts.ts';
import { sessionType } from '@parley/core/session.ts';
import {
  type AnyHeader,
  parseStatement,
  type Signer,
  signHeader,
  signPayload,
} from '@parley/core/statement.ts';
import type { FastifyInstance } from 'fastify';
import { follower } from '../../delivery/events.ts';
import type { Access } from '../../journals/accesses.ts';
import { challengeLife } from '../../journals/challenges.ts';
import type { Session } from '../../journals/sessions.ts';
import { linksOf } from '../../release/chains.ts';
import { releaseAdmitted } from '../../release/receipts.ts';
import type { DeviceFacts, RecordFacts, Sources } from '../../release/sources.ts';
import type { ApiContext, Submission } from '../context.ts';
import { createLog } from '../logging.ts';
import { createMetrics } from '../metrics.ts';
import { createServer, type ServerOptions } from '../server.ts';
import { room, sourcesOf } from './sources.ts';

export { room };

export const centre = 'centre.example';
const note = 'centre.example/log/1\n1\nAAAA\n\n— centre.example/log/1 AAAA\n';

const random = (length: number): Bytes => new Uint8Array(randomBytes(length));

function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  const bytes: Bytes = new Uint8Array(Buffer.from(x ?? '', 'base64url'));
  return {
    device: fingerprint(bytes),
    publicKey: bytes,
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

export class Fake {
  readonly signer = newSigner();
  readonly party = this.signer.device;
  now = Date.parse('2026-05-01T12:00:00.000Z') * 1000;
  records: RecordFacts[] = [];
  readonly parts = new Map<number, Part>();
  readonly sessions = new Map<string, Session>();
  readonly accesses: Access[] = [];
  readonly listeners = new Set<() => void>();
  device: Partial<DeviceFacts> = {};
  /** What happened, in order. */
  readonly happened: string[] = [];
  journalFails = false;
  logged = '';
  isStopping = false;
  overrides: Partial<ApiContext> = {};

  static async open(): Promise<Fake> {
    const fake = new Fake();
    const invitation = { key: base64(random(32)), signature: base64(random(64)) };
    const body = { key: base64(fake.signer.publicKey), ends: null, invitation };
    const profile = makePart({ name: 'A', device: 'desk' }, random);
    await fake.take(await fake.say('party.found/1', body, [profile]));
    return fake;
  }

  /** A signed statement, as it would come in. */
  async say(
    kind: AnyHeader['kind'],
    body: object,
    parts: readonly Part[] = [],
    about: object = {},
  ): Promise<Submission> {
    const header = {
      kind,
      centre,
      id: crypto.randomUUID(),
      party: this.party,
      device: this.signer.device,
      at: millisecondsOf(this.now),
      body,
      ...(parts.length > 0
        ? { parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) } }
        : {}),
      ...about,
    };
    const envelope = await signHeader(header as unknown as AnyHeader, this.signer);
    return { statement: parseStatement(envelope as unknown as Json), parts };
  }

  share(parts: readonly Part[]): Promise<Submission> {
    const handling = {
      to: 'room',
      purposes: ['event-security'],
      onward: 'ask',
      until: null,
      review: null,
      tlp: 'amber',
      personal: false,
    };
    return this.say('share/1', { handling }, parts, { room });
  }

  /** Takes a statement into the log, and tells that it did. */
  async take({ statement, parts }: Submission): Promise<RecordFacts> {
    const { header, envelope } = statement;
    const known = this.records.some(
      (one) => one.header.id === header.id && one.header.party === header.party,
    );
    if (known) throw new Refusal('statement.id-known', { at: '/id' });
    const index = this.records.length;
    this.now += 1000;
    const leaves = concat(...parts.map(partLeaf));
    const record = {
      index,
      instant: this.now,
      span: Math.max(1, parts.length),
      nonce: random(32),
      header,
      envelope,
      leaves,
    };
    this.records.push(record);
    for (const [n, part] of parts.entries()) this.parts.set(partNumber(index, n), part);
    for (const listener of this.listeners) listener();
    return record;
  }

  get sources(): Sources {
    return sourcesOf(this);
  }

  context(): ApiContext {
    const read: ApiContext['read'] = async (work) =>
      work({
        sources: this.sources,
        log: {
          head: async () => ({ size: this.records.length, note }),
          cosigned: async () => null,
          tile: async () => new Uint8Array(32),
          inclusionProof: async () => [],
        },
      });
    const now = () => this.now;
    const pace = { batch: 2, heartbeat: 60, gather: 1 };
    return {
      info: { centre, origin: `${centre}/log/1`, logs: ['key'], party: this.party, host: null, history: [] },
      journals: this.#journals(),
      cursorKey: new Uint8Array(32),
      files: {
        limits: { file: 1_000, types: ['text/plain'] },
        receive: async () => Promise.reject(new Refusal('file.type')),
        open: async () => Promise.reject(new Refusal('absent')),
      },
      metrics: createMetrics({ logSize: () => this.records.length, queueLength: () => 0, process: false }),
      follow: follower({ read, onCommit: (listener) => this.#onCommit(listener) }, pace),
      now,
      read,
      submit: async (submission, counting) => {
        await counting?.check();
        const record = await this.take(submission);
        await counting?.count();
        const matter = await releaseAdmitted(record, (said) => linksOf(said, this.sources));
        return { matter, proof: [], checkpoint: note };
      },
      offerConnector: async () => {
        throw new Refusal('connector.too-many');
      },
      shareAs: async () => {
        throw new Refusal('device.unknown');
      },
      isPurposeOf: async (_party, purpose) => purpose !== 'x-unknown',
      digestRef: () => ({ party: this.party, id: crypto.randomUUID() }),
      checkReady: async () => {
        if (this.isStopping) throw new Refusal('stopping');
      },
      stopping: () => this.isStopping,
      ...this.overrides,
    };
  }

  #onCommit(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Good once, for as long as those of a centre. */
  #challenges(): ApiContext['journals']['challenges'] {
    const unused = new Map<string, number>();
    return {
      challenge(now) {
        const [challenge, expires] = [randomBytes(56).toString('base64url'), now + challengeLife];
        unused.set(challenge, expires);
        return { challenge, expires };
      },
      async use(challenge, now) {
        const expires = unused.get(challenge) ?? 0;
        unused.delete(challenge);
        if (expires <= now) throw new Refusal('session.challenge');
      },
    };
  }

  #journals(): ApiContext['journals'] {
    return {
      challenges: this.#challenges(),
      connectors: { find: async () => null, noteUse: async () => {}, ofParty: async () => [] },
      refusals: { note: () => {}, of: async () => [] },
      attempts: { note: async () => {}, against: async () => [], countSince: async () => 0 },
      sessions: {
        open: async ({ now, ttl, ...about }) => {
          const token = randomBytes(32).toString('base64url');
          this.sessions.set(token, { person: null, ...about, opened: now, expires: now + ttl });
          return token;
        },
        find: async (token, now) => {
          const session = this.sessions.get(token);
          return session && session.expires > now ? session : null;
        },
        step: async (token, { now, ttl, ...intent }) => {
          const session = this.sessions.get(token);
          if (!session) throw new Refusal('session.unknown');
          this.sessions.delete(token);
          this.sessions.set(`${token.slice(0, -1)}_`, {
            ...session,
            ...intent,
            opened: now,
            expires: now + ttl,
          });
          return `${token.slice(0, -1)}_`;
        },
        end: async (token) => {
          this.sessions.delete(token);
        },
      },
      accesses: {
        recordAccess: async (access) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (this.journalFails) throw new Refusal('fault', { detail: 'the journals could not be written' });
          this.accesses.push(access);
          this.happened.push('recorded');
        },
        readersOf: async () => [],
        ofParties: async () => ({ accesses: [], next: null }),
        ofParty: async (_party, after, limit) => {
          const rows = this.accesses.slice(after ?? 0);
          return { accesses: rows.slice(0, limit), next: rows.length > limit ? (after ?? 0) + limit : null };
        },
      },
      erasures: { erasedAt: async () => null },
      digests: { ofParty: async () => [], leafFor: async () => null },
    };
  }

  /** Never listens: it is asked by `inject`, unless a test makes it listen. */
  async server(options: Partial<ServerOptions> = {}): Promise<FastifyInstance> {
    const log = createLog('info', {
      write: (line) => {
        this.logged += line;
      },
    });
    const server = await createServer(this.context(), { log, lateness: 0, ...options });
    server.addHook('onSend', async () => {
      this.happened.push('sent');
    });
    return server;
  }

  /** The body of `POST /sessions` for a challenge. */
  async request(challenge: string, about: object = {}): Promise<string> {
    const payload = {
      centre,
      party: this.party,
      device: this.signer.device,
      purpose: 'event-security',
      justification: null,
      challenge,
      ...about,
    };
    return JSON.stringify(await signPayload(sessionType, payload, this.signer));
  }

  /** Opens a session. @returns the header that says so */
  async signIn(server: FastifyInstance, about: object = {}): Promise<{ authorization: string }> {
    const { challenge } = (await server.inject({ method: 'POST', url: '/api/v1/sessions/challenge' })).json();
    const payload = await this.request(challenge, about);
    const answer = await server.inject({ method: 'POST', url: '/api/v1/sessions', ...jsonBody(payload) });
    return { authorization: `Bearer ${answer.json().token}` };
  }
}

export function jsonBody(payload: string) {
  return { payload, headers: { 'content-type': 'application/json' } };
}

export function stixPart(name: string, random_: (length: number) => Bytes = random): Part {
  return makePart({ type: 'identity', id: `identity--${crypto.randomUUID()}`, name }, random_);
}

/** A part of these very bytes. */
export function partOfText(text: string): Part {
  return { salt: random(16), bytes: new Uint8Array(Buffer.from(text)) };
}
