/**
 * After a loss the places of the records that are gone are taken by others: what was observed of those records must
 * not be told of these. That somebody read something, for which purpose, stays; of what, nobody knows any more.
 */
import type { Instant } from '@parley/core/fields.ts';
import type { ExpressionBuilder } from 'kysely';
import { pack, unpack } from './packing.ts';
import type { JournalDb } from './ports.ts';
import type { JournalTables } from './tables.ts';

const blockSize = 32;

/**
 * @param size how many records are left
 * @param said whether the centre's statement on the digest that begins there is left
 */
export async function forgetLost(
  db: JournalDb,
  size: number,
  said: (from: Instant) => Promise<boolean>,
): Promise<void> {
  await db.deleteFrom('erasures').where('record', '>=', size).execute();
  await forgetAccesses(db, size);
  const digests = await db.selectFrom('digests').select('since').orderBy('since', 'desc').execute();
  for (const { since } of digests) {
    // Said one after another: where one is left, those before it are.
    if (await said(since)) break;
    await db.deleteFrom('digest_leaves').where('since', '=', since).execute();
    await db.deleteFrom('digests').where('since', '=', since).execute();
  }
}

async function forgetAccesses(db: JournalDb, size: number): Promise<void> {
  const first = Math.floor(size / blockSize);
  const touched = await db.selectFrom('access_records').selectAll().where('block', '>=', first).execute();
  for (const id of new Set(touched.map(({ access }) => access))) {
    const row = await db.selectFrom('accesses').select('list').where('id', '=', id).executeTakeFirst();
    const list = row ? unpack(new Uint8Array(row.list)).filter(({ index }) => index < size) : [];
    await db
      .updateTable('accesses')
      .set({ list: pack(list) })
      .where('id', '=', id)
      .execute();
  }
  await db.deleteFrom('access_records').where('block', '>', first).execute();
  const left = 2 ** (size % blockSize) - 1;
  for (const { access, mask } of touched.filter(({ block }) => block === first)) {
    // Not by `&`: a mask has 32 bits, of which JavaScript takes the last for a sign.
    const kept = Number(BigInt(mask) & BigInt(left));
    const row = { block: first, access };
    if (kept === 0) await db.deleteFrom('access_records').where(isRow(row)).execute();
    else await db.updateTable('access_records').set({ mask: kept }).where(isRow(row)).execute();
  }
}

function isRow(row: { readonly block: number; readonly access: number }) {
  return (where: ExpressionBuilder<JournalTables, 'access_records'>) => where.and(row);
}
