/**
 * The keys of a log. Every reader can check Ed25519; ML-DSA-44 stands when Ed25519 no longer does. They are made
 * once and never change within a log: a new key is a succession.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Bytes, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import {
  type Checkpoint,
  formatCheckpoint,
  formatTimestamped,
  subtreeMessage,
} from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { ed25519Type, formatNote, mlDsa44Type, signedBy, type Vkey, vkeyOf } from '@parley/core/note.ts';

/** Private keys. */
export interface LogKeys {
  readonly ed25519: KeyObject;
  readonly mlDsa44: KeyObject;
}

export function createLogKeys(): LogKeys {
  return {
    ed25519: generateKeyPairSync('ed25519').privateKey,
    mlDsa44: generateKeyPairSync('ml-dsa-44').privateKey,
  };
}

/** Both keys as PEM (PKCS #8) in one file that its owner alone can read. @throws store.present */
export async function saveLogKeys(keys: LogKeys, path: string): Promise<void> {
  const pem = [keys.ed25519, keys.mlDsa44]
    .map((key) => key.export({ format: 'pem', type: 'pkcs8' }))
    .join('');
  const file = await createOnce(path);
  try {
    await file.writeFile(pem);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}

async function createOnce(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw new Refusal('store.present', { at: path });
    throw cause;
  }
}

/** The name of a new file is durable only with its directory. Windows cannot, and need not. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** @throws file.unreadable */
export function loadLogKeys(path: string): LogKeys {
  const keys = readKeys(path);
  const ed25519 = keys.find((key) => key.asymmetricKeyType === 'ed25519');
  const mlDsa44 = keys.find((key) => key.asymmetricKeyType === 'ml-dsa-44');
  if (!ed25519 || !mlDsa44 || keys.length !== 2)
    throw new Refusal('file.unreadable', {
      at: path,
      detail: 'expected an Ed25519 and an ML-DSA-44 key in PEM',
    });
  return { ed25519, mlDsa44 };
}

function readKeys(path: string): KeyObject[] {
  try {
    const blocks =
      readFileSync(path, 'latin1').match(/-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----/g) ?? [];
    return blocks.map((block) => createPrivateKey(block));
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: path, cause });
  }
}

/** What readers trust: the Ed25519 key first. The keys are called as the origin (tlog-checkpoint). */
export function logVkeys(keys: LogKeys, origin: string): [Vkey, Vkey] {
  return [
    vkeyOf(origin, ed25519Type, publicBytes(keys.ed25519, 'x')),
    vkeyOf(origin, mlDsa44Type, publicBytes(keys.mlDsa44, 'pub')),
  ];
}

/** Raw public key, from its JWK (RFC 8037; ML-DSA has `pub`, RFC 9964). */
function publicBytes(key: KeyObject, member: 'x' | 'pub'): Bytes {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(String(jwk[member]), 'base64url'));
}

/**
 * The C2SP note of a checkpoint with both signatures, made in the thread pool: ML-DSA takes half a millisecond.
 * @param time seconds since 1970, at which the log says that this is its newest tree
 */
export async function signCheckpoint(keys: LogKeys, checkpoint: Checkpoint, time: number): Promise<string> {
  const { origin, size, root } = checkpoint;
  const text = formatCheckpoint(checkpoint);
  const message = subtreeMessage({ cosigner: origin, time, origin, start: 0, end: size, root });
  const [ed25519, mlDsa44] = await Promise.all([
    signWith(keys.ed25519, utf8(text)),
    signWith(keys.mlDsa44, message),
  ]);
  const [classic, postQuantum] = logVkeys(keys, origin);
  return fromUtf8(
    formatNote(text, [signedBy(classic, ed25519), signedBy(postQuantum, formatTimestamped(time, mlDsa44))]),
  );
}

function signWith(key: KeyObject, message: Uint8Array): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    sign(null, message, key, (error, signature) =>
      error ? reject(error) : resolve(new Uint8Array(signature)),
    );
  });
}
