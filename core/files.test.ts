import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runVectors } from '../tools/vectors/read.ts';
import { checkVectorHeader, type VectorHeader } from '../tools/vectors/wire.ts';
import { type Bytes, base64, concat, fromBase64, fromUtf8, utf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { LeafHash, verifiedFile } from './files.ts';
import { checkParts, filePart, formatPart, parsePart, partLeaf } from './parts.ts';
import { parseReceipt, receiptJson, verifyPart } from './receipt.ts';
import { fileAt, filesOf, handlingOf } from './statement.ts';

runVectors<{ line: string; salt: string; leaf: string }>('files/lines.json', ({ line, salt, leaf }) => {
  const part = parsePart(utf8(line), '/parts/0');
  assert.deepEqual([base64(part.salt), base64(partLeaf(part)), part.bytes.length], [salt, leaf, 0]);
  assert.equal(fromUtf8(formatPart(part)), line);
});

const bytesOf = (text: string) => fromBase64(text) as Bytes;

runVectors<{ salt: string; bytes: string; leaf: string }>('files/leaves.json', ({ salt, bytes, leaf }) => {
  const whole = bytesOf(bytes);
  for (const size of [1, 7, whole.length]) {
    const hash = new LeafHash(bytesOf(salt));
    for (let i = 0; i < whole.length; i += size) hash.update(whole.subarray(i, i + size));
    assert.equal(hash.size, whole.length);
    assert.equal(base64(hash.digest()), leaf);
  }
  assert.equal(base64(partLeaf({ salt: bytesOf(salt), bytes: whole })), leaf);
});

runVectors<{ header: VectorHeader; parts: string[] }>('files/shares.json', ({ header, parts }) => {
  const read = checkVectorHeader(header);
  const lines = parts.map((line, n) => parsePart(utf8(line), `/parts/${n}`));
  const { leaves, objects } = checkParts(read.kind, read.parts, lines, handlingOf(read), filesOf(read));
  assert.equal(leaves.length, lines.length);
  assert.equal(objects.length + filesOf(read).length, lines.length);
  for (const [n, line] of lines.entries()) assert.equal(fileAt(read, n) !== null, line.file !== undefined);
});

const salt = new Uint8Array(16).fill(9);
const bytes = utf8('Gate 4 opens at noon');
const leaf = new LeafHash(salt).update(bytes).digest();
const entry = { n: 0, size: bytes.length };

async function* pieces(...all: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

async function taken(source: AsyncIterable<Uint8Array>, about = entry): Promise<Uint8Array> {
  const got: Uint8Array[] = [];
  for await (const piece of verifiedFile(source, salt, leaf, about)) got.push(piece);
  return concat(...got);
}

test('a file proves what was said while it comes, and not before its end', async () => {
  const [first, second] = [bytes.subarray(0, 5), bytes.subarray(5)];
  assert.deepEqual(await taken(pieces(first, second)), bytes);
  const lies: [AsyncIterable<Uint8Array>, string][] = [
    [pieces(first), 'parts.root'],
    [pieces(second, first), 'parts.root'],
    [pieces(), 'parts.root'],
    [pieces(first, second, first), 'parts.too-large'],
  ];
  for (const [source, code] of lies)
    await assert.rejects(taken(source), (error: unknown) => error instanceof Refusal && error.code === code);
});

test('a receipt brings the salt of a file, and says nothing of it without the file', () => {
  const json = { n: 1, salt: base64(salt) };
  const empty = filePart(new Uint8Array(0), leaf);
  const parts = new Map([
    [0, empty],
    [1, filePart(salt, leaf)],
  ]);
  const record = { index: 0, instant: 0, span: 1, nonce: new Uint8Array(32) };
  const envelope = { payload: utf8('{}'), payloadType: 'x', keyid: '', signature: new Uint8Array(64) };
  const about = { record, leaves: [leaf, leaf], parts, proof: '', chain: [] };
  const written = receiptJson({ ...about, statement: { envelope, header: {} as never } });
  assert.deepEqual(written.parts, [json]);
  verifyPart([leaf], 0, { salt, bytes });
  assert.throws(() => verifyPart([leaf], 0, { salt, bytes: utf8('another') }));
  assert.throws(() => parseReceipt(utf8('{"parts":[{"n":1,"salt":"x","bytes":null}]}')));
});
