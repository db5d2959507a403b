import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVectors, runVectors } from '../tools/vectors/read.ts';
import { base64, concat, uint64, utf8 } from './bytes.ts';
import type { Json } from './json.ts';
import { commitment, parseRecord, type RecordJson, recordJson, recordLeaf } from './record.ts';
import { sha256 } from './sha256.ts';
import { parseStatement } from './statement.ts';

interface CommitmentVector {
  readonly envelope: Json;
  readonly record: RecordJson;
  readonly commitment: string;
  readonly leaf: string;
}

runVectors<CommitmentVector>('receipt/commitments.json', (vector) => {
  const record = parseRecord(vector.record);
  const { envelope } = parseStatement(vector.envelope);
  const entry = commitment(record, envelope);
  assert.equal(base64(entry), vector.commitment);
  assert.equal(base64(recordLeaf(entry)), vector.leaf);
  assert.equal(base64(sha256(concat(Uint8Array.of(0), entry))), vector.leaf);
  assert.deepEqual(recordJson(record), vector.record);
});

test('a commitment is the hash of these bytes in this order', () => {
  for (const { envelope: value, record, commitment: expected } of readVectors<CommitmentVector>(
    'receipt/commitments.json',
  )) {
    const { payload, signature } = parseStatement(value).envelope;
    const { nonce, instant, span } = parseRecord(record);
    const bytes = concat(
      utf8('parley/record/v1\n'),
      nonce,
      uint64(instant),
      uint64(span),
      payload,
      signature,
    );
    assert.equal(base64(sha256(bytes)), expected);
  }
});

test('fields of a record are whole numbers, and the nonce has 32 bytes', () => {
  const record = { index: 0, instant: 1, span: 1, nonce: base64(new Uint8Array(32)) };
  assert.equal(parseRecord(record).span, 1);
  for (const wrong of [
    { index: -1 },
    { index: 0.5 },
    { instant: -1 },
    { instant: 2 ** 53 },
    { span: 0 },
    { nonce: '' },
    { nonce: '?' },
  ])
    assert.throws(() => parseRecord({ ...record, ...wrong }), { code: 'receipt.malformed' });
});
