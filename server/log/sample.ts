/** Statements for tests of log and store: well-formed as far as those look, and signed by nobody. */
import { type Bytes, base64, utf8 } from '@parley/core/bytes.ts';
import type { Trust } from '@parley/core/checkpoint.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { type Hash, rootOf } from '@parley/core/merkle.ts';
import { type Part, partLeaf } from '@parley/core/parts.ts';
import { type AnyHeader, statementType } from '@parley/core/statement.ts';
import type { Checked } from './checked.ts';
import { type LogKeys, logVkeys } from './keys.ts';

export const sampleOrigin = 'centre.example';

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

export function sampleParts(...texts: readonly string[]): Part[] {
  return texts.map((text) => ({ salt: randomBytes(16), bytes: utf8(JSON.stringify(text)) }));
}

/** The body is not what the kind asks for: neither log nor store reads it. */
export function sampleStatement(
  kind: KindName = 'share/1',
  parts: readonly Part[] = sampleParts('hello'),
): Checked {
  const leaves: Hash[] = parts.map(partLeaf);
  const device = 'd'.repeat(64);
  const header = {
    kind,
    centre: sampleOrigin,
    id: crypto.randomUUID(),
    party: 'a'.repeat(64),
    device,
    at: '2026-05-01T12:00:00.000Z',
    body: {},
    ...(parts.length > 0 ? { parts: { count: parts.length, root: base64(rootOf(leaves)) } } : {}),
  } as unknown as AnyHeader;
  const payload = utf8(JSON.stringify(header));
  const envelope = { payload, payloadType: statementType, keyid: device, signature: randomBytes(64) };
  return { statement: { envelope, header }, parts, leaves, objects: [] };
}

export function trustIn(keys: LogKeys): Trust {
  return { origin: sampleOrigin, logs: logVkeys(keys, sampleOrigin), witnesses: [] };
}
