/**
 * Who speaks in the vectors. Every key, id and salt is made from a name, and Ed25519 signs the same bytes the
 * same way, so that making the vectors again gives the same files.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { type Bytes, base64, utf8 } from '@parley/core/bytes.ts';
import type { Code } from '@parley/core/errors.ts';
import { fingerprint, pkcs8 } from '@parley/core/keys.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { formatPart, type Part, partLeaf } from '@parley/core/parts.ts';
import { sha256 } from '@parley/core/sha256.ts';
import {
  type EnvelopeJson,
  type Signer,
  signPayload,
  statementType,
  uuidFrom,
} from '@parley/core/statement.ts';

export const centre = 'centre.example';
export const elsewhere = 'elsewhere.example';
export const spokenAt = '2026-11-02T09:00:00.000Z';

export interface Actor extends Signer {
  /** Base64 of the public key. */
  readonly key: string;
  readonly signNow: (message: Uint8Array) => Bytes;
}

/** A key pair made from a name. */
export function actor(name: string): Actor {
  return actorFrom(sha256(utf8(`parley/vector/key/${name}\n`)));
}

export function actorFrom(seed: Uint8Array): Actor {
  const secret = createPrivateKey({ key: Buffer.from(pkcs8(seed)), format: 'der', type: 'pkcs8' });
  const publicKey = rawPublic(secret);
  const signNow = (message: Uint8Array): Bytes => new Uint8Array(sign(null, message, secret));
  return {
    device: fingerprint(publicKey),
    publicKey,
    key: base64(publicKey),
    signNow,
    sign: async (message) => signNow(message),
  };
}

function rawPublic(secret: KeyObject): Bytes {
  return new Uint8Array(createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32));
}

/** The centre's own party, its host, and two guests: each the first key of a party. */
export const machine = actor('centre');
export const host = actor('city');
export const harbour = actor('harbour');
export const embassy = actor('embassy');

export function id(name: string): string {
  return uuidFrom(utf8(`parley/vector/id/${name}\n`));
}

export const room = id('room');

export function saltOf(name: string): Bytes {
  return sha256(utf8(`parley/vector/salt/${name}\n`)).slice(0, 16);
}

/** Parts of JSON texts, with salts made from name and number. */
export function partsOf(name: string, texts: readonly string[]): Part[] {
  return texts.map((text, n) => ({ salt: saltOf(`${name}/${n}`), bytes: utf8(text) }));
}

export function declared(parts: readonly Part[]): { parts?: { count: number; root: string } } {
  if (parts.length === 0) return {};
  return { parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) } };
}

export function lineOf(part: Part): string {
  return Buffer.from(formatPart(part)).toString('utf8');
}

/** A header in the order in which Parley writes it. */
export function header(
  kind: string,
  by: Actor,
  body: object,
  more: { room?: string; parts?: readonly Part[]; name?: string; party?: string; centre?: string } = {},
): Record<string, unknown> {
  return {
    kind,
    centre: more.centre ?? centre,
    ...(more.room === undefined ? {} : { room: more.room }),
    id: id(more.name ?? kind),
    party: more.party ?? by.device,
    device: by.device,
    at: spokenAt,
    body,
    ...declared(more.parts ?? []),
  };
}

export function signed(value: object, by: Actor): Promise<EnvelopeJson> {
  return signPayload(statementType, value, by);
}

export type Example = Record<string, unknown> & { name: string; valid: boolean };

export function good(name: string, input: object): Example {
  return { name, valid: true, ...input };
}

export function bad(name: string, code: Code, at: string | undefined, input: object): Example {
  return { name, valid: false, ...input, code, ...(at === undefined ? {} : { at }) };
}
