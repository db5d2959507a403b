/** How parties come back: recovery keys, guardians, what they vouched for, and what was objected to. */
import { fingerprint, publicKeyFrom } from '@parley/core/keys.ts';
import { type AnyHeader, type Header, isA } from '@parley/core/statement.ts';
import type { StoredRecord } from '../../log/ports.ts';
import type { Db, PartyNo } from '../folding.ts';
import type { PartiesTables } from './tables.ts';

/** After the party itself, and before the device that a recovery brings. */
export async function foldRecovery(record: StoredRecord, db: Db<PartiesTables>): Promise<void> {
  const header: AnyHeader = record.header;
  if (isA(header, 'party.found/1')) {
    const party = await partyNo(db, header.party);
    await nameKey(db, party, header.body.recovery ?? null, record.index);
  } else if (isA(header, 'party.recovery/1')) await arrange(record, header, db);
  else if (isA(header, 'party.recover/1')) await recover(record, header, db);
  else if (isA(header, 'party.readmit/1')) await vouch(record, header, db);
  else if (isA(header, 'party.object/1')) {
    const party = await partyNo(db, header.party);
    const { key } = header.body;
    await db.insertInto('objection').values({ party, key, idx: record.index }).execute();
    await db.deleteFrom('vouch').where('party', '=', party).where('key', '=', key).execute();
  }
}

async function arrange(
  { index }: StoredRecord,
  { party: id, body }: Header<'party.recovery/1'>,
  db: Db<PartiesTables>,
): Promise<void> {
  const party = await partyNo(db, id);
  const [one, other] = body.guardians?.parties ?? [];
  await db
    .insertInto('arrangement')
    .values({
      idx: index,
      party,
      one: one === undefined ? null : await partyNo(db, one),
      other: other === undefined ? null : await partyNo(db, other),
      delay: body.guardians?.delay ?? null,
    })
    .execute();
  await replaceKey(db, party, body.recovery, 'replaced', index);
  await db.deleteFrom('vouch').where('party', '=', party).execute();
}

async function recover(
  { index, instant }: StoredRecord,
  { party: id, body }: Header<'party.recover/1'>,
  db: Db<PartiesTables>,
): Promise<void> {
  const party = await partyNo(db, id);
  if (body.by === 'guardians') {
    const words = await db
      .selectFrom('vouch')
      .selectAll()
      .where('party', '=', party)
      .orderBy('idx')
      .execute();
    const last = await lastArrangement(db, party);
    const [one, other] = words;
    if (!one || !other || !last) throw new Error(`record ${index} comes back without guardians`);
    const device = fingerprint(publicKeyFrom(body.key));
    await db
      .insertInto('readmitted')
      .values({ device, arrangement: last.idx, one: one.idx, other: other.idx })
      .execute();
  }
  await replaceKey(db, party, body.recovery, body.by === 'recovery' ? 'spent' : 'replaced', index);
  await db.deleteFrom('vouch').where('party', '=', party).execute();
  if (body.revoke)
    await db
      .updateTable('device')
      .set({ revoked: instant })
      .where('party', '=', party)
      .where('revoked', 'is', null)
      .execute();
}

/** A guardian has one word for a party: the last. */
async function vouch(
  { index, instant }: StoredRecord,
  { party, body }: Header<'party.readmit/1'>,
  db: Db<PartiesTables>,
): Promise<void> {
  const about = await partyNo(db, body.party);
  const guardian = await partyNo(db, party);
  await db.deleteFrom('vouch').where('party', '=', about).where('guardian', '=', guardian).execute();
  const values = { party: about, guardian, key: body.key, idx: index, at: instant };
  await db.insertInto('vouch').values(values).execute();
}

/** The key in force goes, unless the new one is the same. */
async function replaceKey(
  db: Db<PartiesTables>,
  party: PartyNo,
  next: string | null,
  state: 'spent' | 'replaced',
  idx: number,
): Promise<void> {
  await db
    .updateTable('recovery_key')
    .set({ state })
    .where('party', '=', party)
    .where('state', '=', 'current')
    .where('key', '<>', next ?? '')
    .execute();
  await nameKey(db, party, next, idx);
}

async function nameKey(
  db: Db<PartiesTables>,
  party: PartyNo,
  key: string | null,
  idx: number,
): Promise<void> {
  if (key === null) return;
  const id = fingerprint(publicKeyFrom(key));
  await db
    .insertInto('recovery_key')
    .values({ party, id, key, idx, state: 'current' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The one in force. */
export function lastArrangement(db: Db<PartiesTables>, party: PartyNo) {
  return db
    .selectFrom('arrangement')
    .selectAll()
    .where('party', '=', party)
    .orderBy('idx', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function partyNo(db: Db<PartiesTables>, id: string): Promise<PartyNo> {
  const row = await db.selectFrom('party').select('no').where('id', '=', id).executeTakeFirstOrThrow();
  return row.no;
}
