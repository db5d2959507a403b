/** Bytes and their spellings. `Uint8Array.fromBase64` is in every current browser and in no Node 24: see `fromBase64`. */
import { Refusal } from './errors.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** @throws text.not-utf8 */
export function fromUtf8(bytes: Uint8Array, at?: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refusal('text.not-utf8', at === undefined ? {} : { at });
  }
}

export function concat(...pieces: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

/** Big-endian, 64 bit. Instants are below 2^53 until the year 2255. */
export function uint64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const digits = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += digits[byte];
  return text;
}

export function fromHex(text: string): Bytes {
  const bytes = new Uint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const chunk = 0x8000;

/** Node's own way, several times as fast; browsers have none. */
interface NodeBuffer {
  from(bytes: ArrayBufferLike, offset: number, length: number): { toString(spelling: 'base64'): string };
  from(text: string, spelling: 'base64'): Uint8Array;
}
const { Buffer: buffer } = globalThis as { readonly Buffer?: NodeBuffer };

/** Standard alphabet with padding (RFC 4648, 4). */
export function base64(bytes: Uint8Array): string {
  if (buffer) return buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  let binary = '';
  for (let i = 0; i < bytes.length; i += chunk)
    binary += String.fromCharCode(...bytes.subarray(i, i + chunk));
  return btoa(binary);
}

const strict = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Standard alphabet with padding, nothing else; `null` when it is not that, or not canonical. */
export function fromBase64(text: string): Bytes | null {
  if (!strict.test(text)) return null;
  const bytes = decoded(text);
  return base64(bytes.subarray(bytes.length - (bytes.length % 3))) ===
    text.slice(text.length - lastLength(bytes.length))
    ? bytes
    : null;
}

function decoded(text: string): Bytes {
  // A copy: what Node makes lies in memory that it shares with others.
  if (buffer) return new Uint8Array(buffer.from(text, 'base64'));
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Length of the base64 of the last, incomplete group of `n` bytes: only there can a text be non-canonical. */
function lastLength(n: number): number {
  return n % 3 === 0 ? 0 : 4;
}

/** URL-safe, without padding (RFC 4648, 5): tokens, cursors. */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
