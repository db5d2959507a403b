/**
 * A home: the directory that holds a device's key and what it must remember. Every file is for its owner only,
 * and is replaced as a whole, so that a crash leaves the old one or the new one.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import { unreadable } from './io.ts';

export interface Profile {
  readonly format: 'parley-home/1';
  /** Where the centre is reached. */
  readonly url: string;
  /** Its origin name, which statements are signed for. */
  readonly centre: string;
  /** Of its log: what this device remembers of the log is found by it. */
  readonly origin: string;
  readonly party: string;
  /** What the party calls itself. Null in the home of a device that another one enrolled. */
  readonly name: string | null;
  readonly device: string;
  readonly deviceName: string | null;
  /** Base64 of the private key. It never leaves this file. */
  readonly pkcs8: string;
}

/** What the next session is opened for. */
export interface Purpose {
  readonly purpose: string;
  readonly justification: string | null;
}

/** To which case the party files a statement: known here and nowhere else. */
export interface CaseEntry {
  readonly ref: string;
  readonly party: string;
  readonly id: string;
}

export interface Home {
  readonly dir: string;
  /** @throws key.absent, file.unreadable */
  profile(): Profile;
  /** @throws home.present when there is a device here already */
  needEmpty(): void;
  /** @throws home.present when there is a key already: a key that is lost cannot be brought back */
  create(profile: Profile): void;
  /** Where the centre is reached from now on; nothing else of the profile changes. @throws key.absent */
  setUrl(url: string): void;
  /** Only for a key that never came to be known to anybody. */
  discard(): void;
  purpose(): Purpose | null;
  setPurpose(purpose: Purpose): void;
  /** One's own case references. They never leave this home. */
  cases(): readonly CaseEntry[];
  setCases(cases: readonly CaseEntry[]): void;
  /** What a device has seen of a log, by its origin; null when nothing. */
  seen(origin: string): unknown;
  setSeen(origin: string, value: unknown): Promise<void>;
  /** A receipt for what this device said, by the log's origin and the index of its record. */
  keepReceipt(origin: string, index: number, receipt: unknown): Promise<void>;
  /** Those that are kept, in the order of the log; only one is in memory at once. */
  receipts(origin: string): Iterable<{ readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }>;
}

export function homeAt(dir: string): Home {
  const file = (name: string) => join(dir, name);
  const nameOf = (origin: string) => createHash('sha256').update(origin).digest('hex');
  const seenFile = (origin: string) => file(join('seen', `${nameOf(origin)}.json`));
  const receiptsOf = (origin: string) => file(join('receipts', nameOf(origin)));
  const needEmpty = () => {
    if (load(file('device.json')) === null) return;
    throw new Refusal('home.present', {
      at: dir,
      detail: 'its key stays; name another directory with --home, or ask whose it is: "parley whoami"',
    });
  };
  const profile = () => {
    const path = file('device.json');
    const value = load(path);
    if (value === null)
      throw new Refusal('key.absent', {
        at: dir,
        detail: '"parley join URL CODE" makes one; --home or PARLEY_HOME names another directory',
      });
    refuseOpenMode(path);
    return checked<Profile>(value, path, {
      texts: ['format', 'url', 'centre', 'origin', 'party', 'device', 'pkcs8'],
      nullable: ['name', 'deviceName'],
    });
  };
  return {
    dir,
    needEmpty,
    profile,
    setUrl: (url) => save(file('device.json'), { ...profile(), url }),
    create(profile) {
      needEmpty();
      save(file('device.json'), profile);
    },
    discard: () => rmSync(file('device.json'), { force: true }),
    purpose() {
      const value = load(file('session.json'));
      return value === null
        ? null
        : checked<Purpose>(value, file('session.json'), { texts: ['purpose'], nullable: ['justification'] });
    },
    setPurpose: (purpose) => save(file('session.json'), purpose),
    cases: () => casesFrom(load(file('cases.json')), file('cases.json')),
    setCases: (cases) => save(file('cases.json'), { cases }),
    seen: (origin) => load(seenFile(origin)),
    setSeen: (origin, value) => saveBeside(seenFile(origin), value),
    keepReceipt: (origin, index, receipt) => saveBeside(join(receiptsOf(origin), `${index}.json`), receipt),
    *receipts(origin) {
      const names = list(receiptsOf(origin)).filter((name) => /^\d+\.json$/.test(name));
      for (const name of names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))) {
        const path = join(receiptsOf(origin), name);
        yield { path, bytes: new Uint8Array(readFileSync(path)) };
      }
    },
  };
}

function casesFrom(value: unknown, path: string): readonly CaseEntry[] {
  if (value === null) return [];
  const { cases } = value as { cases?: unknown };
  if (!Array.isArray(cases))
    throw new Refusal('file.unreadable', { at: path, detail: 'not what parley writes there: cases' });
  return cases.map((entry) => checked<CaseEntry>(entry, path, { texts: ['ref', 'party', 'id'] }));
}

/** `--home`, else `PARLEY_HOME`, else `~/.parley`. */
export function homeDir(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return option ?? (env.PARLEY_HOME || join(homedir(), '.parley'));
}

/** @returns null when there is no such file @throws file.unreadable */
export function load(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(path, cause);
  }
  try {
    return JSON.parse(text);
  } catch {
    // Nothing of the content: it may be a key.
    throw new Refusal('file.unreadable', { at: path, detail: 'not JSON' });
  }
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(dir, cause);
  }
}

/** Directory 0700, file 0600, through a temporary file and fsync. */
export function save(path: string, value: unknown): void {
  const dir = join(path, '..');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(fd, textOf(value));
    fsyncSync(fd);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

/** The same, while other work goes on: who says much waits for the disk with each statement. */
async function saveBeside(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, textOf(value), { mode: 0o600, flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** As ssh does: a key that others can read is not used. Windows has no such mode. @throws file.unreadable */
export function refuseOpenMode(path: string): void {
  if (process.platform === 'win32') return;
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new Refusal('file.unreadable', {
      at: path,
      detail: `others can read the key (mode 0${mode.toString(8)}); chmod 600 it`,
    });
}

/** Files of ours, flat and made of texts. @throws file.unreadable */
export function checked<T>(
  value: unknown,
  path: string,
  shape: { texts: readonly string[]; nullable?: readonly string[] },
): T {
  const record = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const wrong =
    shape.texts.find((key) => typeof record[key] !== 'string') ??
    shape.nullable?.find((key) => record[key] !== null && typeof record[key] !== 'string');
  if (wrong !== undefined)
    throw new Refusal('file.unreadable', { at: path, detail: `not what parley writes there: ${wrong}` });
  return value as T;
}
