import type { PartNumber } from '../../log/ports.ts';
import type { Db } from '../folding.ts';
import type { FilesTables } from './tables.ts';

export interface FilesReader {
  /** Those of the names that a statement has given, with their part. */
  parts(names: readonly string[]): Promise<ReadonlyMap<string, PartNumber>>;
  /** Names of those parts that are files. */
  names(parts: readonly PartNumber[]): Promise<ReadonlyMap<PartNumber, string>>;
  /** In the order of their parts. */
  after(part: PartNumber, limit: number): Promise<readonly { part: PartNumber; name: string }[]>;
}

const chunk = 500;

export function readFiles(db: Db<FilesTables>): FilesReader {
  return {
    async parts(names) {
      const found = new Map<string, PartNumber>();
      for (let i = 0; i < names.length; i += chunk)
        for (const { name, part } of await db
          .selectFrom('shared_file')
          .selectAll()
          .where('name', 'in', names.slice(i, i + chunk))
          .execute())
          found.set(name, part);
      return found;
    },
    async names(parts) {
      const found = new Map<PartNumber, string>();
      for (let i = 0; i < parts.length; i += chunk)
        for (const { name, part } of await db
          .selectFrom('shared_file')
          .selectAll()
          .where('part', 'in', parts.slice(i, i + chunk))
          .execute())
          found.set(part, name);
      return found;
    },
    after: (part, limit) =>
      db
        .selectFrom('shared_file')
        .selectAll()
        .where('part', '>', part)
        .orderBy('part')
        .limit(limit)
        .execute(),
  };
}
