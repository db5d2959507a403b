/** The key of the centre's own device, in a file that its owner alone can read. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { fingerprint } from '@parley/core/keys.ts';
import type { Signer } from '@parley/core/statement.ts';
import type { Vault } from './vault/vault.ts';
import { createSealed, openedFile } from './vault/whole-file.ts';

/** @throws store.present */
export function createSigner(path: string, vault: Vault | null = null): Signer {
  const key = generateKeyPairSync('ed25519').privateKey;
  createSealed(path, utf8(key.export({ format: 'pem', type: 'pkcs8' }).toString()), vault);
  return signerOf(key);
}

/** @throws file.unreadable, encryption.needed */
export async function loadSigner(path: string, vault: Vault | null = null): Promise<Signer> {
  return signerOf(loadKey(path, vault));
}

/**
 * What all instances of a centre know and nobody else: 32 bytes for each use.
 * @throws file.unreadable, encryption.needed
 */
export function loadSecrets(path: string, vault: Vault | null = null): (use: string) => Bytes {
  const key = loadKey(path, vault).export({ format: 'der', type: 'pkcs8' });
  return (use) => new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `parley/${use}/v1`, 32));
}

function loadKey(path: string, vault: Vault | null): KeyObject {
  const pem = Buffer.from(openedFile(path, vault));
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: path, cause });
  }
}

export function signerOf(key: KeyObject): Signer {
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
