import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { type Bytes, fromHex, utf8 } from './bytes.ts';
import { verifyEd25519, verifyMlDsa44 } from './ed25519.ts';

/** RFC 8032, 7.1, tests 1 to 3. */
const rfc8032: [key: string, message: string, signature: string][] = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
];

for (const [i, [key, message, signature]] of rfc8032.entries()) {
  test(`RFC 8032, test ${i + 1}`, async () => {
    await verifyEd25519(fromHex(key), fromHex(message), fromHex(signature));
    await assert.rejects(verifyEd25519(fromHex(key), utf8('other'), fromHex(signature)), {
      code: 'signature.invalid',
    });
  });
}

test('lengths are checked before anything else', async () => {
  const [key, message, signature] = (rfc8032[0] as [string, string, string]).map(fromHex);
  const check = (k?: Bytes, s?: Bytes) => verifyEd25519(k as Bytes, message as Bytes, s as Bytes);
  await assert.rejects(check(key?.slice(1), signature), { code: 'key.malformed' });
  await assert.rejects(check(key, signature?.slice(1)), { code: 'signature.invalid' });
  await assert.rejects(check(key, new Uint8Array(64)), { code: 'signature.invalid' });
});

test('a key under which everything is valid is refused', async () => {
  const identity = new Uint8Array(32);
  identity[0] = 1;
  const signature = new Uint8Array(64);
  signature[0] = 1;
  await assert.rejects(verifyEd25519(identity, utf8('anything'), signature), { class: 'malformed' });
});

test('more keys than are kept', async () => {
  const [key, message, signature] = (rfc8032[0] as [string, string, string]).map(fromHex);
  for (let i = 0; i < 1100; i++) {
    const other = new Uint8Array(32);
    new DataView(other.buffer).setUint32(0, i + 2);
    await verifyEd25519(other, utf8(''), new Uint8Array(64)).catch(() => {});
  }
  await verifyEd25519(key as Bytes, message as Bytes, signature as Bytes);
});

const pair = generateKeyPairSync('ml-dsa-44');
const publicKey = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-1312));
const message = utf8('a warning');
const signature = new Uint8Array(sign(null, message, pair.privateKey));

test('ML-DSA-44', async () => {
  assert.equal(await verifyMlDsa44(publicKey, message, signature), 'valid');
  const invalid = { code: 'signature.invalid' };
  await assert.rejects(verifyMlDsa44(publicKey, utf8('another'), signature), invalid);
  await assert.rejects(verifyMlDsa44(publicKey, message, signature.slice(1)), invalid);
  await assert.rejects(verifyMlDsa44(publicKey.slice(1), message, signature), { code: 'key.malformed' });
});

test('a platform without ML-DSA-44 says that it did not check', async (t) => {
  const unsupported = [
    new DOMException('Unrecognized algorithm name', 'NotSupportedError'),
    new TypeError("'raw-public' is not a valid enum value of type KeyFormat"),
  ];
  for (const [i, error] of unsupported.entries()) {
    const importKey = t.mock.method(crypto.subtle, 'importKey', async () => {
      throw error;
    });
    const unseen = publicKey.with(0, i);
    assert.equal(await verifyMlDsa44(unseen as Bytes, message, signature), 'not checked');
    await assert.rejects(verifyMlDsa44(publicKey, message, signature.slice(1)), {
      code: 'signature.invalid',
    });
    importKey.mock.restore();
  }
});

test('a fault of the platform is neither valid nor "not checked"', async (t) => {
  t.mock.method(crypto.subtle, 'verify', async () => {
    throw new DOMException('broken', 'OperationError');
  });
  await assert.rejects(verifyMlDsa44(publicKey, message, signature), { name: 'OperationError' });
});
