/**
 * `vault.json`: the data key of a folder, wrapped by the key that is kept apart. Rotating the outer key writes this
 * one file anew and nothing else.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type Bytes, base64, concat, fromBase64, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { z } from 'zod';
import { Vault } from './vault.ts';
import { writeWhole } from './whole-file.ts';
import { nonceLength, Xaes } from './xaes.ts';

const schema = z.strictObject({
  format: z.literal('parley-vault/1'),
  /** Of the data key. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** Base64 of nonce ‖ data key ‖ tag. */
  wrapped: z.string().max(200),
});

/** @throws store.present */
export function createVault(path: string, outer: Bytes): Vault {
  if (existsSync(path)) throw new Refusal('store.present', { at: path });
  const vault = Vault.make();
  saveVault(path, vault, outer);
  return vault;
}

/** Over what is there, whole or not at all. */
export function saveVault(path: string, vault: Vault, outer: Bytes): void {
  const nonce = randomBytes(nonceLength);
  const wrapped = base64(concat(nonce, new Xaes(outer).seal(nonce, vault.key, boundTo(vault.id))));
  const content = { format: 'parley-vault/1', id: vault.id, wrapped };
  writeWhole(path, utf8(`${JSON.stringify(content, null, 2)}\n`));
}

/** @throws encryption.wrong-key, file.unreadable */
export function openVault(path: string, outer: Bytes): Vault {
  const { id, wrapped } = contentOf(path);
  const bytes = fromBase64(wrapped);
  if (!bytes) throw new Refusal('file.unreadable', { at: path, detail: 'the wrapped key is not Base64' });
  let key: Bytes;
  try {
    key = new Xaes(outer).open(bytes.subarray(0, nonceLength), bytes.subarray(nonceLength), boundTo(id));
  } catch (cause) {
    throw new Refusal('encryption.wrong-key', { at: path, cause });
  }
  const vault = new Vault(key);
  if (vault.id !== id) throw new Refusal('store.corrupt', { at: path, detail: 'it names another data key' });
  return vault;
}

function contentOf(path: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: path, detail: 'not a wrapped data key', cause });
  }
}

function boundTo(id: string): Bytes {
  return utf8(`parley/vault/v1\n${id}`);
}
