import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runVectors } from '../tools/vectors/read.ts';
import { base64, base64url, hex, utf8 } from './bytes.ts';
import { parseEnvelope, preAuthEncoding } from './dsse.ts';

interface Encoding {
  readonly payloadType: string;
  readonly payload: string;
  readonly pae: string;
}

runVectors<Encoding>('statements/encodings.json', ({ payloadType, payload, pae }) => {
  assert.equal(hex(preAuthEncoding(payloadType, utf8(payload))), pae);
});

test('the example of the protocol, in the clear', () => {
  const pae = preAuthEncoding('http://example.com/HelloWorld', utf8('hello world'));
  assert.equal(Buffer.from(pae).toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('no two pairs of type and payload are signed alike', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '1', '0'), maxLength: 6 });
  fc.assert(
    fc.property(text, text, text, text, (typeA, a, typeB, b) => {
      if (typeA === typeB && a === b) return;
      assert.notEqual(hex(preAuthEncoding(typeA, utf8(a))), hex(preAuthEncoding(typeB, utf8(b))));
    }),
    { numRuns: 2_000 },
  );
});

test('both alphabets of base64, padded or not, give the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (payload) => {
      for (const spell of [base64, base64url]) {
        const signatures = [{ keyid: 'k', sig: spell(new Uint8Array(64).fill(0xfb)) }];
        const read = parseEnvelope({ payload: spell(payload), payloadType: 't', signatures }, 't');
        assert.deepEqual(read.payload, payload);
        assert.equal(read.signature[63], 0xfb);
      }
    }),
  );
});
