/** Files that go along: each beside the receipts, under its statement and number, and proven by the salt in its receipt. */
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import { verifiedFile } from '@parley/core/files.ts';
import { filePart, type Part } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { type AnyHeader, fileAt, refOf } from '@parley/core/statement.ts';
import type { Session } from '@parley/sdk/session.ts';
import { unreadable } from '../io.ts';

/** Below the folder of the export. Of who said it and which it is, and nothing that somebody else chose. */
function filePath({ party, id }: Pick<AnyHeader, 'party' | 'id'>, n: number): string {
  return join('files', party.slice(0, 16), id, String(n));
}

/** The receipt with the salts of its files, which are in the folder then. Each is an access, and recorded. */
export async function takeFiles(session: Session, receipt: Receipt, folder: string): Promise<Receipt> {
  const parts = new Map<number, Part>();
  for (const [n, part] of receipt.parts) {
    const taken = part.file ? await takeFile(session, receipt, n, folder) : part;
    if (taken) parts.set(n, taken);
  }
  return { ...receipt, parts };
}

/** Null: it was taken back meanwhile. */
async function takeFile(
  session: Session,
  { statement: { header }, leaves }: Receipt,
  n: number,
  folder: string,
): Promise<Part | null> {
  const leaf = leaves[n];
  const found = await session.file(refOf(header), n).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'absent') return null;
    throw error;
  });
  if (!found || !leaf) return null;
  const path = join(folder, filePath(header, n));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, found.pieces, { mode: 0o600, flag: 'wx', flush: true });
  return filePart(found.salt, leaf);
}

/** @returns how many files are what was said. @throws file.unreadable, parts.root */
export async function checkFiles(receipt: Receipt, folder: string): Promise<number> {
  const { header } = receipt.statement;
  let proven = 0;
  for (const [n, { file, salt }] of receipt.parts) {
    const entry = fileAt(header, n);
    if (!file || !entry) continue;
    const path = join(folder, filePath(header, n));
    for await (const _ of verifiedFile(readable(path), salt, file, entry));
    proven++;
  }
  return proven;
}

async function* readable(path: string): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of createReadStream(path)) yield piece as Uint8Array;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
