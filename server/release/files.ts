/** One file of a share: what a viewer who may have it gets with its bytes. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { FileEntry } from '@parley/core/files.ts';
import { partNumber } from '@parley/core/parts.ts';
import { fileAt } from '@parley/core/statement.ts';
import { evidenceOn } from './content.ts';
import { type Released, released } from './released.ts';
import type { Sources } from './sources.ts';
import { look, type Viewer } from './viewer.ts';

export interface ShownFile {
  readonly index: number;
  readonly author: string;
  readonly file: FileEntry;
  readonly salt: Bytes;
  readonly leaf: Bytes;
}

/** Locked, erased, no file and no part are alike. @throws absent */
export async function releaseFile(
  viewer: Viewer,
  ref: StatementRef,
  n: number,
  sources: Sources,
): Promise<Released<ShownFile>> {
  const { record, decide } = await evidenceOn(await look(viewer, sources), ref);
  const file = fileAt(record.header, n);
  if (!file || decide(n).verdict !== 'permit') throw new Refusal('absent');
  const number = partNumber(record.index, n);
  const part = (await sources.log.parts([number])).get(number);
  if (!part) throw new Refusal('absent');
  const leaf = record.leaves.slice(32 * n, 32 * n + 32);
  return released({ index: record.index, author: record.header.party, file, salt: part.salt, leaf });
}
