/** Witnesses and a log for them, in memory: for tests. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
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
import { Witnessing, type WitnessingOptions } from './witnessing.ts';

export const keys = createLogKeys();
export const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

/** A log that only grows a tree. Another `seed` is another history. */
export class SmallLog {
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
export class Witness {
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

export function fetching(witnesses: readonly Witness[]): typeof fetch {
  return async (url, init) => {
    const host = new URL(String(url)).host;
    const witness = witnesses.find(({ name }) => host === `${name}.example`);
    assert.ok(witness);
    const { status, body, type } = await witness.answer(new Uint8Array(init?.body as Bytes));
    return new Response(body, { status, headers: { 'content-type': type } });
  };
}

export function setUp(
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

export async function opened(note: string | undefined, witnesses: readonly Witness[]) {
  const trust = { ...trustIn(keys), witnesses: witnesses.map(({ vkey }) => vkey) };
  return (await openCheckpoint(utf8(note ?? ''), trust)).cosigned.map(({ name }) => name).sort();
}
