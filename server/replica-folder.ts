/** What lies in the folder of a replica beside its log: what opens it, and what taking over needs. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { equal, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { parseJson } from '@parley/core/json.ts';
import { type Key, settings } from './config.ts';
import type { Paths } from './paths.ts';
import { writeWhole } from './vault/whole-file.ts';

/**
 * The folder, and what opens the store that is going to lie in it. What opens one that lies there already is not
 * touched: it may be the replica of something else.
 * @throws store.present
 */
export function readyFolder(from: Paths, to: Paths): void {
  mkdirSync(to.folder, { recursive: true, mode: 0o700 });
  if (!existsSync(to.vault)) carryVault(from, to);
  else if (!existsSync(from.vault))
    throw new Refusal('store.present', {
      at: to.vault,
      detail: 'the replica of a store that is not encrypted',
    });
}

/** The wrapped data key, as it stands: the same key that is kept apart opens both. */
export function carryVault(from: Paths, to: Paths): void {
  if (existsSync(from.vault)) carry(from.vault, to.vault);
}

/** As they stand, plain or sealed. Also those of a log that is about to follow. */
export function carryKeys(from: Paths, to: Paths): void {
  for (const key of ['centreKey', 'nextLogKeys', 'logKeys'] as const)
    if (existsSync(from[key])) carry(from[key], to[key]);
  // After it has taken its place.
  if (!existsSync(from.nextLogKeys)) rmSync(to.nextLogKeys, { force: true });
}

export function hasKeys({ logKeys, centreKey }: Paths): boolean {
  return existsSync(logKeys) && existsSync(centreKey);
}

/** Whole or not at all, and only where it differs. */
function carry(from: string, to: string): void {
  const bytes = new Uint8Array(readFileSync(from));
  if (!existsSync(to) || !equal(new Uint8Array(readFileSync(to)), bytes)) writeWhole(to, bytes);
}

/**
 * The configuration of the centre, with the place of the replica in it. It requires no replicas: who takes over may
 * have none. What is there already is somebody's, and stays.
 * @param file of the centre; null: it has none
 * @param database of the replica, without its password
 * @returns where it is; null: there is none
 */
export function carryConfig(
  file: string | null,
  { folder }: Paths,
  database: string | null,
  passwordFile: string | null,
): string | null {
  const path = join(folder, 'parley.json');
  if (existsSync(path)) return path;
  if (file === null) return null;
  const { database: _, databasePasswordFile: __, replicas: ___, ...rest } = contentOf(file);
  const content = {
    ...absolute(rest, dirname(resolve(file)), ''),
    folder: '.',
    ...(database === null ? {} : { database }),
    ...(database === null || passwordFile === null ? {} : { databasePasswordFile: resolve(passwordFile) }),
  };
  writeWhole(path, utf8(`${JSON.stringify(content, null, 2)}\n`));
  return path;
}

type Content = { readonly [key: string]: unknown };

function contentOf(file: string): Content {
  try {
    return parseJson(utf8(readFileSync(file, 'utf8'))) as Content;
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: file, cause });
  }
}

/** Relative paths are meant from the folder of the file that they stand in. */
function absolute(content: Content, base: string, prefix: string): Content {
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      const key = `${prefix}${name}`;
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return [name, absolute(value as Content, base, `${key}.`)];
      const isPath = Object.hasOwn(settings, key) && 'path' in settings[key as Key];
      return [name, isPath && typeof value === 'string' ? resolve(base, value) : value];
    }),
  );
}
