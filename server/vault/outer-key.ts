/** The key that is kept apart: from a file, the environment, or a command that prints it. Read once, never written. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Bytes, fromBase64, fromHex } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { keyLength } from './vault.ts';

export type OuterKey =
  | { readonly file: string }
  | { readonly variable: string }
  | { readonly command: readonly string[] };

/** Milliseconds: a command may ask a machine elsewhere, and a person there. */
const patience = 60_000;

/**
 * @param folder of the centre, in which the key must not lie
 * @throws encryption.key
 */
export function outerKeyFrom(
  source: OuterKey,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Bytes {
  if ('file' in source) return keyOf(fromFile(source.file, folder), source.file);
  if ('variable' in source) {
    const text = env[source.variable];
    if (text === undefined) throw refused(source.variable, 'the environment has no such variable');
    return keyOf(text, source.variable);
  }
  const [program = ''] = source.command;
  return keyOf(printed(source.command), program);
}

function fromFile(path: string, folder: string): string {
  const reading = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw refused(path, String((cause as NodeJS.ErrnoException).code), cause);
    }
  };
  if (liesIn(path, folder) || reading(() => hasNameIn(path, folder)))
    throw refused(path, 'it lies in the folder that it opens: keep it apart, on another disk or machine');
  return reading(() => readFileSync(path, 'utf8'));
}

/** Also by a symbolic link, and also where the folder is not there yet. */
function liesIn(path: string, folder: string): boolean {
  const inside = relative(real(folder), real(path));
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/** Whether a file in the folder is the same file, by a hard link. One that has a single name is not looked for. */
function hasNameIn(path: string, folder: string): boolean {
  const found = { bigint: true, throwIfNoEntry: false } as const;
  const key = statSync(path, found);
  if (!key || key.nlink < 2n || !existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => {
    const other = lstatSync(join(folder, name), found);
    return other?.ino === key.ino && other.dev === key.dev;
  });
}

function real(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : resolve(real(above), relative(above, whole));
  }
}

/** No shell. What it prints is the key: it goes into no message. */
function printed([program = '', ...args]: readonly string[]): string {
  try {
    return execFileSync(program, args, {
      timeout: patience,
      maxBuffer: 65_536,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (cause) {
    const { code, status } = cause as { code?: string; status?: number | null };
    const detail = typeof status === 'number' ? `it ended with status ${status}` : (code ?? 'it failed');
    throw refused(program, detail);
  }
}

/** 32 random bytes and no passphrase: nothing here slows down who guesses. */
function keyOf(text: string, at: string): Bytes {
  const trimmed = text.trim();
  const bytes = /^[0-9A-Fa-f]{64}$/.test(trimmed) ? fromHex(trimmed) : fromBase64(trimmed);
  if (bytes?.length !== keyLength || new Set(bytes).size < 8)
    throw refused(at, 'expected 32 random bytes as Base64 or 64 hexadecimal digits: openssl rand -base64 32');
  return bytes;
}

function refused(at: string, detail: string, cause?: unknown): Refusal {
  return new Refusal('encryption.key', { at, detail, cause });
}
