/** Files in a folder: written beside their name, synced, renamed, and the folder synced. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import { fileNamePattern } from './names.ts';
import type { FileStore } from './ports.ts';

/** What is being written, and what an end in between leaves. */
const begun = '.begun-';

/** One process writes in a folder, and keeps its own hands off what it is about to change. @throws file.unreadable */
export function diskFiles(folder: string): FileStore {
  const has = async (name: string) => (await unlessAbsent(stat(join(folder, name)))) !== null;
  const remove = async (names: readonly string[]) => {
    let removed = false;
    for (const name of names)
      removed = (await unlessAbsent(unlink(join(folder, name)).then(() => true))) !== null || removed;
    if (removed) await synced(folder);
  };
  return {
    async put(name, pieces, before) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = join(folder, `${begun}${randomUUID()}`);
      try {
        await written(temporary, pieces);
        await before?.();
        await rename(temporary, join(folder, name));
        await synced(folder);
      } catch (error) {
        await rm(temporary, { force: true });
        throw isFull(error) ? new Refusal('queue.full', { params: { after: 600 }, cause: error }) : error;
      }
    },
    async settle(name, work) {
      const { stays, result } = await work(await has(name));
      if (!stays) await remove([name]);
      return result;
    },
    async open(name) {
      const file = await unlessAbsent(open(join(folder, name), 'r'));
      return file?.createReadStream({ highWaterMark: 256 * 1024 }) ?? null;
    },
    has,
    remove,
    async *list(age = 0) {
      const entries = await unlessAbsent(opendir(folder));
      for await (const { name } of entries ?? []) {
        if (!fileNamePattern.test(name)) continue;
        const put = age > 0 ? await unlessAbsent(stat(join(folder, name))) : null;
        if (!put || put.mtimeMs <= Date.now() - age) yield name;
      }
    },
    close: async () => {},
  };
}

/** What an end in between left. To be called before anything is written there. @returns how many there were */
export async function clearBegun(folder: string): Promise<number> {
  let cleared = 0;
  for await (const { name } of (await unlessAbsent(opendir(folder))) ?? [])
    if (name.startsWith(begun)) {
      await rm(join(folder, name), { force: true });
      cleared++;
    }
  return cleared;
}

/** A name in the folder for what is not kept: gone after the next start at the latest. */
export function spoolPath(folder: string): string {
  return join(folder, `${begun}${randomUUID()}`);
}

async function written(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of pieces) await file.write(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename or a removal is durable once its folder is. Windows opens no folders, and needs no such thing. */
async function synced(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessAbsent<T>(work: Promise<T>): Promise<T | null> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
