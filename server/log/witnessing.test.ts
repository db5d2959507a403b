import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import {
  cosignatureMessage,
  formatTimestamped,
  openCheckpoint,
  subtreeMessage,
} from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { hashLeaf } from '@parley/core/merkle.ts';
import {
  cosignatureType,
  formatSignatures,
  formatVkey,
  mlDsa44Type,
  parseNote,
  signedBy,
  type Vkey,
  vkeyOf,
} from '@parley/core/note.ts';
import { parsePolicy } from '@parley/core/policy.ts';
import {
  type Admission,
  admitCheckpoint,
  type Known,
  parseAddCheckpoint,
  sizeType,
} from '@parley/core/witness.ts';
import { createLogKeys, signCheckpoint } from './keys.ts';
import type { Head, LogReader } from './ports.ts';
import { sampleOrigin, trustIn } from './sample.ts';
import { Tree } from './tree.ts';
import { verifyNotBehind, Witnessing, type WitnessingOptions } from './witnessing.ts';

const keys = createLogKeys();
const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

/** A log that only grows a tree. Another `seed` is another history. */
class SmallLog {
  head: Head | null = null;
  reads = 0;
  readonly #seed: number;
  readonly #tiles = new Map<string, Bytes>();
  #tree = Tree.empty;

  constructor(seed = 0) {
    this.#seed = seed;
  }

  async grow(count: number): Promise<void> {
    const leaves = Array.from({ length: count }, (_, i) =>
      hashLeaf(utf8(`${this.#seed} ${this.#tree.size + i}`)),
    );
    const { tree, tiles } = this.#tree.grow(leaves);
    for (const { level, index, data } of tiles) this.#tiles.set(`${level}/${index}`, data);
    this.#tree = tree;
    const { size, root } = tree;
    this.head = {
      size,
      root,
      instant: 0,
      checkpoint: await signCheckpoint(keys, { origin: sampleOrigin, size, root }, 1_700_000_000),
    };
  }

  readonly read = <T>(work: (log: LogReader) => Promise<T>): Promise<T> =>
    work({
      head: async () => this.head,
      tile: async (level: number, index: number) => this.#tiles.get(`${level}/${index}`) ?? null,
    } as unknown as LogReader);
}

/** A witness of C2SP tlog-witness, reached by its own `fetch`. */
class Witness {
  readonly name: string;
  readonly vkey: Vkey;
  known: Known | null = null;
  /** What it got: old size, and status answered. */
  readonly seen: [old: number, status: number][] = [];
  down = false;
  /** As tlog-witness v1.0.0 answers "same size, other root". */
  old = false;
  readonly #key: KeyObject;

  constructor(name: string, type: typeof cosignatureType | typeof mlDsa44Type = cosignatureType) {
    this.name = name;
    const pair = type === mlDsa44Type ? generateKeyPairSync('ml-dsa-44') : generateKeyPairSync('ed25519');
    const jwk = pair.publicKey.export({ format: 'jwk' });
    const raw = String(type === mlDsa44Type ? jwk.pub : jwk.x);
    this.vkey = vkeyOf(`${name}.example`, type, new Uint8Array(Buffer.from(raw, 'base64url')));
    this.#key = pair.privateKey;
  }

