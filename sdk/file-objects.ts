/** What tells of a file: a STIX file object with its name and hash, and a note with its caption. Names are free text. */
import { type Bytes, hex, utf8 } from '@parley/core/bytes.ts';
import { uuidFrom } from '@parley/core/statement.ts';

export interface ToDescribe {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: Bytes;
  readonly caption?: string;
  /** Which of the files of the share, from 0. */
  readonly i: number;
}

/** STIX 2.1, 2.9: the namespace of identifiers that follow from what an object says. */
const namespace = '00abedb4-aa42-466c-9c01-fed23315a9b7';

/** Objects of the share that the file is part of. */
export async function describeFile(file: ToDescribe): Promise<Bytes[]> {
  const { name, type, size, sha256, caption, i } = file;
  const hashes = { 'SHA-256': hex(sha256) };
  const id = `file--${await uuid5(JSON.stringify({ hashes, name }))}`;
  const object = {
    type: 'file',
    spec_version: '2.1',
    id,
    hashes,
    size,
    name,
    mime_type: type,
    x_parley_file: i,
  };
  const objects = [object, ...(caption === undefined ? [] : [noteOn(id, caption)])];
  return objects.map((each) => utf8(JSON.stringify(each)));
}

function noteOn(id: string, content: string) {
  const now = new Date().toISOString();
  return {
    type: 'note',
    spec_version: '2.1',
    id: `note--${uuidFrom(utf8(`parley/caption/v1\n${id}\n${now}\n${content}`))}`,
    created: now,
    modified: now,
    content,
    object_refs: [id],
  };
}

/** RFC 9562, 5.5. */
async function uuid5(text: string): Promise<string> {
  const bytes = Uint8Array.from(namespace.replaceAll('-', '').match(/../g) ?? [], (pair) =>
    Number.parseInt(pair, 16),
  );
  const input = new Uint8Array([...bytes, ...utf8(text)]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', input)).slice(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return hex(digest).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What an object of a share says of one of its files; null: it says nothing of them. */
export function describedIn(
  object: unknown,
): { readonly i: number; readonly name: string | null; readonly id: string } | null {
  if (typeof object !== 'object' || object === null) return null;
  const { type, id, name, x_parley_file: i } = object as Record<string, unknown>;
  if (type !== 'file' || typeof id !== 'string' || typeof i !== 'number') return null;
  return { i, id, name: typeof name === 'string' ? name : null };
}
