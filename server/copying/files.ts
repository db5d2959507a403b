/** Files into another place: those that live in the log, each against its leaf, and those that wait to be shared. */
import { Refusal } from '@parley/core/errors.ts';
import { partNumber } from '@parley/core/parts.ts';
import { fileNamesOf } from '../files/names.ts';
import type { FileStore } from '../files/ports.ts';
import type { LogReader, PartNumber } from '../log/ports.ts';
import { verifiedFile } from './verified.ts';

export interface WantedFile {
  readonly part: PartNumber;
  readonly name: string;
  readonly salt: Uint8Array;
  readonly leaf: Uint8Array;
}

const atOnce = 256;

/** Files of records `from` to `to` (exclusive) that are not taken back. */
export async function* filesBetween(log: LogReader, from: number, to: number): AsyncGenerator<WantedFile[]> {
  for (let at = from; at < to; at += atOnce) {
    const named = (await log.range(at, Math.min(at + atOnce, to))).flatMap(({ index, header, leaves }) =>
      fileNamesOf(header, leaves).map(({ n, name }) => ({
        part: partNumber(index, n),
        name,
        leaf: leaves.slice(32 * n, 32 * n + 32),
      })),
    );
    if (named.length === 0) continue;
    const live = await log.parts(named.map(({ part }) => part));
    yield named.flatMap((file) => {
      const salt = live.get(file.part)?.salt;
      return salt ? [{ ...file, salt }] : [];
    });
  }
}

export class FilesCopy {
  readonly #source: FileStore;
  readonly #target: FileStore;

  constructor(source: FileStore, target: FileStore) {
    this.#source = source;
    this.#target = target;
  }

  /** A name never comes to mean other bytes: what is there stays. @returns those that the source does not have (any more) */
  async bring(files: readonly WantedFile[]): Promise<string[]> {
    const missing: string[] = [];
    for (const { name, ...file } of files) {
      if (await this.#target.has(name)) continue;
      const pieces = await this.#source.open(name);
      if (pieces) await this.#target.put(name, verifiedFile(`files/${name}`, pieces, file));
      else missing.push(name);
    }
    return missing;
  }

  /** What was brought and waits to be shared. Nobody holds a receipt for it: what has gone meanwhile is not missed. */
  async bringStaged(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (await this.#target.has(name)) continue;
      const pieces = await this.#source.open(name);
      if (pieces) await this.#target.put(name, pieces);
    }
  }

  remove(names: readonly string[]): Promise<void> {
    return this.#target.remove(names);
  }

  /** What the target has and nobody names: left over by an end in between. @param live those that must stay */
  async clear(live: ReadonlySet<string>): Promise<void> {
    const left: string[] = [];
    for await (const name of this.#target.list()) if (!live.has(name)) left.push(name);
    await this.#target.remove(left);
  }
}

export function missingFiles(names: readonly string[]): Refusal {
  return new Refusal('store.corrupt', {
    at: `files/${names[0]}`,
    detail: 'missing, and nobody took it back',
  });
}
