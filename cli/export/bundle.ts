/** The bundles of an export: an object a line, each of which a receipt beside them must prove. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { isA } from '@parley/core/statement.ts';
import { linesOf } from '@parley/sdk/lines.ts';
import { type Io, open } from '../io.ts';

/** In the order in which the bundle has them. Files are not among them. */
export function objectsOf(parts: Receipt['parts']): Bytes[] {
  return [...parts.values()].filter(({ file }) => file === undefined).map(({ bytes }) => bytes);
}

/** What the receipts prove for each room, by hashes, so that a large export is not held in memory. */
export class Proven {
  readonly #hashes = new Map<string, string[]>();

  take({ statement: { header }, parts }: Receipt): void {
    if (!isA(header, 'share/1') || header.room === undefined) return;
    const hashes = this.#hashes.get(header.room) ?? [];
    hashes.push(...objectsOf(parts).map(hashOf));
    if (hashes.length > 0) this.#hashes.set(header.room, hashes);
  }

  /** @throws parts.root at the line of a bundle; file.unreadable where one is missing */
  async check(io: Io, folder: string): Promise<void> {
    const found = bundlesIn(folder);
    const checked = new Set<string>();
    for (const [room, hashes] of this.#hashes) {
      const name = found.find((each) => each === room || each.endsWith(`-${room.slice(0, 8)}`)) ?? room;
      const file = join(folder, 'rooms', name, 'bundle.json');
      await checkBundle(io, file, hashes);
      checked.add(name);
    }
    const extra = found.find((name) => !checked.has(name));
    if (extra !== undefined)
      throw new Refusal('parts.root', {
        at: join(folder, 'rooms', extra, 'bundle.json'),
        detail: 'no receipt is of this room',
      });
  }
}

function bundlesIn(folder: string): string[] {
  const rooms = join(folder, 'rooms');
  if (!existsSync(rooms)) return [];
  return readdirSync(rooms).filter((name) => existsSync(join(rooms, name, 'bundle.json')));
}

const first = /^\{"type":"bundle","id":"bundle--[0-9a-f-]{36}","objects":\[$/;

async function checkBundle(io: Io, file: string, hashes: readonly string[]): Promise<void> {
  let line = 0;
  for await (const bytes of linesOf(bytesOf(open(io, file)))) {
    line++;
    const n = line - 2;
    const right =
      n < 0
        ? first.test(Buffer.from(bytes).toString())
        : n < hashes.length
          ? isObject(bytes, hashes[n], n < hashes.length - 1)
          : n === hashes.length && Buffer.from(bytes).toString() === ']}';
    if (!right) throw otherwise(`${file}:${line}`);
  }
  if (line !== hashes.length + 2) throw otherwise(`${file}:${line}`);
}

/** @param comma whether another object follows */
function isObject(line: Bytes, hash: string | undefined, comma: boolean): boolean {
  if (!comma) return hashOf(line) === hash;
  return line.at(-1) === 0x2c && hashOf(line.subarray(0, -1)) === hash;
}

function otherwise(at: string): Refusal {
  return new Refusal('parts.root', { at, detail: 'not what the receipts in statements.jsonl prove' });
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** A file's bytes are its own: nothing else writes to them. */
export async function* bytesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Bytes> {
  for await (const chunk of chunks) yield new Uint8Array(chunk);
}
