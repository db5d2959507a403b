import { deviceFrom, founds, type KeyStatement } from '@parley/core/chain.ts';
import { instantOf } from '@parley/core/fields.ts';
import { type DeviceName, kinds, type Profile } from '@parley/core/kinds.ts';
import { readPart } from '@parley/core/parts.ts';
import { type AnyHeader, isA } from '@parley/core/statement.ts';
import type { Db, Folding, PartyNo } from '../folding.ts';
import { foldRecovery } from './recovery.ts';
import type { PartiesTables } from './tables.ts';

export async function foldParties(folding: Folding, db: Db<PartiesTables>): Promise<void> {
  const { record } = folding;
  const header: AnyHeader = record.header;
  if (founds(header)) await found(folding, header, db);
  else if (isA(header, 'centre.accredit/1')) {
    const { highest } = header.body;
    await db.insertInto('accreditation').values({ idx: record.index, highest }).execute();
  } else if (isA(header, 'device.enrol/1') || isA(header, 'party.recover/1')) {
    // What a recovery ends came before the device that it brings.
    await foldRecovery(record, db);
    const party = await partyNo(db, header.party);
    const { name } = readPart<DeviceName>(kinds[header.kind].parts.one, bytesOf(folding));
    await enrol(folding, header, party, name, db);
  } else if (isA(header, 'device.revoke/1')) {
    await db
      .updateTable('device')
      .set({ revoked: record.instant })
      .where('id', '=', header.body.device)
      .execute();
  } else if (isA(header, 'party.invite/1')) {
    const by = await partyNo(db, header.party);
    await db
      .insertInto('invitation')
      .values({
        key: header.body.key,
        idx: record.index,
        by,
        until: instantOf(header.body.until),
        state: 'open',
        formerly: header.body.formerly ?? null,
        level: header.body.level ?? null,
      })
      .execute();
  } else if (isA(header, 'party.withdraw/1')) {
    await db
      .updateTable('invitation')
      .set({ state: 'withdrawn' })
      .where('key', '=', header.body.key)
      .execute();
  } else await foldRecovery(record, db);
}

async function found(
  folding: Folding,
  header: Extract<KeyStatement, { kind: 'centre.open/1' | 'party.found/1' }>,
  db: Db<PartiesTables>,
) {
  const last = await db.selectFrom('party').select('no').orderBy('no', 'desc').limit(1).executeTakeFirst();
  const no = (last?.no ?? 0) + 1;
  const { name, device } = readPart<Profile>(kinds[header.kind].parts.one, bytesOf(folding));
  const role = no === 1 ? 'centre' : no === 2 ? 'host' : 'member';
  const invitation = isA(header, 'party.found/1')
    ? await db
        .selectFrom('invitation')
        .select('level')
        .where('key', '=', header.body.invitation.key)
        .executeTakeFirst()
    : undefined;
  const level = invitation?.level ?? null;
  await db
    .insertInto('party')
    .values({ no, id: header.party, idx: folding.record.index, role, name, level })
    .execute();
  await enrol(folding, header, no, device, db);
  await foldRecovery(folding.record, db);
  if (isA(header, 'party.found/1'))
    await db
      .updateTable('invitation')
      .set({ state: 'used' })
      .where('key', '=', header.body.invitation.key)
      .execute();
}

async function enrol(
  folding: Folding,
  header: KeyStatement,
  party: PartyNo,
  name: string,
  db: Db<PartiesTables>,
): Promise<void> {
  const device = deviceFrom(header);
  const last = await db
    .selectFrom('device')
    .select('seq')
    .where('party', '=', party)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  await db
    .insertInto('device')
    .values({
      id: device.id,
      party,
      idx: folding.record.index,
      seq: (last?.seq ?? -1) + 1,
      key: header.body.key,
      rights: device.rights.join(' '),
      ends: device.ends === null ? null : instantOf(device.ends),
      name,
      revoked: null,
      rooms: device.rooms?.join(' ') ?? null,
      personal: Number(device.personal),
      origin: device.from,
    })
    .execute();
}

/** Names of parties and devices are never taken back, so their part is always there. */
function bytesOf(folding: Folding): Uint8Array {
  const part = folding.parts[0];
  if (!part) throw new Error(`record ${folding.record.index} lacks its first part`);
  return part.bytes;
}

async function partyNo(db: Db<PartiesTables>, id: string): Promise<PartyNo> {
  const row = await db.selectFrom('party').select('no').where('id', '=', id).executeTakeFirstOrThrow();
  return row.no;
}
