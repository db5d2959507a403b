import type { DeviceId } from '@parley/core/keys.ts';
import { prepared } from '../../log/prepared.ts';
import type { Db, PartyNo } from '../folding.ts';
import { lastArrangement } from './recovery.ts';
import type { PartiesTables } from './tables.ts';

export interface ArrangementRow {
  readonly index: number;
  readonly guardians: readonly [PartyNo, PartyNo] | null;
  /** Hours. */
  readonly delay: number;
}

export interface VouchRow {
  readonly party: PartyNo;
  readonly guardian: PartyNo;
  readonly key: string;
  readonly index: number;
  readonly at: number;
}

export interface RecoveryReader {
  /** A recovery key that the party named. */
  recoveryKey(
    party: PartyNo,
    id: string,
  ): Promise<{ readonly state: 'current' | 'spent' | 'replaced'; readonly index: number } | null>;
  currentRecoveryKey(party: PartyNo): Promise<{ readonly key: string; readonly index: number } | null>;
  /** The last ones, the newest first. */
  arrangements(party: PartyNo, limit: number): Promise<readonly ArrangementRow[]>;
  /** Parties that now name it as their guardian. */
  wardsOf(guardian: PartyNo): Promise<readonly PartyNo[]>;
  vouches(party: PartyNo): Promise<readonly VouchRow[]>;
  objected(party: PartyNo, key: string): Promise<boolean>;
  /** Records that brought a key into being: of a device, or of a recovery key of the party. */
  broughtBy(party: PartyNo, id: DeviceId): Promise<readonly number[]>;
}

const enrolledAs = prepared((db: Db<PartiesTables>, at: { party: PartyNo; id: string }) =>
  db.selectFrom('device').select('idx').where('id', '=', at.id).where('party', '=', at.party),
);
const readmittedAs = prepared((db: Db<PartiesTables>, at: { id: string }) =>
  db.selectFrom('readmitted').selectAll().where('device', '=', at.id),
);

export function readRecovery(db: Db<PartiesTables>): RecoveryReader {
  const arrangement = (row: PartiesTables['arrangement']): ArrangementRow => ({
    index: row.idx,
    guardians: row.one === null || row.other === null ? null : [row.one, row.other],
    delay: row.delay ?? 0,
  });
  const keyRow = (party: PartyNo, id: string) =>
    db
      .selectFrom('recovery_key')
      .selectAll()
      .where('party', '=', party)
      .where('id', '=', id)
      .executeTakeFirst();
  return {
    async recoveryKey(party, id) {
      const row = await keyRow(party, id);
      return row ? { state: row.state, index: row.idx } : null;
    },
    async currentRecoveryKey(party) {
      const row = await db
        .selectFrom('recovery_key')
        .selectAll()
        .where('party', '=', party)
        .where('state', '=', 'current')
        .executeTakeFirst();
      return row ? { key: row.key, index: row.idx } : null;
    },
    async arrangements(party, limit) {
      const rows = db.selectFrom('arrangement').selectAll().where('party', '=', party);
      return (await rows.orderBy('idx', 'desc').limit(limit).execute()).map(arrangement);
    },
    async wardsOf(guardian) {
      const rows = await db
        .selectFrom('arrangement')
        .selectAll()
        .where((where) => where.or([where('one', '=', guardian), where('other', '=', guardian)]))
        .orderBy('idx')
        .execute();
      const wards: PartyNo[] = [];
      for (const { party, idx } of rows) {
        const last = await lastArrangement(db, party);
        if (last?.idx === idx) wards.push(party);
      }
      return wards;
    },
    async vouches(party) {
      const rows = await db
        .selectFrom('vouch')
        .selectAll()
        .where('party', '=', party)
        .orderBy('idx')
        .execute();
      return rows.map(({ idx, ...row }) => ({ ...row, index: idx }));
    },
    async objected(party, key) {
      const row = await db
        .selectFrom('objection')
        .select('idx')
        .where('party', '=', party)
        .where('key', '=', key)
        .executeTakeFirst();
      return row !== undefined;
    },
    async broughtBy(party, id) {
      const [device] = await enrolledAs(db, { party, id });
      if (!device) {
        const key = await keyRow(party, id);
        return key ? [key.idx] : [];
      }
      const [row] = await readmittedAs(db, { id });
      return row ? [device.idx, row.arrangement, row.one, row.other] : [device.idx];
    },
  };
}
