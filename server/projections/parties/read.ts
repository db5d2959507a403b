import type { ChainDevice } from '@parley/core/chain.ts';
import type { Classification } from '@parley/core/classification.ts';
import type { Right } from '@parley/core/kinds.ts';
import type { Level } from '@parley/core/terms.ts';
import { kept, perDatabase, prepared } from '../../log/prepared.ts';
import type { Db, PartyNo } from '../folding.ts';
import { type RecoveryReader, readRecovery } from './recovery-read.ts';
import type { PartiesTables } from './tables.ts';

export interface PartyRow {
  readonly no: PartyNo;
  readonly id: string;
  /** Index of its founding. */
  readonly index: number;
  readonly role: 'centre' | 'host' | 'member';
  readonly name: string;
  /** At which alone it takes part; null: at any. */
  readonly level: Level | null;
}

export interface DeviceRow {
  readonly id: string;
  readonly party: PartyNo;
  readonly index: number;
  /** Base64 of its 32-byte public key. */
  readonly key: string;
  readonly rights: readonly Right[];
  readonly ends: number | null;
  readonly name: string;
  readonly revoked: number | null;
  /** Its only rooms; null: all. */
  readonly rooms: readonly string[] | null;
  readonly personal: boolean;
  readonly from: ChainDevice['from'];
}

export interface InvitationRow {
  readonly by: PartyNo;
  readonly until: number;
  readonly state: 'open' | 'used' | 'withdrawn';
  readonly formerly: string | null;
}

export interface PartiesReader extends RecoveryReader {
  /** Index null: it was never said, and nothing classified may be here. */
  accreditation(): Promise<{ readonly highest: Classification; readonly index: number | null }>;
  party(id: string): Promise<PartyRow | null>;
  byNumber(no: PartyNo): Promise<PartyRow>;
  all(): Promise<readonly PartyRow[]>;
  device(id: string): Promise<DeviceRow | null>;
  /** In the order of enrolment, the revoked among them. */
  devicesOf(party: PartyNo): Promise<readonly DeviceRow[]>;
  invitation(key: string): Promise<InvitationRow | null>;
  /** How many invitations of this party are open, whether they have ended or not. */
  openInvitations(by: PartyNo): Promise<number>;
}

const lastAccreditation = prepared((db: Db<PartiesTables>, _: Record<never, never>) =>
  db.selectFrom('accreditation').selectAll().orderBy('idx', 'desc').limit(1),
);
const partyById = kept(
  prepared((db: Db<PartiesTables>, at: { id: string }) =>
    db.selectFrom('party').selectAll().where('id', '=', at.id),
  ),
);
const deviceById = kept(
  prepared((db: Db<PartiesTables>, at: { id: string }) =>
    db.selectFrom('device').selectAll().where('id', '=', at.id),
  ),
);

export const readParties = perDatabase(partiesOf);

function partiesOf(db: Db<PartiesTables>): PartiesReader {
  const party = (row: PartiesTables['party']): PartyRow => ({
    no: row.no,
    id: row.id,
    index: row.idx,
    role: row.role,
    name: row.name,
    level: row.level,
  });
  const device = (row: PartiesTables['device']): DeviceRow => ({
    id: row.id,
    party: row.party,
    index: row.idx,
    key: row.key,
    rights: row.rights.split(' ') as Right[],
    ends: row.ends,
    name: row.name,
    revoked: row.revoked,
    rooms: row.rooms?.split(' ') ?? null,
    personal: row.personal === 1,
    from: row.origin as ChainDevice['from'],
  });
  return {
    ...readRecovery(db),
    async accreditation() {
      const [last] = await lastAccreditation(db, {});
      return { highest: last?.highest ?? 'unclassified', index: last?.idx ?? null };
    },
    async party(id) {
      const [row] = await partyById(db, { id });
      return row ? party(row) : null;
    },
    async byNumber(no) {
      return party(await db.selectFrom('party').selectAll().where('no', '=', no).executeTakeFirstOrThrow());
    },
    async all() {
      return (await db.selectFrom('party').selectAll().orderBy('no').execute()).map(party);
    },
    async device(id) {
      const [row] = await deviceById(db, { id });
      return row ? device(row) : null;
    },
    async devicesOf(no) {
      return (await db.selectFrom('device').selectAll().where('party', '=', no).orderBy('seq').execute()).map(
        device,
      );
    },
    async invitation(key) {
      const row = await db.selectFrom('invitation').selectAll().where('key', '=', key).executeTakeFirst();
      return row ? { by: row.by, until: row.until, state: row.state, formerly: row.formerly } : null;
    },
    async openInvitations(by) {
      const rows = await db
        .selectFrom('invitation')
        .select('key')
        .where('by', '=', by)
        .where('state', '=', 'open')
        .execute();
      return rows.length;
    },
  };
}
