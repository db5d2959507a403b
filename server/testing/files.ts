/** Files that parties bring and share: for tests. */
import { type Bytes, base64, utf8 } from '@parley/core/bytes.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import { LeafHash, type Upload, uploadType } from '@parley/core/files.ts';
import type { Handling } from '@parley/core/handling.ts';
import { filePart, makePart, type Part, partLeaf } from '@parley/core/parts.ts';
import { signPayload } from '@parley/core/statement.ts';
import { type Actor, handling, indicator, random, type Said } from './actor.ts';

export interface TestFile {
  readonly bytes: Uint8Array;
  readonly type: string;
}

export function textFile(text: string): TestFile {
  return { bytes: utf8(text), type: 'text/plain' };
}

export function leafOf(salt: Bytes, bytes: Uint8Array): Bytes {
  return new LeafHash(salt).update(bytes).digest();
}

/** What a device signs before the bytes. */
export async function uploadLine(
  actor: Actor,
  { bytes, type }: TestFile,
  about: Partial<Upload> = {},
): Promise<{ line: Bytes; part: Part }> {
  const salt = random(16);
  const leaf = leafOf(salt, bytes);
  const { centre } = actor.world;
  const payload = {
    centre: centre.name,
    party: actor.party,
    device: actor.signer.device,
    at: millisecondsOf(centre.now()),
    salt: base64(salt),
    leaf: base64(leaf),
    size: bytes.length,
    type,
    ...about,
  };
  const line = utf8(JSON.stringify(await signPayload(uploadType, payload, actor.signer)));
  return { line, part: filePart(salt, leaf) };
}

export async function* pieces(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

export async function bring(actor: Actor, file: TestFile, about: Partial<Upload> = {}): Promise<Part> {
  const { line, part } = await uploadLine(actor, file, about);
  await actor.world.centre.files.receive(line, pieces(file.bytes));
  return part;
}

/** One object that tells of them, then the files. */
export async function shareFiles(
  actor: Actor,
  room: string,
  files: readonly TestFile[],
  { how = {}, parts = null }: { how?: Partial<Handling>; parts?: readonly Part[] | null } = {},
): Promise<Said> {
  const brought = parts ?? (await Promise.all(files.map((file) => bring(actor, file))));
  const all = [makePart(indicator('with files'), random), ...brought];
  return actor.say(
    'share/1',
    { handling: { ...handling, ...how }, files: entriesFor(files) },
    { room, parts: all },
  );
}

export function entriesFor(files: readonly TestFile[]) {
  return files.map(({ bytes, type }, i) => ({ n: i + 1, size: bytes.length, type }));
}

export { partLeaf };
