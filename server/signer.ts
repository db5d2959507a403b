/** The key of the centre's own device, in a file that its owner alone can read. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { fingerprint } from '@parley/core/keys.ts';
import type { Signer } from '@parley/core/statement.ts';

/** @throws store.present */
export function createSigner(path: string): Signer {
  const key = generateKeyPairSync('ed25519').privateKey;
  try {
    writeFileSync(path, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new Refusal('store.present', { at: path, cause });
  }
  return signerOf(key);
}

/** @throws file.unreadable */
export async function loadSigner(path: string): Promise<Signer> {
  try {
    return signerOf(createPrivateKey(readFileSync(path)));
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: path, cause });
  }
}

function signerOf(key: KeyObject): Signer {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const publicKey: Bytes = new Uint8Array(Buffer.from(x ?? '', 'base64url'));
  return {
    device: fingerprint(publicKey),
    publicKey,
    sign: (message) =>
      new Promise((resolve, reject) => {
        sign(null, message, key, (error, signature) =>
          error ? reject(error) : resolve(new Uint8Array(signature)),
        );
      }),
  };
}
