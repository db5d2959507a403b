/** Small files of a folder: written whole or not at all, and sealed where the folder has a vault. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Bytes, base64, fromBase64, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Vault } from './vault.ts';

const first = 'parley-sealed/1';

/** Readable by its owner only, durable when it returns. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  const file = openSync(beside, 'wx', 0o600);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  syncFolder(dirname(path));
}

/** A new name is durable only with its folder. Windows cannot, and need not. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** What a file with this content holds on the disk: as it is, or sealed under its own name. */
export function sealedFile(path: string, bytes: Uint8Array, vault: Vault | null): Bytes {
  if (!vault) return new Uint8Array(bytes);
  return utf8(`${first}\n${base64(vault.sealer('keys').seal(basename(path), bytes))}\n`);
}

/** A new file, sealed where there is a vault. @throws store.present */
export function createSealed(path: string, bytes: Uint8Array, vault: Vault | null): void {
  if (existsSync(path)) throw new Refusal('store.present', { at: path });
  writeWhole(path, sealedFile(path, bytes, vault));
}

/** Copies are made without keys unless they are asked for: a replica, and a backup. */
function absentText(path: string): string {
  const folder = dirname(path);
  return path.endsWith('.pem')
    ? `this copy of the centre has no keys: put log-keys.pem and centre-key.pem into ${folder}, readable by its owner alone`
    : 'there is no such file';
}

/** @throws file.unreadable, also where a vault finds it plain: then somebody else has put it there */
export function openedFile(path: string, vault: Vault | null): Bytes {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Refusal('file.unreadable', {
      at: path,
      cause,
      ...(absent ? { detail: absentText(path) } : {}),
    });
  }
  const [head, body] = text.toString('latin1').split('\n');
  const isSealed = head === first;
  if (!vault && !isSealed) return new Uint8Array(text);
  const sealed = isSealed ? fromBase64(body ?? '') : null;
  if (!vault) throw new Refusal('encryption.needed', { at: path });
  if (!sealed) throw new Refusal('file.unreadable', { at: path, detail: 'expected a sealed file' });
  return vault.sealer('keys').open(basename(path), sealed);
}
