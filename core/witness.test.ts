import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Bytes, base64, fromBase64, utf8 } from './bytes.ts';
import { type Code, Refusal } from './errors.ts';
import { consistencyProof, hashLeaf, nodesOf, rootFrom } from './merkle.ts';
import {
  admitCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
  readWitnessReply,
  refusedCheckpoint,
} from './witness.ts';

type Vector = { name: string; body: string; old: number; proof?: string[]; note: string; code?: string };
const file = new URL('../vectors/log/witness.json', import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'));

for (const vector of vectors) {
  test(`vector: ${vector.name}`, () => {
    if (vector.proof === undefined) {
      assert.throws(() => parseAddCheckpoint(utf8(vector.body)), { code: vector.code });
      return;
    }
    const request = parseAddCheckpoint(utf8(vector.body));
    const proof = vector.proof.map((hash) => fromBase64(hash) as Bytes);
    assert.deepEqual(request, { old: vector.old, proof, note: utf8(vector.note) });
    assert.deepEqual(formatAddCheckpoint(request), utf8(vector.body));
  });
}

test('a body over the limit, and one that is not UTF-8', () => {
  assert.throws(() => parseAddCheckpoint(new Uint8Array(2 ** 21 + 1)), { code: 'body.too-large' });
  assert.throws(() => parseAddCheckpoint(Uint8Array.of(0xff)), { code: 'text.not-utf8' });
});

const nodes = nodesOf(Array.from({ length: 20 }, (_, i) => hashLeaf(Uint8Array.of(i))));
const root = (size: number) => rootFrom(size, nodes);
const checkpoint = (size: number) => ({ origin: 'centre.example/log', size, root: root(size) });
const proof = (old: number, size: number) => consistencyProof(old, size, nodes);
const now = 1_793_000_000_999;
const statusOf = (...args: Parameters<typeof admitCheckpoint>) => admitCheckpoint(...args).status;

test('200: the first checkpoint, a larger one, the same again, an empty tree', () => {
  assert.deepEqual(admitCheckpoint({ old: 0, proof: [], checkpoint: checkpoint(7) }, null, now), {
    status: 200,
    keep: { size: 7, root: root(7) },
    time: 1_793_000_000,
  });
  const known = { size: 7, root: root(7) };
  assert.equal(statusOf({ old: 7, proof: proof(7, 20), checkpoint: checkpoint(20) }, known, now), 200);
  assert.equal(statusOf({ old: 7, proof: [], checkpoint: checkpoint(7) }, known, now), 200);
  assert.equal(statusOf({ old: 0, proof: [], checkpoint: checkpoint(0) }, null, now), 200);
});

test('400: old is larger than the checkpoint', () => {
  const known = { size: 9, root: root(9) };
  assert.equal(statusOf({ old: 9, proof: [], checkpoint: checkpoint(7) }, known, now), 400);
});

test('409: the witness knows another size, and says which', () => {
  const known = { size: 9, root: root(9) };
  const request = { old: 7, proof: proof(7, 20), checkpoint: checkpoint(20) };
  assert.deepEqual(admitCheckpoint(request, known, now), { status: 409, size: 9, body: '9\n' });
  assert.deepEqual(admitCheckpoint(request, null, now), { status: 409, size: 0, body: '0\n' });
  const first = { old: 0, proof: [], checkpoint: checkpoint(20) };
  assert.equal(statusOf(first, known, now), 409);
});

test('409: the second of two requests that start from the same size', () => {
  const from = { size: 7, root: root(7) };
  const first = admitCheckpoint({ old: 7, proof: proof(7, 20), checkpoint: checkpoint(20) }, from, now);
  assert.equal(first.status, 200);
  const stored = first.status === 200 ? first.keep : null;
  const second = { old: 7, proof: proof(7, 9), checkpoint: checkpoint(9) };
  assert.deepEqual(admitCheckpoint(second, stored, now), { status: 409, size: 20, body: '20\n' });
});

test('422: a proof that fails, or is given where none may be', () => {
  const known = { size: 7, root: root(7) };
  const other = { ...checkpoint(7), root: root(8) };
  const cases: [Parameters<typeof admitCheckpoint>[0], Parameters<typeof admitCheckpoint>[1]][] = [
    [{ old: 7, proof: proof(7, 20).slice(1), checkpoint: checkpoint(20) }, known],
    [{ old: 7, proof: proof(7, 20), checkpoint: { ...checkpoint(20), root: root(19) } }, known],
    [
      { old: 7, proof: proof(7, 20), checkpoint: checkpoint(20) },
      { size: 7, root: root(8) },
    ],
    [{ old: 7, proof: [], checkpoint: other }, known],
    [{ old: 7, proof: [root(1)], checkpoint: checkpoint(7) }, known],
    [{ old: 0, proof: [root(1)], checkpoint: checkpoint(20) }, null],
    [{ old: 0, proof: [], checkpoint: { ...checkpoint(0), root: root(1) } }, null],
  ];
  for (const [request, state] of cases) {
    const answer = admitCheckpoint(request, state, now);
    assert.equal(answer.status, 422);
    assert.equal('cause' in answer && answer.cause.code, 'proof.consistency');
  }
});

test('403, 404 and 400, when the checkpoint could not be opened', () => {
  const status = (code: Code) => refusedCheckpoint(new Refusal(code)).status;
  assert.equal(status('checkpoint.origin'), 404);
  assert.equal(status('note.unsigned'), 403);
  assert.equal(status('note.signature'), 403);
  for (const code of ['note.malformed', 'checkpoint.malformed', 'body.malformed', 'text.not-utf8'] as const) {
    assert.equal(status(code), 400);
  }
});

test('a cosignature never has the time 0', () => {
  const request = { old: 0, proof: [], checkpoint: checkpoint(7) };
  for (const time of [0, 999, Number.NaN, -5000]) {
    assert.throws(() => admitCheckpoint(request, null, time), { code: 'fault' });
  }
});

test('what a log makes of the answers', () => {
  const line = `— witness.example/w1 ${base64(new Uint8Array(76))}\n`;
  const read = (status: number, body: string) => readWitnessReply({ status, body }, 7);
  const reply = read(200, line + line);
  assert.equal(reply.kind === 'cosigned' && reply.signatures.length, 2);
  assert.throws(() => read(200, 'thanks'), { code: 'note.malformed' });
  assert.deepEqual(read(409, '9\n'), { kind: 'knows', size: 9 });
  assert.deepEqual(read(409, '0\n'), { kind: 'knows', size: 0 });
  for (const status of [400, 403, 404, 500]) assert.deepEqual(read(status, ''), { kind: 'refused', status });
});

test('another history is a conflict, in v1.0.0 and since July 2026', () => {
  const conflict = { code: 'witness.conflict' };
  assert.throws(() => readWitnessReply({ status: 422, body: '' }, 7), conflict);
  assert.throws(() => readWitnessReply({ status: 409, body: '7\n' }, 7), conflict);
  assert.throws(() => readWitnessReply({ status: 409, body: '' }, 7), conflict);
  assert.throws(() => readWitnessReply({ status: 409, body: 'conflict\n' }, 7), conflict);
});
