/** C2SP signed-note: a text and the signatures under it. Nothing here is verified; `checkpoint.ts` does that. */
import { type Bytes, base64, concat, fromBase64, fromUtf8, hex, utf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { sha256 } from './sha256.ts';

/** The key id is 8 lower-case hexadecimal digits: a hint which key to try, not a strong hash. */
export type NoteSignature = { readonly name: string; readonly keyId: string; readonly signature: Bytes };

/** `text` ends with a newline and is what is signed. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

/** Signature types (C2SP signed-note and tlog-cosignature). */
export const ed25519Type = 0x01;
export const cosignatureType = 0x04;
/** Also how a log signs its own checkpoint with ML-DSA-44 (tlog-checkpoint, Signatures). */
export const mlDsa44Type = 0x06;
export type SignatureType = typeof ed25519Type | typeof cosignatureType | typeof mlDsa44Type;

/** A key that somebody trusts. `keyId` always follows from the rest. */
export type Vkey = {
  readonly name: string;
  readonly keyId: string;
  readonly type: SignatureType;
  readonly publicKey: Bytes;
};

const sizeLimit = 1024 * 1024;
const signatureLimit = 100;
const signatureLine = /^— ([^ ]+) ([^ ]+)$/u;
const badName = /[\p{White_Space}+]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these.
const controls = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * Accepts up to 1 MiB and 100 signatures (16 are asked for).
 * @throws note.malformed, text.not-utf8
 */
export function parseNote(bytes: Bytes): Note {
  if (bytes.length > sizeLimit) throw new Refusal('note.malformed', { detail: 'at most 1 MiB' });
  const all = fromUtf8(bytes);
  if (controls.test(all)) throw new Refusal('note.malformed', { detail: 'a control character' });
  // The text may hold empty lines: the last one separates (signed-note, Format).
  const split = all.lastIndexOf('\n\n');
  if (split < 0) throw new Refusal('note.malformed', { detail: 'no empty line before the signatures' });
  return { text: all.slice(0, split + 1), signatures: parseSignatures(all.slice(split + 2)) };
}

/**
 * Signature lines alone, as a witness answers with.
 * @throws note.malformed
 */
export function parseSignatures(lines: string): NoteSignature[] {
  if (!lines.endsWith('\n')) throw new Refusal('note.malformed', { detail: 'no newline at the end' });
  const each = lines.slice(0, -1).split('\n', signatureLimit + 1);
  if (each.length > signatureLimit) throw new Refusal('note.malformed', { detail: 'at most 100 signatures' });
  return each.map(parseSignature);
}

function parseSignature(line: string, number: number): NoteSignature {
  const [, name, encoded] = signatureLine.exec(line) ?? [];
  const blob = encoded === undefined ? null : fromBase64(encoded);
  if (name === undefined || !isName(name) || blob === null || blob.length < 5) {
    throw new Refusal('note.malformed', { at: `signature ${number + 1}` });
  }
  return { name, keyId: hex(blob.subarray(0, 4)), signature: blob.slice(4) };
}

/** @throws note.malformed when it would not be a note */
export function formatNote(text: string, signatures: readonly NoteSignature[]): Bytes {
  if (!text.endsWith('\n') || controls.test(text) || signatures.length === 0) {
    throw new Refusal('note.malformed', {
      detail: 'whole lines without control characters, and a signature',
    });
  }
  return utf8(`${text}\n${formatSignatures(signatures)}`);
}

export function formatSignatures(signatures: readonly NoteSignature[]): string {
  return signatures.map(formatSignature).join('');
}

function formatSignature({ name, keyId, signature }: NoteSignature): string {
  if (!isName(name)) throw new Refusal('note.malformed', { detail: 'a name of a key' });
  return `— ${name} ${base64(concat(idBytes(keyId), signature))}\n`;
}

/** The key id as signatures and vkeys carry it. */
export function keyId(name: string, type: SignatureType, publicKey: Uint8Array): string {
  return hex(sha256(utf8(`${name}\n`), Uint8Array.of(type), publicKey).subarray(0, 4));
}

/** @throws vkey.malformed */
export function vkeyOf(name: string, type: SignatureType, publicKey: Bytes): Vkey {
  if (!isName(name)) throw new Refusal('vkey.malformed', { detail: 'the name' });
  if (publicKey.length !== (type === mlDsa44Type ? 1312 : 32)) {
    throw new Refusal('vkey.malformed', { detail: 'the length of the key' });
  }
  return { name, keyId: keyId(name, type, publicKey), type, publicKey };
}

/** `<name>+<key id>+<base64(type ‖ public key)>` */
export function formatVkey({ name, keyId: id, type, publicKey }: Vkey): string {
  return `${name}+${id}+${base64(concat(Uint8Array.of(type), publicKey))}`;
}

/**
 * Types 0x01, 0x04 and 0x06 only. A key id that does not follow from the rest is a slip of the pen, and refused.
 * @throws vkey.malformed
 */
export function parseVkey(text: string): Vkey {
  // A name has no plus sign, base64 may have.
  const [name, id] = text.split('+', 2);
  if (name === undefined || id === undefined) throw new Refusal('vkey.malformed');
  const [type, ...key] = fromBase64(text.slice(name.length + id.length + 2)) ?? [];
  if (!isType(type)) throw new Refusal('vkey.malformed', { detail: 'the type' });
  const vkey = vkeyOf(name, type, Uint8Array.from(key));
  if (vkey.keyId !== id)
    throw new Refusal('vkey.malformed', { detail: `the key id should be ${vkey.keyId}` });
  return vkey;
}

/** Name and id both: one of them alone is some other key (signed-note, Signatures). */
export function isBy(signature: Pick<NoteSignature, 'name' | 'keyId'>, vkey: Vkey): boolean {
  return signature.name === vkey.name && signature.keyId === vkey.keyId;
}

/** The signature of a key, ready to go under a note. */
export function signedBy({ name, keyId: id }: Vkey, signature: Bytes): NoteSignature {
  return { name, keyId: id, signature };
}

function isType(type: number | undefined): type is SignatureType {
  return type === ed25519Type || type === cosignatureType || type === mlDsa44Type;
}

function isName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !badName.test(name) && !controls.test(name);
}

function idBytes(id: string): Bytes {
  if (!/^[0-9a-f]{8}$/.test(id)) throw new Refusal('note.malformed', { detail: 'a key id' });
  return Uint8Array.from(id.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
