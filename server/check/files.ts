/** The bytes of files against the leaves in the log: what is there is what was shared, and what was erased is gone. */
import { createHash } from 'node:crypto';
import { equal } from '@parley/core/bytes.ts';
import { partNumber } from '@parley/core/parts.ts';
import { filesOf } from '@parley/core/statement.ts';
import { sql } from 'kysely';
import { fileNamesOf } from '../files/names.ts';
import type { FileStore } from '../files/ports.ts';
import type { Tables } from '../folds.ts';
import type { Store, StoredRecord } from '../log/ports.ts';
import { corrupt } from './corrupt.ts';

interface Named {
  readonly part: number;
  readonly name: string;
  readonly leaf: Uint8Array;
  readonly size: number;
  readonly at: string;
}

export interface FilesReport {
  readonly files: number;
  /** Brought and not named by a statement, or left over; the next start removes the latter. */
  readonly unnamed: number;
}

/** Collects, as the log is walked, what must lie beside it. */
export class FilesCheck {
  readonly #named = new Map<string, Named>();

  take(records: readonly StoredRecord[]): void {
    for (const { index, header, leaves } of records) {
      const sizes = new Map(filesOf(header).map(({ n, size }) => [n, size]));
      for (const { n, name } of fileNamesOf(header, leaves))
        this.#named.set(name, {
          part: partNumber(index, n),
          name,
          leaf: leaves.subarray(32 * n, 32 * n + 32),
          size: sizes.get(n) ?? 0,
          at: `files/${index}/${n}`,
        });
    }
  }

  /** Beside a running centre: what changes meanwhile is looked at again. */
  async finish(store: Store<Tables>, files: FileStore): Promise<FilesReport> {
    let there = 0;
    for (const named of this.#named.values()) if (await this.#check(named, store, files)) there++;
    let unnamed = 0;
    for await (const name of files.list()) {
      const named = this.#named.get(name);
      if (!named) unnamed++;
      else if ((await stateOf(named, store)) === 'erased' && (await files.has(name)))
        throw corrupt(named.at, 'taken back, and still there');
    }
    return { files: there, unnamed };
  }

  async #check(named: Named, store: Store<Tables>, files: FileStore): Promise<boolean> {
    const state = await stateOf(named, store);
    if (typeof state === 'string') return false;
    const pieces = await files.open(named.name);
    if (!pieces) {
      if (typeof (await stateOf(named, store)) === 'string') return false;
      throw corrupt(named.at, 'missing, and nobody took it back');
    }
    const hash = createHash('sha256').update(Uint8Array.of(0)).update(state);
    let size = 0;
    for await (const piece of pieces) {
      size += piece.length;
      hash.update(piece);
    }
    if (size !== named.size || !equal(hash.digest(), named.leaf))
      throw corrupt(named.at, 'not the file that was shared');
    return true;
  }
}

/** The salt of one that must be there; or that it was erased, or is about to be. */
async function stateOf({ part }: Named, store: Store<Tables>): Promise<Uint8Array | 'erased' | 'condemned'> {
  return store.snapshot(async ({ log, db }) => {
    const salt = (await log.parts([part])).get(part)?.salt;
    if (salt) return salt;
    const { rows } = await sql<{ gone: number }>`
      select bytes is null as gone from parts where number = ${part}`.execute(db);
    return rows[0]?.gone ? 'erased' : 'condemned';
  });
}
