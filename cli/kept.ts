/**
 * What this device said, as it was sent, in the folder `said` of its home: content at rest, for some days, so that it
 * can be said again after a loss at the centre. What the party takes back, and what has ended, goes from here, too.
 */
import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { handlingOf, parseStatement } from '@parley/core/statement.ts';
import type { Keeper, SentLines } from '@parley/sdk/keeping.ts';
import { type Home, load, save } from './home.ts';

/** Days that content stays, unless the home says otherwise: a centre is backed up more often. */
export const usualDays = 30;
const day = 86_400_000;

export interface Kept extends Keeper {
  /** Null: it was never kept here, was taken back, or is too old. */
  find(origin: string, index: number): Promise<SentLines | null>;
  summary(): KeptSummary;
  days(): number;
  setDays(days: number): Promise<void>;
  /** What is too old or has ended, once a day; `taken` names what the party took back on any device. */
  tidy(taken: () => Promise<readonly StatementRef[]>, now?: number): Promise<void>;
}

export interface KeptSummary {
  readonly folder: string;
  readonly statements: number;
  readonly bytes: number;
  /** When the oldest was said; null: there is none. */
  readonly oldest: string | null;
}

/** Of one statement: `12-<id>.lines`, and `12-<id>.3.file` for its part 3. */
const fileName = /^(\d+)-([0-9a-f-]{36})\.(?:lines|(\d+)\.file)$/;

interface Entry {
  readonly path: string;
  readonly index: number;
  readonly id: string;
  /** Of the part, where it is a file; null: the lines. */
  readonly n: number | null;
}

/** @param warn that something could not be kept is no failure of what was said */
export function keptIn(home: Home, warn: (text: string) => Promise<void>): Kept {
  const folder = join(home.dir, 'said');
  const settings = join(home.dir, 'kept.json');
  const tidied = join(folder, '.tidied');
  const days = () => {
    const value = load(settings) as { days?: unknown } | null;
    return typeof value?.days === 'number' ? value.days : usualDays;
  };
  const clear = async () => rm(folder, { recursive: true, force: true });
  return {
    days,
    async setDays(n) {
      save(settings, { days: n });
      if (n === 0) await clear();
      else await removeOlder(folder, n, Date.now());
    },
    async keep(origin, receipt, sent) {
      if (days() === 0) return;
      try {
        await write(join(folder, digestOf(origin)), receipt, sent);
      } catch (cause) {
        await warn(`This was said, and its content could not be kept in ${folder}: ${String(cause)}`);
      }
    },
    async forget({ id }) {
      for (const entry of entries(folder)) if (entry.id === id) rmSync(entry.path, { force: true });
    },
    async find(origin, index) {
      const found = entriesIn(join(folder, digestOf(origin))).filter((entry) => entry.index === index);
      const lines = found.find(({ n }) => n === null);
      if (!lines) return null;
      const files = new Map<number, Blob>();
      for (const { n, path } of found) if (n !== null) files.set(n, await openAsBlob(path));
      return { lines: new Uint8Array(await readFile(lines.path)), files };
    },
    summary: () => summaryOf(folder),
    async tidy(taken, now = Date.now()) {
      const last = statSync(tidied, { throwIfNoEntry: false })?.mtimeMs;
      if (last === undefined || now - last < day) return;
      await utimes(tidied, new Date(now), new Date(now));
      await removeOlder(folder, days(), now);
      await removeEnded(folder, now);
      const gone = new Set((await taken()).map(({ id }) => id));
      for (const entry of entries(folder)) if (gone.has(entry.id)) rmSync(entry.path, { force: true });
    },
  };
}

function digestOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

async function write(dir: string, receipt: Receipt, { lines, files }: SentLines): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const tidied = join(dir, '..', '.tidied');
  await writeFile(tidied, '', { mode: 0o600, flag: 'a' });
  const name = `${receipt.record.index}-${receipt.statement.header.id}`;
  // The files first: lines without them could not be said again.
  for (const [n, blob] of files) await writeOne(join(dir, `${name}.${n}.file`), blob.stream());
  await writeOne(join(dir, `${name}.lines`), lines);
}

async function writeOne(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

function entries(folder: string): Entry[] {
  return names(folder).flatMap((name) => entriesIn(join(folder, name)));
}

function entriesIn(dir: string): Entry[] {
  return names(dir).flatMap((name) => {
    const [, index, id, n] = fileName.exec(name) ?? [];
    if (index === undefined || id === undefined) return [];
    return [{ path: join(dir, name), index: Number(index), id, n: n === undefined ? null : Number(n) }];
  });
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function summaryOf(folder: string): KeptSummary {
  const all = entries(folder).map((entry) => ({ ...entry, ...statOf(entry.path) }));
  const oldest = Math.min(...all.map(({ at }) => at));
  return {
    folder,
    statements: all.filter(({ n }) => n === null).length,
    bytes: all.reduce((sum, { size }) => sum + size, 0),
    oldest: Number.isFinite(oldest) ? new Date(oldest).toISOString() : null,
  };
}

function statOf(path: string): { size: number; at: number } {
  const stat = statSync(path, { throwIfNoEntry: false });
  return { size: stat?.size ?? 0, at: stat?.mtimeMs ?? Number.POSITIVE_INFINITY };
}

async function removeOlder(folder: string, days: number, now: number): Promise<void> {
  for (const { path } of entries(folder))
    if (statOf(path).at < now - days * day) await rm(path, { force: true });
}

/** What its handling ends, the centre erases: the header, which says so, is the first line. */
async function removeEnded(folder: string, now: number): Promise<void> {
  const all = entries(folder);
  for (const { path, id, n } of all) {
    if (n !== null) continue;
    const until = await endOf(path);
    if (until === null || Date.parse(until) > now) continue;
    for (const entry of all) if (entry.id === id) await rm(entry.path, { force: true });
  }
}

async function endOf(path: string): Promise<string | null> {
  const input = createReadStream(path, { end: 256 * 1024 });
  try {
    for await (const line of createInterface({ input }))
      return handlingOf(parseStatement(JSON.parse(line) as Json).header)?.until ?? null;
  } finally {
    input.destroy();
  }
  return null;
}
