/** A folder with everything that a party may see, in open formats, each statement with its receipt. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import { type Receipt, receiptJson } from '@parley/core/receipt.ts';
import { handlingOf, isA } from '@parley/core/statement.ts';
import { exportStatements } from '@parley/sdk/export.ts';
import type { RoomView } from '@parley/sdk/session.ts';
import type { Desk } from '../desk.ts';
import { titleOf } from '../format.ts';
import { unreadable } from '../io.ts';
import { withProgress } from '../progress.ts';
import { objectsOf } from './bundle.ts';
import { takeFiles } from './files.ts';
import { readmeText } from './readme.ts';
import { writeRecords } from './records.ts';

export const exportFormat = 'parley-export/1';

export interface ExportedCounts {
  readonly statements: number;
  readonly objects: number;
  readonly rooms: number;
}

/** Whole or not at all: it grows beside the folder, and takes its name at the end. @throws store.present, file.unreadable */
export async function exportParty(
  desk: Desk,
  folder: string,
  justification: string | undefined,
): Promise<ExportedCounts> {
  if (existsSync(folder)) throw new Refusal('store.present', { at: folder, detail: 'name a new folder' });
  const growing = `${folder}.${randomUUID()}`;
  try {
    await mkdir(join(growing, 'rooms'), { recursive: true, mode: 0o700 });
    const counts = await withProgress(desk.context.io, 'Exporting', (report) =>
      writeAll(desk, growing, justification, (done) => report({ done, total: null })),
    );
    await rename(growing, folder);
    return counts;
  } catch (cause) {
    await rm(growing, { recursive: true, force: true });
    if (cause instanceof Error && 'syscall' in cause) throw unreadable(folder, cause);
    throw cause;
  }
}

async function writeAll(
  desk: Desk,
  folder: string,
  justification: string | undefined,
  onProgress: (statements: number) => void,
): Promise<ExportedCounts> {
  const { session, centre, profile } = desk;
  const rooms = await session.rooms();
  const purposes = purposesIn(
    rooms,
    centre.info.purposes.map(({ id }) => id),
    session.current.purpose,
  );
  await using files = new Files(folder);
  const bundles = new Bundles(files, rooms);
  let [statements, objects] = [0, 0];
  await files.text('statements.jsonl', '');
  let personal = 0;
  const asked = { purposes, onProgress, ...(justification === undefined ? {} : { justification }) };
  for await (const { receipt } of exportStatements(session, asked)) {
    statements++;
    await files.line('statements.jsonl', receiptJson(await takeFiles(session, receipt, folder)));
    objects += await bundles.take(receipt);
    if (handlingOf(receipt.statement.header)?.personal) personal += receipt.parts.size;
  }
  await bundles.end();
  await files.json('rooms.json', rooms);
  await files.json('parties.json', await session.parties());
  await files.json('devices.json', await session.devices());
  await files.json('tasks.json', await session.tasks());
  await files.json('recalls.json', await session.recalls());
  await writeRecords(session, rooms, files);
  for await (const access of session.accesses()) await files.line('accesses.jsonl', access);
  for await (const digest of session.digests()) await files.line('digests.jsonl', digest);
  const { party, device, origin } = profile;
  const manifest = {
    format: exportFormat,
    at: new Date().toISOString(),
    centre: profile.centre,
    origin,
    logs: centre.info.logs,
    party,
    device,
    purposes,
    justified: justification !== undefined,
    /** Parts of shares that are marked as personal data. */
    personal,
    statements,
    objects,
  };
  await files.json('manifest.json', manifest);
  await files.text(
    'README.txt',
    readmeText(manifest, (name) => files.has(name)),
  );
  return { statements, objects, rooms: rooms.length };
}

/** Where most is open comes first; then every other purpose that a room of the party knows. */
function purposesIn(rooms: readonly RoomView[], shipped: readonly string[], first: string): string[] {
  const inRooms = rooms.flatMap(({ terms }) => terms?.purposes ?? []);
  return [...new Set([first, ...inRooms, ...shipped])];
}

/** Files that grow line by line, each synced to the disk when all is done. */
class Files implements AsyncDisposable {
  readonly #folder: string;
  readonly #open = new Map<string, FileHandle>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async text(name: string, text: string | Uint8Array): Promise<void> {
    let handle = this.#open.get(name);
    if (!handle) {
      const path = join(this.#folder, name);
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      handle = await open(path, 'wx', 0o600);
      this.#open.set(name, handle);
    }
    await handle.appendFile(text);
  }

  has(name: string): boolean {
    return this.#open.has(name);
  }

  line(name: string, value: unknown): Promise<void> {
    return this.text(name, `${JSON.stringify(value)}\n`);
  }

  json(name: string, value: unknown): Promise<void> {
    return this.text(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const handle of this.#open.values()) {
      await handle.sync();
      await handle.close();
    }
  }
}

/** A STIX bundle for each room, of the objects as they were said, byte for byte. */
class Bundles {
  readonly #files: Files;
  readonly #names: ReadonlyMap<string, string>;
  readonly #begun = new Set<string>();

  constructor(files: Files, rooms: readonly RoomView[]) {
    this.#files = files;
    this.#names = new Map(rooms.map((room) => [room.room, folderOf(room)]));
  }

  /** @returns how many objects */
  async take({ statement, parts }: Receipt): Promise<number> {
    const { header } = statement;
    if (!isA(header, 'share/1') || header.room === undefined) return 0;
    const file = `rooms/${this.#names.get(header.room) ?? header.room}/bundle.json`;
    const objects = objectsOf(parts);
    for (const bytes of objects) {
      const start = `{"type":"bundle","id":"bundle--${randomUUID()}","objects":[\n`;
      await this.#files.text(file, this.#begun.has(file) ? ',\n' : start);
      this.#begun.add(file);
      await this.#files.text(file, bytes);
    }
    return objects.length;
  }

  async end(): Promise<void> {
    for (const file of this.#begun) await this.#files.text(file, '\n]}\n');
  }
}

/** What a person finds, and no other file system stumbles over. */
function folderOf(room: RoomView): string {
  const title = titleOf(room)
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return title === '' ? room.room : `${title}-${room.room.slice(0, 8)}`;
}
