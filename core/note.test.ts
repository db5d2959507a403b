import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { utf8 } from './bytes.ts';
import { verifyEd25519 } from './ed25519.ts';
import {
  formatNote,
  formatVkey,
  isBy,
  keyId,
  parseNote,
  parseSignatures,
  parseVkey,
  signedBy,
  vkeyOf,
} from './note.ts';

type NoteVector = {
  name: string;
  note: string;
  vkey: string;
  text?: string;
  signatures: number;
  verifies: boolean;
  code?: string;
};
type VkeyVector = {
  name: string;
  vkey: string;
  type?: number;
  keyName: string;
  keyId: string;
  code?: string;
};
const folder = new URL('../vectors/log/', import.meta.url);
const notes: NoteVector[] = JSON.parse(readFileSync(new URL('note.json', folder), 'utf8'));
const vkeys: VkeyVector[] = JSON.parse(readFileSync(new URL('vkey.json', folder), 'utf8'));

for (const vector of notes) {
  test(`note: ${vector.name}`, async () => {
    if (vector.text === undefined) {
      assert.throws(() => parseNote(utf8(vector.note)), { code: vector.code });
      return;
    }
    const { text, signatures } = parseNote(utf8(vector.note));
    assert.equal(text, vector.text);
    assert.equal(signatures.length, vector.signatures);
    assert.deepEqual(formatNote(text, signatures), utf8(vector.note));
    const vkey = parseVkey(vector.vkey);
    const known = signatures.filter((signature) => isBy(signature, vkey));
    for (const { signature } of known) {
      const run = verifyEd25519(vkey.publicKey, utf8(text), signature);
      await (vector.verifies ? run : assert.rejects(run, { code: 'signature.invalid' }));
    }
    assert.equal(known.length > 0, vector.verifies || vector.name.includes('empty line'));
  });
}

for (const vector of vkeys) {
  test(`vkey: ${vector.name}`, () => {
    if (vector.type === undefined) {
      assert.throws(() => parseVkey(vector.vkey), { code: vector.code });
      return;
    }
    const vkey = parseVkey(vector.vkey);
    assert.equal(formatVkey(vkey), vector.vkey);
    assert.equal(vkey.type, vector.type);
    assert.equal(vkey.name, vector.keyName);
    assert.equal(vkey.keyId, vector.keyId);
    assert.equal(keyId(vkey.name, vkey.type, vkey.publicKey), vector.keyId);
  });
}

test('bytes that are not UTF-8, and more than 1 MiB', () => {
  assert.throws(() => parseNote(Uint8Array.of(0x61, 0xff, 0x0a, 0x0a, 0x0a)), { code: 'text.not-utf8' });
  assert.throws(() => parseNote(utf8('a'.repeat(1024 * 1024 + 1))), { code: 'note.malformed' });
});

test('what is formatted can be read back', () => {
  const letter = fc.constantFrom(...'ab.ž/—\n ');
  const text = fc.string({ unit: letter }).map((words) => `${words}\n`);
  const signature = fc.record({
    name: fc.string({ unit: fc.constantFrom(...'ab.ž/:'), minLength: 1 }),
    keyId: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 8, maxLength: 8 }),
    signature: fc.uint8Array({ minLength: 1, maxLength: 70 }).map((bytes) => new Uint8Array(bytes)),
  });
  fc.assert(
    fc.property(text, fc.array(signature, { minLength: 1, maxLength: 20 }), (words, signatures) => {
      const note = parseNote(formatNote(words, signatures));
      assert.equal(note.text, words);
      assert.deepEqual(
        note.signatures.map((each) => ({ ...each })),
        signatures.map((each) => ({ ...each })),
      );
    }),
  );
});

test('nothing is formatted that could not be read', () => {
  const vkey = vkeyOf('example.com/log', 1, new Uint8Array(32));
  const good = signedBy(vkey, new Uint8Array(64));
  const code = 'note.malformed';
  assert.throws(() => formatNote('no newline', [good]), { code });
  assert.throws(() => formatNote('a\tb\n', [good]), { code });
  assert.throws(() => formatNote('text\n', []), { code });
  assert.throws(() => formatNote('text\n', [{ ...good, name: 'a b' }]), { code });
  assert.throws(() => formatNote('text\n', [{ ...good, keyId: '123' }]), { code });
  assert.throws(() => vkeyOf('a+b', 1, new Uint8Array(32)), { code: 'vkey.malformed' });
  assert.throws(() => vkeyOf('a\u0000b', 1, new Uint8Array(32)), { code: 'vkey.malformed' });
});

test('signature lines alone, as witnesses send them', () => {
  const lines = notes[5]?.note.split('\n\n')[1] ?? '';
  assert.equal(parseSignatures(lines).length, 16);
  assert.throws(() => parseSignatures(''), { code: 'note.malformed' });
  assert.throws(() => parseSignatures('\n'), { code: 'note.malformed' });
});
