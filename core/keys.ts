/** Keys, their fingerprints, and the seeds of invitations. */
import { type Bytes, concat, fromBase64, hex, utf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { sha256 } from './sha256.ts';

/** 64 lower-case hexadecimal digits: SHA-256(`parley/key/v1\n` ‖ 32-byte Ed25519 public key). */
export type DeviceId = string;
/** The fingerprint of the party's first key. */
export type PartyId = string;

export const fingerprintPattern = /^[0-9a-f]{64}$/;

export function fingerprint(publicKey: Uint8Array): DeviceId {
  return hex(sha256(utf8('parley/key/v1\n'), publicKey));
}

/** In groups of four, as people compare it by telephone. */
export function spoken(id: PartyId): string {
  return id.match(/.{4}/g)?.join(' ') ?? id;
}

/** 32 bytes of an Ed25519 public key from base64. @throws key.malformed */
export function publicKeyFrom(text: string, at?: string): Bytes {
  const key = fromBase64(text);
  if (key?.length !== 32) throw new Refusal('key.malformed', at === undefined ? {} : { at });
  return key;
}

/**
 * The secret that invites a party is the seed of a key pair. The invitation statement names its public key, and
 * who joins signs its own first key with it: so the centre never learns the code, and every verifier can check
 * that the party that joined is the one that was given it.
 */
export function invitationSeed(code: string): Bytes {
  return sha256(utf8('parley/invitation/v1\n'), utf8(normalCode(code)));
}

/** Codes are read aloud and typed: case, spaces and hyphens do not count, and I, L, O mean 1, 1, 0. */
export function normalCode(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 25 characters of Crockford's base 32, 125 bits, in groups of five. */
export function invitationCode(random: Uint8Array): string {
  const chars = Array.from(random.subarray(0, 25), (byte) => alphabet[byte & 31]).join('');
  return chars.match(/.{5}/g)?.join('-') ?? chars;
}

const recoveryStart = 'RK';
/** Characters of a code, without its beginning. */
const codeLength = 25;

/** A code as an invitation has, beginning with RK-: printed when it is made, and kept nowhere else. */
export function recoveryCode(random: Uint8Array): string {
  return `${recoveryStart}-${invitationCode(random)}`;
}

/**
 * The seed of the recovery key. What it begins with may be left out where it is typed.
 * @throws key.malformed
 */
export function recoverySeed(code: string): Bytes {
  const normal = normalCode(code);
  const rest = normal.startsWith(recoveryStart) ? normal.slice(recoveryStart.length) : normal;
  if (rest.length !== codeLength || [...rest].some((char) => !alphabet.includes(char)))
    throw new Refusal('key.malformed', {
      detail: `a recovery key is RK and ${codeLength} letters and digits, in groups of five`,
    });
  return sha256(utf8('parley/recovery/v1\n'), utf8(rest));
}

/** What the key of an invitation signs to let a first key in. */
export function joinConsent(centre: string, key: Uint8Array): Bytes {
  return concat(utf8(`parley/join/v1\n${centre}\n`), key);
}

/** What a new device signs, so that a party cannot enrol a key that it does not hold. */
export function enrolConsent(centre: string, party: PartyId): Bytes {
  return utf8(`parley/enrol/v1\n${centre}\n${party}\n`);
}

/**
 * What the key of a connector signs: the centre made it, so no verifier takes it for a device of the party's own, nor
 * the other way round.
 */
export function connectorConsent(centre: string, party: PartyId): Bytes {
  return utf8(`parley/connector/v1\n${centre}\n${party}\n`);
}

/** PKCS #8 of an Ed25519 seed (RFC 8410, 7): what WebCrypto and node:crypto both import. */
export function pkcs8(seed: Uint8Array): Bytes {
  const prefix = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ];
  return concat(new Uint8Array(prefix), seed);
}
