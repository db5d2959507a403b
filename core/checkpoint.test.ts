import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Bytes, base64, fromBase64, hex, utf8 } from './bytes.ts';
import {
  cosignatureMessage,
  formatCheckpoint,
  formatTimestamped,
  openCheckpoint,
  parseCheckpoint,
  parseTimestamped,
  subtreeMessage,
} from './checkpoint.ts';
import { parseVkey } from './note.ts';

type TextVector = {
  name: string;
  text: string;
  origin?: string;
  size: number;
  root: string;
  extended?: boolean;
  code?: string;
};
type SignedVector = {
  name: string;
  note: string;
  origin: string;
  logs: string[];
  witnesses: string[];
  size: number;
  log?: string[];
  cosigned: [string, number][];
  code?: string;
};
type MessageVector = { name: string; message?: string; code?: string } & (
  | { kind: 'cosignature'; text: string; time: number }
  | {
      kind: 'subtree';
      cosigner: string;
      time: number;
      origin: string;
      start: number;
      end: number;
      root: string;
    }
);
const folder = new URL('../vectors/log/', import.meta.url);
const texts: TextVector[] = JSON.parse(readFileSync(new URL('checkpoint.json', folder), 'utf8'));
const signed: SignedVector[] = JSON.parse(readFileSync(new URL('signed-checkpoint.json', folder), 'utf8'));
const messages: MessageVector[] = JSON.parse(readFileSync(new URL('cosignature.json', folder), 'utf8'));

for (const vector of texts) {
  test(`text: ${vector.name}`, () => {
    if (vector.origin === undefined) {
      assert.throws(() => parseCheckpoint(vector.text), { code: vector.code });
      return;
    }
    const checkpoint = parseCheckpoint(vector.text);
    const { origin, size } = vector;
    assert.deepEqual(checkpoint, { origin, size, root: fromBase64(vector.root) });
    assert.equal(formatCheckpoint(checkpoint) === vector.text, vector.extended !== true);
  });
}

const trustOf = ({ origin, logs, witnesses }: SignedVector) => ({
  origin,
  logs: logs.map(parseVkey),
  witnesses: witnesses.map(parseVkey),
});

for (const vector of signed) {
  test(`signed: ${vector.name}`, async () => {
    const opening = openCheckpoint(utf8(vector.note), trustOf(vector));
    if (vector.log === undefined) {
      await assert.rejects(opening, { code: vector.code });
      return;
    }
    const { checkpoint, text, log, cosigned } = await opening;
    assert.equal(checkpoint.origin, vector.origin);
    assert.equal(checkpoint.size, vector.size);
    assert.ok(vector.note.startsWith(`${text}\n—`));
    assert.deepEqual(
      log.map(({ key, result }) => [key.keyId, result]),
      vector.log.map((id) => [id, 'valid']),
    );
    assert.deepEqual(
      cosigned.map(({ name, time }) => [name, time]),
      vector.cosigned,
    );
  });
}

const both = signed.find(({ name }) => name.startsWith('log with both keys')) as SignedVector;

test('what a platform cannot check is said, and does not count as cosigned', async (t) => {
  const importKey = crypto.subtle.importKey.bind(crypto.subtle);
  t.mock.method(crypto.subtle, 'importKey', (...args: Parameters<typeof importKey>) => {
    if (args[2] === 'ML-DSA-44') throw new DOMException('no', 'NotSupportedError');
    return importKey(...args);
  });
  const verify = crypto.subtle.verify.bind(crypto.subtle);
  t.mock.method(crypto.subtle, 'verify', async (...args: Parameters<typeof verify>) => {
    if (args[0] === 'ML-DSA-44') throw new DOMException('no', 'NotSupportedError');
    return verify(...args);
  });
  const { log, cosigned } = await openCheckpoint(utf8(both.note), trustOf(both));
  assert.deepEqual(
    log.map(({ result }) => result),
    ['valid', 'not checked'],
  );
  assert.equal(cosigned.length, 2);
});

test('changing any byte of the text or of a known signature spoils the note', async () => {
  const bytes = utf8(both.note);
  for (let at = 0; at < bytes.length; at += 97) {
    const changed = bytes.with(at, (bytes[at] as number) ^ 1) as Bytes;
    const run = openCheckpoint(changed, trustOf(both)).then(
      ({ log, cosigned }) => log.length + cosigned.length,
    );
    // A changed name or key id makes the line that of an unknown key, so at most the line is lost.
    const found = await run.catch(() => 0);
    assert.ok(found < 5, `byte ${at}`);
  }
});

for (const vector of messages) {
  test(`message: ${vector.name}`, () => {
    const make = () =>
      vector.kind === 'cosignature'
        ? cosignatureMessage(vector.text, vector.time)
        : subtreeMessage({ ...vector, root: fromBase64(vector.root) as Bytes });
    if (vector.message === undefined) assert.throws(make, { code: vector.code });
    else assert.equal(hex(make()), vector.message);
  });
}

test('nothing is formatted that could not be read', () => {
  const root = new Uint8Array(32);
  const code = 'checkpoint.malformed';
  assert.throws(() => formatCheckpoint({ origin: '', size: 1, root }), { code });
  assert.throws(() => formatCheckpoint({ origin: 'a\nb', size: 1, root }), { code });
  assert.throws(() => formatCheckpoint({ origin: 'a', size: -1, root }), { code });
  assert.throws(() => formatCheckpoint({ origin: 'a', size: 2 ** 53, root }), { code });
  assert.throws(() => formatCheckpoint({ origin: 'a', size: 1, root: root.slice(1) }), { code });
  assert.equal(
    formatCheckpoint({ origin: 'a', size: Number.MAX_SAFE_INTEGER, root }),
    `a\n9007199254740991\n${base64(root)}\n`,
  );
});

test('a time and a signature, as one', () => {
  const blob = formatTimestamped(1_793_000_000, Uint8Array.of(1, 2));
  assert.deepEqual(parseTimestamped(blob), { time: 1_793_000_000, signature: Uint8Array.of(1, 2) });
});
