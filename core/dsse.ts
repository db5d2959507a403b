/** DSSE v1 envelopes (secure-systems-lab, protocol 1.0.2) with one signature. */
import { type Bytes, concat, fromBase64, utf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import type { Json } from './json.ts';

export interface Envelope {
  readonly payload: Bytes;
  readonly payloadType: string;
  readonly keyid: string;
  /** 64 bytes. */
  readonly signature: Bytes;
}

/** Pre-authentication encoding: what is signed. Lengths are of bytes, in decimal. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Bytes {
  const type = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/**
 * Shape only: the signature is checked by whoever knows the key. Takes standard and URL-safe base64, as DSSE asks.
 * @throws dsse.malformed, dsse.type, dsse.signatures
 */
export function parseEnvelope(value: Json, payloadType: string): Envelope {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('dsse.malformed');
  const { payload, payloadType: type, signatures } = value;
  if (typeof payload !== 'string' || typeof type !== 'string' || !Array.isArray(signatures))
    throw new Refusal('dsse.malformed');
  if (type !== payloadType)
    throw new Refusal('dsse.type', { at: '/payloadType', detail: `expected ${payloadType}` });
  const first = signatures[0];
  if (signatures.length !== 1 || typeof first !== 'object' || first === null || Array.isArray(first))
    throw new Refusal('dsse.signatures', { at: '/signatures' });
  const { keyid, sig } = first;
  if (typeof keyid !== 'string' || typeof sig !== 'string')
    throw new Refusal('dsse.malformed', { at: '/signatures/0' });
  const signature = anyBase64(sig, '/signatures/0/sig');
  if (signature.length !== 64)
    throw new Refusal('dsse.malformed', { at: '/signatures/0/sig', detail: 'expected 64 bytes' });
  return { payload: anyBase64(payload, '/payload'), payloadType: type, keyid, signature };
}

function anyBase64(text: string, at: string): Bytes {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  // No pattern looks for the padding: one that is anchored at the end alone takes quadratic time on a run of `=`.
  const digits = standard.slice(0, standard.endsWith('==') ? -2 : standard.endsWith('=') ? -1 : undefined);
  const bytes = fromBase64(digits.padEnd(Math.ceil(digits.length / 4) * 4, '='));
  if (!bytes) throw new Refusal('dsse.malformed', { at, detail: 'not base64' });
  return bytes;
}
