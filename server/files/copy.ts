/** Files into a backup and back: byte for byte as they lie, sealed or not. */
import { constants, mkdirSync } from 'node:fs';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileNamePattern } from './names.ts';

/** What is there already is not copied again: a name never comes to mean other bytes. @returns those that are not there */
export async function copyNamed(
  from: string,
  to: string,
  names: ReadonlySet<string> | readonly string[],
): Promise<string[]> {
  const wanted = [...names];
  if (wanted.length === 0) return [];
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const present = new Set(await readdir(to));
  const missing: string[] = [];
  for (const name of wanted)
    if (!present.has(name))
      await copyFile(
        join(from, name),
        join(to, name),
        constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
      ).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        missing.push(name);
      });
  return missing;
}

/** Takes away what was copied and is not among these. */
export async function keepOnly(folder: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of await namesIn(folder))
    if (!names.has(name)) await rm(join(folder, name), { force: true });
}

/** None where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => fileNamePattern.test(name));
}
