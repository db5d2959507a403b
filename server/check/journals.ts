/** What the centre committed to having observed is what its journals hold. */
import { base64, equal } from '@parley/core/bytes.ts';
import { instantOf } from '@parley/core/fields.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { partLeaf } from '@parley/core/parts.ts';
import { type Header, isA } from '@parley/core/statement.ts';
import type { JournalDb } from '../journals/ports.ts';
import type { StoredRecord } from '../log/ports.ts';
import { type Place, readJournals } from '../place.ts';
import { checking, corrupt } from './corrupt.ts';

type Said = Header<'access.digest/1'>['body'];

/** Collects, as the log is walked, what was said of accesses. */
export class DigestsCheck {
  readonly #said: Said[] = [];

  take(records: readonly StoredRecord[]): void {
    for (const { header } of records) if (isA(header, 'access.digest/1')) this.#said.push(header.body);
  }

  /** To be called after the log's moment was taken: a digest is built before it is said. @returns how many there are */
  finish(place: Place): Promise<number> {
    return readJournals(place, async (db) => {
      for (const said of this.#said)
        await checking(`journals/digests/${said.from}`, () => checkDigest(db, said));
      return this.#said.length;
    });
  }
}

async function checkDigest(db: JournalDb, { from, to, leaves: count, root }: Said): Promise<void> {
  const at = `journals/digests/${from}`;
  const since = instantOf(from);
  const row = await db.selectFrom('digests').selectAll().where('since', '=', since).executeTakeFirst();
  if (!row) throw corrupt(at, 'the journals are older than the log');
  const leaves = await db
    .selectFrom('digest_leaves')
    .selectAll()
    .where('since', '=', since)
    .orderBy('position')
    .execute();
  for (const { salt, leaf, hash } of leaves)
    if (!equal(partLeaf({ salt: new Uint8Array(salt), bytes: new Uint8Array(leaf) }), hash))
      throw corrupt(at, 'a leaf does not hash to what stands beside it');
  const built = base64(rootOf(leaves.map(({ hash }) => new Uint8Array(hash))));
  if (built !== root || leaves.length !== count || row.until !== instantOf(to))
    throw corrupt(at, 'not what the centre has said');
}
