/** A witness's key: Ed25519 (cosignature type 0x04) or ML-DSA-44 (0x06), in a file for its owner only. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import { type Bytes, base64, fromBase64 } from '@parley/core/bytes.ts';
import {
  type Checkpoint,
  cosignatureMessage,
  formatTimestamped,
  subtreeMessage,
} from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import {
  cosignatureType,
  mlDsa44Type,
  type NoteSignature,
  signedBy,
  type Vkey,
  vkeyOf,
} from '@parley/core/note.ts';
import { checked, load, refuseOpenMode, save } from '../home.ts';

/** C2SP tlog-cosignature, and what node:crypto calls them. */
export const keyTypes = ['ed25519', 'ml-dsa-44'] as const;
export type KeyType = (typeof keyTypes)[number];

interface KeyFile {
  readonly format: 'parley-witness/1';
  readonly name: string;
  readonly type: KeyType;
  readonly pkcs8: string;
}

export interface WitnessKey {
  readonly vkey: Vkey;
  /** @param time seconds since 1970 @throws signature.invalid for what this type of key cannot cover */
  readonly cosign: (text: string, checkpoint: Checkpoint, time: number) => NoteSignature;
}

function fileIn(dir: string): string {
  return join(dir, 'witness.json');
}

/** @throws store.present, vkey.malformed when the name cannot be one */
export function createWitnessKey(dir: string, name: string, type: KeyType): WitnessKey {
  if (load(fileIn(dir)) !== null)
    throw new Refusal('store.present', {
      at: dir,
      detail: 'a witness keeps one key; name another directory',
    });
  const { privateKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ml-dsa-44');
  const key = witnessKey(name, type, privateKey);
  const pkcs8 = base64(privateKey.export({ type: 'pkcs8', format: 'der' }));
  save(fileIn(dir), { format: 'parley-witness/1', name, type, pkcs8 } satisfies KeyFile);
  return key;
}

/** @throws store.absent, file.unreadable */
export function loadWitnessKey(dir: string): WitnessKey {
  const path = fileIn(dir);
  const value = load(path);
  if (value === null)
    throw new Refusal('store.absent', { at: dir, detail: '"parley witness init" makes one' });
  refuseOpenMode(path);
  const file = checked<KeyFile>(value, path, { texts: ['format', 'name', 'type', 'pkcs8'] });
  const der = fromBase64(file.pkcs8);
  if (!der || !keyTypes.includes(file.type))
    throw new Refusal('file.unreadable', { at: path, detail: 'not a key that parley makes' });
  return witnessKey(
    file.name,
    file.type,
    createPrivateKey({ key: Buffer.from(der), type: 'pkcs8', format: 'der' }),
  );
}

function witnessKey(name: string, type: KeyType, privateKey: KeyObject): WitnessKey {
  const ed25519 = type === 'ed25519';
  const vkey = vkeyOf(
    name,
    ed25519 ? cosignatureType : mlDsa44Type,
    rawPublic(privateKey, ed25519 ? 32 : 1312),
  );
  return {
    vkey,
    cosign(text, { origin, size, root }, time) {
      const message = ed25519
        ? cosignatureMessage(text, time)
        : subtreeMessage({ cosigner: name, time, origin, start: 0, end: size, root });
      return signedBy(vkey, formatTimestamped(time, sign(null, message, privateKey)));
    },
  };
}

/** The key is the end of its SubjectPublicKeyInfo (RFC 8410, 4; RFC 9881, 4). */
function rawPublic(privateKey: KeyObject, length: number): Bytes {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return new Uint8Array(spki.subarray(spki.length - length));
}
