/** Where values of JSON end in bytes that are all there. Brackets and strings alone are looked at, not what is in them. */

export const quote = 0x22;
export const backslash = 0x5c;
const [comma, colon, brace, closing] = [0x2c, 0x3a, 0x7b, 0x7d];

export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Behind the value that begins here; -1 where the bytes end before it does, or where none begins. */
export function valueEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  if (first === quote) return stringEnd(bytes, from);
  return opens(first) ? bracketEnd(bytes, from) : wordEnd(bytes, from);
}

/**
 * Behind the object that begins here. -1 where it is not all there, is none, or names one of these words as a member or
 * as the value of one: also where a name is spelt with an escape, and might be one of them.
 */
export function objectEnd(bytes: Uint8Array, from: number, words: readonly string[]): number {
  if (bytes[from] !== brace) return -1;
  let at = afterSpace(bytes, from + 1);
  if (bytes[at] === closing) return at + 1;
  for (;;) {
    const named = bytes[at] === quote ? stringEnd(bytes, at) : -1;
    if (named < 0 || isOneOf(words, bytes, at, named) || bytes.subarray(at, named).includes(backslash))
      return -1;
    at = afterSpace(bytes, named);
    if (bytes[at] !== colon) return -1;
    const value = afterSpace(bytes, at + 1);
    at = valueEnd(bytes, value);
    if (at < 0 || isOneOf(words, bytes, value, at)) return -1;
    at = afterSpace(bytes, at);
    if (bytes[at] === closing) return at + 1;
    if (bytes[at] !== comma) return -1;
    at = afterSpace(bytes, at + 1);
  }
}

function afterSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

function stringEnd(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === quote) return at + 1;
    if (bytes[at] === backslash) at++;
  }
  return -1;
}

function opens(byte: number | undefined): boolean {
  return byte === brace || byte === 0x5b;
}

function closes(byte: number | undefined): boolean {
  return byte === closing || byte === 0x5d;
}

function bracketEnd(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      const end = stringEnd(bytes, at);
      if (end < 0) return -1;
      at = end - 1;
    } else if (opens(byte)) depth++;
    else if (closes(byte) && --depth === 0) return at + 1;
  }
  return -1;
}

/** A number or literal. Where the bytes end, more of it may follow. */
function wordEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === comma || byte === quote || closes(byte) || isSpace(byte)) return at > from ? at : -1;
  }
  return -1;
}

/** Whether a string, quotes and all, is one of these words as they are usually spelt. */
function isOneOf(words: readonly string[], bytes: Uint8Array, from: number, to: number): boolean {
  return words.some((word) => word.length === to - from - 2 && spells(bytes, from + 1, word));
}

function spells(bytes: Uint8Array, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false;
  return true;
}
