/** A centre with its doors open, what an attacker sends to it, and what must hold after each attack. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Bytes, base64, concat, utf8 } from '@parley/core/bytes.ts';
import { type Envelope, parseEnvelope, preAuthEncoding } from '@parley/core/dsse.ts';
import type { Json } from '@parley/core/json.ts';
import { formatPart, type Part } from '@parley/core/parts.ts';
import {
  type EnvelopeJson,
  envelopeJson,
  type Signer,
  type Statement,
  statementType,
} from '@parley/core/statement.ts';
import { createLog } from '../../server/api/logging.ts';
import type { ServerOptions } from '../../server/api/server.ts';
import { checkCentre } from '../../server/check-centre.ts';
import { type Actor, handling } from '../../server/testing/actor.ts';
import { located } from '../../server/testing/located.ts';
import { beginServed, type Served } from '../../server/testing/served.ts';

/** Stands in what is sent: no log may hold it. */
export const marker = 'MARKED-CONTENT';

export interface Told {
  readonly status: number;
  readonly code: string | undefined;
  readonly at: string | undefined;
  readonly text: string;
}

export interface Hostile {
  readonly served: Served;
  readonly anna: Actor;
  readonly bert: Actor;
  readonly room: string;
  /** To the front door. */
  post(body: string | Uint8Array, headers?: Record<string, string>): Promise<Told>;
  fetch(path: string, init?: RequestInit): Promise<Told>;
  /** Bytes on a bare connection; what came back until it was closed, or until the time was over. */
  raw(bytes: string | Uint8Array, milliseconds?: number): Promise<string>;
  socket(): Socket;
  /** So many statements more are to be there. */
  expect(statements: number): void;
  /** The process lives, nothing was appended, and neither answers nor the log tell anything. */
  unharmed(): Promise<void>;
  /** Bytes in use after the garbage is collected. */
  heap(): number;
  end(): Promise<void>;
}

const often = { perAddress: 1_000_000, perParty: 1_000_000 };

export async function beginHostile(options: Partial<ServerOptions> = {}): Promise<Hostile> {
  const logged: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  const about = { log: createLog('debug', sink), rates: often, ...options };
  const served = await beginServed(about, { ownThread: true });
  const { world, url } = served;
  const anna = await world.party('Anna');
  const bert = await world.party('Bert');
  const room = await world.room([anna, bert]);
  let size = world.centre.head()?.size ?? 0;
  const answers: string[] = [];

  const told = async (response: Response): Promise<Told> => {
    const text = await response.text();
    const problem = response.headers.get('content-type')?.startsWith('application/problem+json');
    const { code, at } = problem ? (JSON.parse(text) as { code?: string; at?: string }) : {};
    if (!response.ok) {
      assert.ok(problem, `${response.status} is told as a problem: ${text.slice(0, 200)}`);
      answers.push(text);
    }
    return { status: response.status, code, at, text };
  };
  const fetching = async (path: string, init: RequestInit = {}) => told(await fetch(url + path, init));
  const socket = () => connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});

  return {
    served,
    anna,
    bert,
    room,
    fetch: fetching,
    post: (body, headers = {}) =>
      fetching('/api/v1/statements', {
        method: 'POST',
        body: body as BodyInit,
        headers: { 'content-type': 'application/x-ndjson', ...headers },
      }),
    socket,
    raw: (bytes, milliseconds = 2_000) => {
      const to = socket();
      to.write(bytes);
      return received(to, milliseconds);
    },
    expect(statements) {
      size += statements;
    },
    async unharmed() {
      assert.equal((await fetching('/health')).status, 200);
      const since = await world.centre.read(async (_, { log }) => (await log.head())?.size ?? 0);
      assert.equal(since, size, 'nothing was appended');
      assert.deepEqual(world.doubts, []);
      assert.ok(logged.length > 0, 'the log is looked at');
      for (const line of logged) refuseTelling(line);
      for (const text of answers) refuseTelling(text);
      logged.length = 0;
      answers.length = 0;
    },
    heap() {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      collect();
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    async end() {
      try {
        assert.equal(world.centre.disagreements(), 0);
        await checkCentre({ ...located(world.folder), centre: world.centre.name });
      } finally {
        await served.end();
      }
    },
  };
}

function refuseTelling(text: string): void {
  assert.ok(!text.includes(marker), `content: ${text.slice(0, 500)}`);
  assert.doesNotMatch(text, /\bat .+:\d+:\d+|node:internal|node_modules|\.ts\b|"fault"/);
  assert.ok(text.length < 2_000, `long: ${text.slice(0, 200)}`);
}

/** What comes back until the other side closes, or the time is over. */
export function received(socket: Socket, milliseconds: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const timer = setTimeout(() => socket.destroy(), milliseconds);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** A share by Anna of these parts. */
export function sharing({ anna, room }: Hostile, parts: readonly Part[]): Promise<Statement> {
  return anna.make('share/1', { handling }, { room, parts });
}

export function bodyOf(envelope: Envelope, parts: readonly Part[]): Bytes {
  const lines = [utf8(JSON.stringify(envelopeJson(envelope))), ...parts.map(formatPart)];
  return concat(...lines.flatMap((line, n) => (n === 0 ? [line] : [utf8('\n'), line])));
}

export function envelopeOf(envelope: Envelope): EnvelopeJson {
  return envelopeJson(envelope);
}

/** Whatever it is, signed. */
export async function signedText(text: string, signer: Signer): Promise<Envelope> {
  const payload = utf8(text);
  const sig = base64(await signer.sign(preAuthEncoding(statementType, payload)));
  const json = {
    payload: base64(payload),
    payloadType: statementType,
    signatures: [{ keyid: signer.device, sig }],
  };
  return parseEnvelope(json as Json, statementType);
}
