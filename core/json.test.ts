import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runVectors } from '../tools/vectors/read.ts';
import { type Bytes, fromHex, utf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { parseCanonicalJson, parseJson } from './json.ts';

interface JsonVector {
  readonly text?: string;
  readonly hex?: string;
}

const bytesOf = ({ text, hex }: JsonVector): Bytes => (text === undefined ? fromHex(hex ?? '') : utf8(text));

runVectors<JsonVector>('json/parts.json', (vector) => parseJson(bytesOf(vector)));
runVectors<JsonVector>('json/headers.json', (vector) => parseCanonicalJson(bytesOf(vector)));

test('what JSON.stringify writes is canonical, and read as it was', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const once = JSON.stringify(JSON.parse(text));
      assert.deepEqual(parseCanonicalJson(utf8(once)), JSON.parse(text));
      assert.deepEqual(parseJson(utf8(once)), JSON.parse(text));
    }),
  );
});

test('a key twice is found wherever it stands', () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(key, fc.json({ maxDepth: 3 }), fc.constantFrom('', ' ', '\n'), (name, value, space) => {
      const twice = `${JSON.stringify(name)}${space}:${value}`;
      for (const text of [`{${twice},${space}${twice}}`, `[{"":[{${twice},"${name.length}x":{},${twice}}]}]`])
        assert.throws(() => parseJson(utf8(text)), { code: 'json.duplicate-key' });
    }),
  );
});

test('whatever bytes come, the answer is a value or a refusal', () => {
  const soup = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0d81 -1e\u00e4\ud800'), maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), soup.map(utf8)), (bytes) => {
      for (const parse of [parseJson, parseCanonicalJson]) {
        try {
          parse(bytes);
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test('neither depth nor width of 1 MiB exhausts the stack', () => {
  const deep = utf8('['.repeat(500_000) + ']'.repeat(500_000));
  assert.throws(() => parseJson(deep), { code: 'json.too-deep' });
  assert.throws(() => parseCanonicalJson(deep), { code: 'json.too-deep' });
  const wide = utf8(`["\\n","\\u001f"${',1'.repeat(400_000)}]`);
  assert.equal((parseCanonicalJson(wide) as unknown[]).length, 400_002);
});

test('a refusal never quotes what stood there', () => {
  assert.throws(
    () => parseJson(utf8('{"name":"secret" secret}')),
    (error) => error instanceof Refusal && !error.message.includes('secret'),
  );
});
