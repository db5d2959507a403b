import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runVectors } from '../tools/vectors/read.ts';
import { type Bytes, base64, concat, fromHex, fromUtf8, utf8 } from './bytes.ts';
import { rootOf } from './merkle.ts';
import {
  checkParts,
  formatPart,
  makePart,
  maxPartBytes,
  maxParts,
  type Part,
  parsePart,
  partLeaf,
  partNumber,
  partOf,
  placeOf,
  recordIndexOf,
} from './parts.ts';
import { sha256 } from './sha256.ts';
import { parseStix } from './stix.ts';

runVectors<{ line: string; salt: string; bytes: string }>('parts/lines.json', ({ line, salt, bytes }) => {
  const part = parsePart(utf8(line), '/parts/0');
  assert.equal(base64(part.salt), salt);
  assert.equal(fromUtf8(part.bytes), bytes);
  assert.equal(fromUtf8(formatPart(part)), line);
});

runVectors<{ line: string; hashed: string; leaf: string }>('parts/leaves.json', ({ line, hashed, leaf }) => {
  assert.equal(base64(partLeaf(parsePart(utf8(line), '/parts/0'))), leaf);
  assert.equal(base64(sha256(fromHex(hashed))), leaf);
});

runVectors<{ lines: string[]; leaves: string; root: string }>(
  'parts/trees.json',
  ({ lines, leaves, root }) => {
    const found = lines.map((line, n) => partLeaf(parsePart(utf8(line), `/parts/${n}`)));
    assert.equal(base64(concat(...found)), leaves);
    assert.equal(base64(rootOf(found)), root);
  },
);

runVectors<{ line: string }>('parts/not-json.json', ({ line }) => {
  parseStix(parsePart(utf8(line), '/parts/0').bytes, '/parts/0');
});

const random = (length: number): Bytes => new Uint8Array(length).fill(9);
const url = (n: number): object => ({
  type: 'url',
  id: `url--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
});
const declare = (parts: readonly Part[]) => ({
  count: parts.length,
  root: base64(rootOf(parts.map(partLeaf))),
});
const share = (parts: readonly Part[], declared = declare(parts)) =>
  checkParts('share/1', declared, parts, undefined);

test('a part number tells record and place', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.nat(maxParts - 1), (index, n) => {
      const part = partNumber(index, n);
      assert.deepEqual([placeOf(part), recordIndexOf(part)], [{ index, n }, index]);
    }),
  );
  assert.equal(partNumber(2, 0), partNumber(1, maxParts - 1) + 1);
});

test('a part goes over the wire as it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.json(), (salt, text) => {
      const part = { salt, bytes: utf8(text) };
      assert.deepEqual(parsePart(formatPart(part), '/parts/0'), part);
    }),
  );
});

test('whatever line comes, the answer is a part that gives the same line, or a refusal', () => {
  const start = '{"salt":"AAAAAAAAAAAAAAAAAAAAAA==","part":';
  const line = fc.tuple(fc.constantFrom('', start, start.slice(1)), fc.uint8Array({ maxLength: 20 }));
  fc.assert(
    fc.property(line, fc.constantFrom('', '}'), ([before, middle], end) => {
      const bytes = concat(utf8(before), middle, utf8(end));
      try {
        assert.deepEqual(formatPart(parsePart(bytes, '/parts/0')), bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'part.malformed');
      }
    }),
  );
});

test('a statement holds 256 parts and not one more', () => {
  const parts = Array.from({ length: maxParts + 1 }, (_, n) => makePart(url(n), random));
  assert.equal(share(parts.slice(0, maxParts)).objects.length, maxParts);
  assert.throws(() => share(parts), { code: 'parts.too-many' });
});

test('a statement holds 1 MiB of parts and not one byte more, salts not counted', () => {
  const filled = (size: number): Part => {
    const empty = JSON.stringify({ ...url(1), value: '' }).length;
    return makePart({ ...url(1), value: 'x'.repeat(size - empty) }, random);
  };
  assert.equal(share([filled(maxPartBytes)]).objects.length, 1);
  assert.throws(() => share([filled(maxPartBytes + 1)]), { code: 'parts.too-large' });
});

test('number and root are those of the header', () => {
  const parts = [1, 2].map((n) => makePart(url(n), random));
  assert.throws(() => share(parts, { ...declare(parts), count: 1 }), { code: 'parts.count' });
  assert.throws(() => share(parts.toReversed(), declare(parts)), { code: 'parts.root' });
  assert.throws(() => checkParts('room.leave/1', undefined, parts, undefined), { code: 'parts.count' });
});

test('line feeds between tokens become spaces, and none gets in', () => {
  const pretty = JSON.stringify(url(1), null, 2);
  const part = partOf(utf8(pretty), random);
  assert.deepEqual(JSON.parse(fromUtf8(part.bytes)), url(1));
  assert.equal(part.bytes.includes(0x0a), false);
  assert.throws(() => share([{ salt: random(16), bytes: utf8(pretty) }]), { code: 'part.malformed' });
});
