/**
 * JSON as an attacker may write it: duplicate keys, deep nesting, lone surrogates. `JSON.parse` is silent
 * about the first and the last, and two readers that resolve them differently would see two statements.
 */
import { fromUtf8 } from './bytes.ts';
import { Refusal } from './errors.ts';

/** Deeper than any STIX object needs, shallow enough for every recursive reader. */
export const maxDepth = 64;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * @throws json.malformed, json.duplicate-key, json.too-deep, text.not-utf8, text.lone-surrogate
 */
export function parseJson(bytes: Uint8Array, at = ''): Json {
  const text = fromUtf8(bytes, at);
  const value = parse(text, at);
  // Depth comes first: `JSON.stringify` recurses, and a deep text would exhaust the stack.
  refuseDepth(value, at);
  // Fast path: what stringifies to itself has no duplicate keys. It may still hold escaped surrogates.
  if (JSON.stringify(value) !== text) refuseDuplicates(text, at);
  if (text.includes('\\u')) refuseLoneSurrogates(value, at);
  return value;
}

/**
 * For headers: one spelling only, so that nothing can hide in another one.
 * @throws json.not-canonical and what `parseJson` throws
 */
export function parseCanonicalJson(bytes: Uint8Array, at = ''): Json {
  const text = fromUtf8(bytes, at);
  const value = parse(text, at);
  refuseDepth(value, at);
  if (JSON.stringify(value) !== text) throw new Refusal('json.not-canonical', { at });
  if (text.includes('\\u')) refuseLoneSurrogates(value, at);
  return value;
}

function parse(text: string, at: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    // V8's message quotes the text around the fault: content, which must not reach logs.
    const place = /position (\d+)/.exec(String(cause))?.[1];
    throw new Refusal('json.malformed', { at, ...(place ? { detail: `near character ${place}` } : {}) });
  }
}

/** Goes no deeper than it allows, so that no text exhausts the stack here. */
function refuseDepth(value: Json, at: string, depth = 1): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw new Refusal('json.too-deep', { at, params: { limit: maxDepth } });
  if (Array.isArray(value)) for (const child of value) refuseDepth(child, at, depth + 1);
  else for (const key in value) refuseDepth(value[key] as Json, at, depth + 1);
}

function refuseLoneSurrogates(value: Json, at: string): void {
  const rest: Json[] = [value];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (typeof node === 'string') {
      if (!node.isWellFormed()) throw new Refusal('text.lone-surrogate', { at });
    } else if (Array.isArray(node)) {
      for (const child of node) rest.push(child);
    } else if (typeof node === 'object' && node !== null) {
      for (const [key, child] of Object.entries(node)) rest.push(key, child);
    }
  }
}

/** Scans a text that `JSON.parse` has accepted, so only strings and brackets matter. */
function refuseDuplicates(text: string, at: string): void {
  const open: (Set<string> | null)[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(null);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = endOfString(text, i);
      const keys = open.at(-1);
      if (keys && nextToken(text, end + 1) === ':') {
        const key = JSON.parse(text.slice(i, end + 1)) as string;
        if (keys.has(key))
          throw new Refusal('json.duplicate-key', { at, detail: `the key ${JSON.stringify(key)}` });
        keys.add(key);
      }
      i = end;
    }
  }
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function nextToken(text: string, from: number): string | undefined {
  let i = from;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++;
  return text[i];
}
