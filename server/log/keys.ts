/**
 * The keys of a log. Every reader can check Ed25519; ML-DSA-44 stands when Ed25519 no longer does. They are made
 * once and never change within a log: a new key is a succession.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { type Bytes, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import {
  type Checkpoint,
  formatCheckpoint,
  formatTimestamped,
  subtreeMessage,
} from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import {
  ed25519Type,
  formatNote,
  formatVkey,
  mlDsa44Type,
  signedBy,
  type Vkey,
  vkeyOf,
} from '@parley/core/note.ts';
import type { Vault } from '../vault/vault.ts';
import { createSealed, openedFile, sealedFile, writeWhole } from '../vault/whole-file.ts';

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
export function saveLogKeys(keys: LogKeys, path: string, vault: Vault | null = null): void {
  createSealed(path, pemOf(keys), vault);
}

function pemOf(keys: LogKeys): Bytes {
  return utf8(
    [keys.ed25519, keys.mlDsa44].map((key) => key.export({ format: 'pem', type: 'pkcs8' })).join(''),
  );
}

/** Where they lie. */
export interface KeyFiles {
  readonly logKeys: string;
  readonly nextLogKeys: string;
}

/**
 * The keys of this log. A succession puts the next ones beside the old ones before its record is committed, and over
 * them after it: where it broke off in between, that is done now. Those of a log that has ended are then gone.
 * @param log as the records name it; null while there is none
 * @throws file.unreadable where those at hand are of another log, encryption.needed
 */
export function settledKeys(
  files: KeyFiles,
  vault: Vault | null,
  log: { readonly origin: string; readonly keys: readonly Vkey[] } | null,
): LogKeys {
  if (log === null) return loadLogKeys(files.logKeys, vault);
  const { origin } = log;
  const ofLog = (path: string) => {
    const keys = existsSync(path) ? loadLogKeys(path, vault) : null;
    return keys && sameKeys(logVkeys(keys, origin), log.keys) ? keys : null;
  };
  const [now, next] = [ofLog(files.logKeys), ofLog(files.nextLogKeys)];
  if (!now && !next) {
    // What is wrong with the file itself is said first.
    loadLogKeys(files.logKeys, vault);
    throw new Refusal('file.unreadable', { at: files.logKeys, detail: `not the keys of ${origin}` });
  }
  if (!now && next) writeWhole(files.logKeys, sealedFile(files.logKeys, pemOf(next), vault));
  rmSync(files.nextLogKeys, { force: true });
  return (now ?? next) as LogKeys;
}

function sameKeys(some: readonly Vkey[], others: readonly Vkey[]): boolean {
  return some.map(formatVkey).sort().join('\n') === others.map(formatVkey).sort().join('\n');
}

/** @throws file.unreadable, encryption.needed */
export function loadLogKeys(path: string, vault: Vault | null = null): LogKeys {
  const keys = readKeys(path, vault);
  const ed25519 = keys.find((key) => key.asymmetricKeyType === 'ed25519');
  const mlDsa44 = keys.find((key) => key.asymmetricKeyType === 'ml-dsa-44');
  if (!ed25519 || !mlDsa44 || keys.length !== 2)
    throw new Refusal('file.unreadable', {
      at: path,
      detail: 'expected an Ed25519 and an ML-DSA-44 key in PEM',
    });
  return { ed25519, mlDsa44 };
}

function readKeys(path: string, vault: Vault | null): KeyObject[] {
  const text = Buffer.from(openedFile(path, vault)).toString('latin1');
  try {
    const blocks = text.match(/-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----/g) ?? [];
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
