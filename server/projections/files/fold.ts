import { fileNamesOf } from '../../files/names.ts';
import { partNumber } from '../../log/ports.ts';
import type { Db, Folding } from '../folding.ts';
import type { FilesTables } from './tables.ts';

/** From header and leaves alone, which stay: a fold never sees the bytes of a file. */
export async function foldFiles({ record }: Folding, db: Db<FilesTables>): Promise<void> {
  const rows = fileNamesOf(record.header, record.leaves).map(({ n, name }) => ({
    part: partNumber(record.index, n),
    name,
  }));
  if (rows.length > 0) await db.insertInto('shared_file').values(rows).execute();
}
