/** A small log for tests: it signs checkpoints over leaves that it is given. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { formatCheckpoint } from '@parley/core/checkpoint.ts';
import {
  consistencyProof,
  type Hash,
  hashLeaf,
  inclusionPath,
  nodesOf,
  rootOf,
} from '@parley/core/merkle.ts';
import {
  ed25519Type,
  formatNote,
  formatVkey,
  type NoteSignature,
  signedBy,
  type Vkey,
  vkeyOf,
} from '@parley/core/note.ts';
import { formatProof } from '@parley/core/proof.ts';

export interface TestLog {
  readonly vkey: Vkey;
  readonly vkeyText: string;
  readonly leaves: readonly Hash[];
  /** The signed checkpoint over the first `size` leaves, with further lines under it. */
  readonly note: (size: number, lines?: readonly NoteSignature[], extension?: string) => Bytes;
  readonly text: (size: number, extension?: string) => string;
  readonly consistency: (old: number, size: number) => readonly Hash[];
  readonly proof: (index: number, size: number, lines?: readonly NoteSignature[]) => string;
}

export function testLog(
  origin: string,
  leaves: readonly Hash[],
  key: KeyObject = generateKeyPairSync('ed25519').privateKey,
): TestLog {
  const vkey = vkeyOf(origin, ed25519Type, publicOf(key));
  const text = (size: number, extension = '') =>
    `${formatCheckpoint({ origin, size, root: rootOf(leaves.slice(0, size)) })}${extension}`;
  const note = (size: number, lines: readonly NoteSignature[] = [], extension = '') => {
    const body = text(size, extension);
    return formatNote(body, [signedBy(vkey, new Uint8Array(sign(null, utf8(body), key))), ...lines]);
  };
  return {
    vkey,
    vkeyText: formatVkey(vkey),
    leaves,
    note,
    text,
    consistency: (old, size) => consistencyProof(old, size, nodesOf(leaves.slice(0, size))),
    proof: (index, size, lines = []) =>
      formatProof({
        index,
        path: inclusionPath(leaves.slice(0, size), index),
        checkpoint: note(size, lines),
      }),
  };
}

export function someLeaves(count: number, salt = ''): Hash[] {
  return Array.from({ length: count }, (_, i) => hashLeaf(utf8(`${salt}${i}`)));
}

function publicOf(key: KeyObject): Bytes {
  return new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
}