  async answer(body: Bytes): Promise<{ status: number; body: string; type: string }> {
    if (this.down) throw new TypeError('fetch failed');
    const { old, proof, note } = parseAddCheckpoint(body);
    const { checkpoint } = await openCheckpoint(note, trustIn(keys));
    const admission = this.#dated(admitCheckpoint({ old, proof, checkpoint }, this.known, Date.now()));
    this.seen.push([old, admission.status]);
    if (admission.status === 409) return { status: 409, body: admission.body, type: sizeType };
    if (admission.status !== 200) return { status: admission.status, body: '', type: 'text/plain' };
    this.known = admission.keep;
    const { size, root } = checkpoint;
    const { time } = admission;
    const { name, type } = this.vkey;
    const message =
      type === mlDsa44Type
        ? subtreeMessage({ cosigner: name, time, origin: sampleOrigin, start: 0, end: size, root })
        : cosignatureMessage(parseNote(note).text, time);
    const line = signedBy(this.vkey, formatTimestamped(time, sign(null, message, this.#key)));
    return { status: 200, body: formatSignatures([line]), type: 'text/plain' };
  }

  #dated(admission: Admission): Admission {
    if (admission.status !== 422 || !this.old) return admission;
    const size = this.known?.size ?? 0;
    return { status: 409, size, body: `${size}\n` };
  }
}

function fetching(witnesses: readonly Witness[]): typeof fetch {
  return async (url, init) => {
    const host = new URL(String(url)).host;
    const witness = witnesses.find(({ name }) => host === `${name}.example`);
    assert.ok(witness);
    const { status, body, type } = await witness.answer(new Uint8Array(init?.body as Bytes));
    return new Response(body, { status, headers: { 'content-type': type } });
  };
}

function setUp(
  log: SmallLog,
  witnesses: readonly Witness[],
  k: number,
  more: Partial<WitnessingOptions> = {},
) {
  const lines = witnesses.map(
    ({ name, vkey }) => `witness ${name} ${formatVkey(vkey)} https://${name}.example/`,
  );
  const quorum = [`group enough ${k} ${witnesses.map(({ name }) => name).join(' ')}`, 'quorum enough'];
  const cosigned: [size: number, note: string][] = [];
  const conflicts: [witness: string, code: string][] = [];
  const failures: string[] = [];
  const witnessing = new Witnessing({
    policy: parsePolicy([...lines, ...quorum].join('\n')),
    keys,
    origin: sampleOrigin,
    read: log.read,
    fetch: fetching(witnesses),
    putCosigned: async (size, note) => {
      cosigned.push([size, note]);
    },
    onConflict: (witness, { code }) => conflicts.push([witness, code]),
    onFailure: (witness) => failures.push(witness),
    ...more,
  });
  return { witnessing, cosigned, conflicts, failures };
}

async function opened(note: string | undefined, witnesses: readonly Witness[]) {
  const trust = { ...trustIn(keys), witnesses: witnesses.map(({ vkey }) => vkey) };
  return (await openCheckpoint(utf8(note ?? ''), trust)).cosigned.map(({ name }) => name).sort();
}

describe('witnessing', () => {
  it('stores the note once the quorum has cosigned, and again with all', async () => {
    const log = new SmallLog();
    const witnesses = [new Witness('a'), new Witness('b', mlDsa44Type), new Witness('c')];
    const { witnessing, cosigned, failures } = setUp(log, witnesses, 2);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(cosigned, [], 'there is nothing to cosign yet');
    await log.grow(300);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(
      cosigned.map(([size]) => size),
      [300, 300],
    );
    assert.equal((await opened(cosigned[0]?.[1], witnesses)).length, 2);
    assert.deepEqual(await opened(cosigned[1]?.[1], witnesses), ['a.example', 'b.example', 'c.example']);
    await log.grow(500);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(witnesses[0]?.seen, [
      [0, 200],
      [300, 200],
    ]);
    assert.deepEqual(failures, []);
    await witnessing.stop();
  });

  it('makes one round of the heads that pass meanwhile', async () => {
    const log = new SmallLog();
    const witness = new Witness('a');
    const { witnessing } = setUp(log, [witness], 1);
    await log.grow(1);
    witnessing.newHead();
    for (let i = 0; i < 20; i++) {
      await log.grow(1);
      witnessing.newHead();
    }
    await witnessing.settled();
    assert.equal(witness.known?.size, 21);
    assert.ok(witness.seen.length <= 10);
    await witnessing.stop();
  });

  it('learns the size of a witness from its 409, once', async () => {
    const log = new SmallLog();
    const witness = new Witness('a');
    await log.grow(40);
    const before = setUp(log, [witness], 1);
    before.witnessing.newHead();
    await before.witnessing.settled();
    await log.grow(10);
    const after = setUp(log, [witness], 1);
    after.witnessing.newHead();
    await after.witnessing.settled();
    assert.deepEqual(witness.seen, [
      [0, 200],
      [0, 409],
      [40, 200],
    ]);
    witness.known = null;
    await log.grow(10);
    after.witnessing.newHead();
    await after.witnessing.settled();
    assert.deepEqual(witness.seen.slice(3), [
      [50, 409],
      [0, 200],
    ]);
    assert.deepEqual([...before.conflicts, ...after.conflicts], []);
  });

  it('does without one that is down, and asks it again later', async () => {
    const log = new SmallLog();
    const witnesses = [new Witness('a'), new Witness('b')];
    const [, late] = witnesses;
    assert.ok(late);
    late.down = true;
    const { witnessing, cosigned, failures } = setUp(log, witnesses, 1, { rest: { first: 5, most: 20 } });
    await log.grow(3);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(await opened(cosigned[0]?.[1], witnesses), ['a.example']);
    assert.deepEqual(failures, ['b']);
    late.down = false;
    while (cosigned.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    assert.deepEqual(await opened(cosigned[1]?.[1], witnesses), ['a.example', 'b.example']);
    assert.equal(witnesses[0]?.seen.length, 1);
    await witnessing.stop();
  });

  it('stores nothing below the quorum', async () => {
    const log = new SmallLog();
    const witnesses = [new Witness('a'), new Witness('b'), new Witness('c')];
    for (const witness of witnesses.slice(1)) witness.down = true;
    const { witnessing, cosigned } = setUp(log, witnesses, 2);
    await log.grow(3);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(cosigned, []);
    await witnessing.stop();
  });

  for (const old of [false, true])
    it(`reports another history and never asks again (${old ? 'v1.0.0' : 'since 2026'})`, async () => {
      for (const [theirs, ours] of [
        [50, 50],
        [50, 60],
      ] as const) {
        const [log, other] = [new SmallLog(0), new SmallLog(1)];
        const witness = new Witness('a');
        witness.old = old;
        await other.grow(theirs);
        await log.grow(ours);
        const first = setUp(other, [witness], 1);
        first.witnessing.newHead();
        await first.witnessing.settled();
        const { witnessing, cosigned, conflicts, failures } = setUp(log, [witness], 1);
        witnessing.newHead();
        await witnessing.settled();
        assert.deepEqual(conflicts, [['a', 'witness.conflict']]);
        const asked = witness.seen.length;
        await log.grow(1);
        witnessing.newHead();
        await witnessing.settled();
        assert.equal(witness.seen.length, asked);
        assert.deepEqual([cosigned, failures], [[], []]);
      }
    });

  it('reports a witness that knows more than the store', async () => {
    const [log, restored] = [new SmallLog(), new SmallLog()];
    const witness = new Witness('a');
    await log.grow(70);
    await restored.grow(30);
    const first = setUp(log, [witness], 1);
    first.witnessing.newHead();
    await first.witnessing.settled();
    const { witnessing, conflicts } = setUp(restored, [witness], 1);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(conflicts, [['a', 'store.behind']]);
    assert.equal(witness.known?.size, 70);
  });

  it('believes no line that it cannot verify', async () => {
    const log = new SmallLog();
    const [witness, impostor] = [new Witness('a'), new Witness('a')];
    await log.grow(3);
    const { witnessing, cosigned, failures } = setUp(log, [witness], 1, { fetch: fetching([impostor]) });
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual([cosigned, failures], [[], ['a']]);
    const noise = [
      '',
      'nonsense\n',
      `— ${witness.vkey.name} ${Buffer.alloc(76).toString('base64')}\n`,
      'x'.repeat(600_000),
    ];
    for (const body of noise) {
      const noisy = setUp(log, [witness], 1, { fetch: async () => new Response(body) });
      noisy.witnessing.newHead();
      await noisy.witnessing.settled();
      assert.deepEqual([noisy.cosigned, noisy.failures], [[], ['a']]);
      await noisy.witnessing.stop();
    }
    await witnessing.stop();
  });
});

describe('what witnesses know at start', () => {
  it('is asked without moving them, and tells an old store', async () => {
    const [log, restored, empty, other] = [new SmallLog(), new SmallLog(), new SmallLog(), new SmallLog(1)];
    const witnesses = [new Witness('a'), new Witness('b'), new Witness('c')];
    const [a, b, c] = witnesses;
    assert.ok(a && b && c);
    await log.grow(70);
    await restored.grow(30);
    await other.grow(70);
    const sizes = async (from: SmallLog) =>
      (await setUp(from, witnesses, 1).witnessing.knownSizes()).map(({ size }) => size);
    assert.deepEqual(await sizes(empty), [0, 0, 0]);
    const { witnessing } = setUp(log, [a], 1);
    witnessing.newHead();
    await witnessing.settled();
    c.down = true;
    assert.deepEqual(await sizes(log), [70, 0, null]);
    assert.deepEqual(await sizes(restored), [70, 0, null]);
    assert.deepEqual(await sizes(empty), [70, 0, null]);
    assert.deepEqual([a.known?.size, b.known?.size], [70, 0]);
    await assert.rejects(sizes(other), refusal('witness.conflict'));
    assert.throws(() => verifyNotBehind(70, 30), refusal('store.behind'));
    verifyNotBehind(70, 70);
  });
});

describe('over HTTP', () => {
  async function serve(
    t: TestContext,
    status: number,
    location: string,
    answer: (body: Bytes) => Promise<string>,
  ) {
    const server = createServer(async (request, response) => {
      assert.equal(`${request.method} ${request.url}`, 'POST /sub/add-checkpoint');
      const body = await answer(new Uint8Array(await buffer(request)));
      response.writeHead(status, location === '' ? {} : { location }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub`;
  }

  it('asks a witness, follows no redirect, and waits for nobody for ever', async (t) => {
    const log = new SmallLog();
    await log.grow(5);
    const witness = new Witness('a');
    const answer = async (body: Bytes) => (await witness.answer(body)).body;
    const never = () => new Promise<string>(() => {});
    for (const [url, expected] of [
      [await serve(t, 200, '', answer), 1],
      [await serve(t, 307, 'http://127.0.0.1:1/', answer), 0],
      [await serve(t, 200, '', never), 0],
    ] as const) {
      const policy = parsePolicy(`witness a ${formatVkey(witness.vkey)} ${url}\nquorum a`);
      const { witnessing, cosigned } = setUp(log, [witness], 1, { policy, fetch, timeout: 100 });
      witness.known = null;
      witnessing.newHead();
      await witnessing.settled();
      assert.equal(cosigned.length, expected);
      await witnessing.stop();
    }
  });
});
