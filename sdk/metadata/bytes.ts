/** Reading structured bytes that an attacker may have written: what is not there ends it. */
import { Refusal } from '@parley/core/errors.ts';

/** @throws file.metadata where the range ends behind the bytes */
export function slice(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (to < from || to > bytes.length) throw broken();
  return bytes.subarray(from, to);
}

export function text(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...slice(bytes, from, from + length));
}

export function begins(bytes: Uint8Array, letters: string, at = 0): boolean {
  return bytes.length >= at + letters.length && text(bytes, at, letters.length) === letters;
}

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function uint32(value: number, littleEndian = false): Uint8Array {
  const bytes = new Uint8Array(4);
  view(bytes).setUint32(0, value, littleEndian);
  return bytes;
}

export function broken(detail = 'it is not built as its type is'): Refusal {
  return new Refusal('file.metadata', { detail });
}
