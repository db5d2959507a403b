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
import type { LogReader } from './log/ports.ts';
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

/**
 * A folder that was mixed up with another's: nothing would be said by the centre itself, no notice of a recall either.
 * @throws config.value where the log is of another centre, file.unreadable where the key is not its party's
 */
export async function refuseStranger(
  log: LogReader,
  about: { readonly centre: string; readonly device: string; readonly path: string },
): Promise<void> {
  const [first] = await log.range(0, 1);
  if (!first) return;
  const { centre, party } = first.header;
  if (centre !== about.centre)
    throw new Refusal('config.value', { at: 'centre', detail: `the log is that of ${centre}` });
  if (party !== about.device)
    throw new Refusal('file.unreadable', {
      at: about.path,
      detail: `not the key of the party that is ${centre} in its log: give it the centre-key.pem of this centre`,
    });
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
