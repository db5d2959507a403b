/**
 * Who learns of a statement that is not content. `spec/release.md` ("Whom governance concerns") and each kind's page in
 * `spec/kinds/` say the same in words.
 */
import { isPublicKind, type KindName, type PublicKind } from '@parley/core/kinds.ts';
import { type Header, isA, refOf, roomId } from '@parley/core/statement.ts';
import type { StoredRecord } from '../../log/ports.ts';
import type { Db, PartyNo } from '../folding.ts';
import { ofFounding, ofInvitation, ofReadmission, ofRecovery } from './recovery.ts';
import { addHeading, governance, partyAudience } from './streams.ts';
import type { RoomAround, Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';

/** Parties of a room by how they stand in it, every party, or one. */
type Hearer =
  | { readonly to: 'room' | 'observers' | 'all'; readonly past: boolean }
  /** By its id. */
  | { readonly party: string };

interface Telling<K extends KindName> {
  readonly header: Header<K>;
  readonly around: Surroundings;
  /** In which it is said, or which it opens. */
  readonly room: () => Promise<RoomAround>;
}

type HearersOf<K extends KindName> = (telling: Telling<K>) => Promise<readonly Hearer[]> | readonly Hearer[];

/** The fold of these kinds tells of them: where their own rows stand, or where what they are about stands. */
const withItsRows = null;
const withItsTarget = null;

const rules: { readonly [K in Exclude<KindName, PublicKind>]: HearersOf<K> | null } = {
  'access.digest/1': () => [{ to: 'all', past: false }],
  'party.invite/1': ({ header }) => parties(header.party, ...ofInvitation(header)),
  'party.withdraw/1': ownParty,
  'party.found/1': async ({ header, around }) => parties(header.party, ...(await ofFounding(header, around))),
  // Who was a guardian until now learns that it is none any more.
  'party.recovery/1': async ({ header: { party }, around }) =>
    parties(party, ...(await around.guardians(party, 2))),
  'party.recover/1': async ({ header: { party }, around }) =>
    parties(party, ...(await ofRecovery(party, around))),
  'party.readmit/1': async ({ header, around }) =>
    parties(header.party, ...(await ofReadmission(header, around))),
  'party.object/1': async ({ header: { party }, around }) =>
    parties(party, ...(await ofRecovery(party, around))),
  'device.enrol/1': ownParty,
  'device.revoke/1': ownParty,
  // Who observes is bound by terms, too.
  'room.open/1': () => [{ to: 'observers', past: true }],
  'room.terms/1': async ({ around, room }) => [
    { to: 'observers', past: true },
    ...parties(...(await around.outside((await room()).no))),
  ],
  'room.invite/1': ({ header }) => parties(header.party, header.body.party),
  'room.withdraw/1': ({ header }) => parties(header.party, header.body.party),
  'room.accept/1': (telling) => standing(telling, telling.header.party),
  'room.decline/1': async ({ header, room }) => parties(header.party, (await room()).owner),
  'room.leave/1': (telling) => standing(telling, telling.header.party),
  'room.remove/1': (telling) => standing(telling, telling.header.body.party),
  'room.suspend/1': (telling) => standing(telling, telling.header.body.party),
  'room.restore/1': (telling) => standing(telling, telling.header.body.party),
  'undertaking.state/1': (telling) => undertaken(telling, telling.header.body.by),
  'undertaking.suspend/1': (telling) => undertaken(telling, telling.header.body.from),
  'undertaking.resume/1': async (telling) =>
    undertaken(telling, await telling.around.suspendedFrom(telling.header.body.suspension)),
  'share/1': withItsRows,
  'recall/1': ownParty,
  'expiry/1': ({ header }) => parties(header.party, header.body.target.party),
  'ask/1': ({ header }) => parties(header.party, header.body.target.party),
  'grant/1': withItsRows,
  'deny/1': async ({ header, around }) => parties(header.party, (await around.ask(header.body.ask)).asker),
  'ack/1': async ({ header, around }) => parties(header.party, await around.noticed(header.body.notice)),
  'hold/1': withItsTarget,
  'hold.review/1': withItsTarget,
  'hold.end/1': withItsTarget,
  'subject.request/1': ({ header }) => parties(header.party, header.body.target.party),
  'subject.answer/1': ({ header }) => parties(header.party, header.body.request.party),
  'complaint.lodge/1': async ({ header, around }) => concerned(await around.complaint(refOf(header))),
  'complaint.answer/1': async ({ header, around }) =>
    concerned(await around.complaint(header.body.complaint)),
  'supervision.open/1': opened,
  'notice/1': withItsRows,
};

export async function foldGovernance(
  record: StoredRecord,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const { header } = record;
  if (isPublicKind(header.kind)) return addHeading(db, governance(0, 'public'), record);
  const hearersOf = rules[header.kind] as HearersOf<KindName> | null;
  if (hearersOf === null) return;
  const id = isA(header, 'room.open/1') ? roomId(refOf(header)) : header.room;
  const room = async () => around.room(id ?? '');
  const no = id === undefined ? 0 : (await room()).no;
  const told = new Set<string>();
  for (const hearer of await hearersOf({ header, around, room })) {
    const audience = 'to' in hearer ? hearer.to : partyAudience(await around.party(hearer.party));
    if (told.has(audience)) continue;
    told.add(audience);
    await addHeading(db, governance(no, audience, 'to' in hearer && hearer.past), record);
  }
  if (isA(header, 'room.invite/1'))
    await showTerms(record, 1, await room(), await around.party(header.body.party), db);
}

function parties(...ids: readonly string[]): readonly Hearer[] {
  return ids.map((party) => ({ party }));
}

function ownParty({ header }: { readonly header: { readonly party: string } }): readonly Hearer[] {
  return parties(header.party);
}

/**
 * Somebody comes or goes. Its own terms decide: a member that never agreed to be seen stays unseen until it accepts terms
 * that show it. Who observes or supervises is no secret to those it observes.
 * @param who whose place in the room the statement changes
 */
async function standing(
  { around, room }: Pick<Telling<KindName>, 'around' | 'room'>,
  who: string,
): Promise<readonly Hearer[]> {
  const { no, owner } = await room();
  const { roster, past, role } = await around.accepted(no, who);
  const both = parties(owner, who);
  if (role === 'supervisor') return [{ to: 'observers', past }, ...both];
  return roster || role === 'observer' ? [{ to: 'room', past }, ...both] : both;
}

/** Such terms show who is in. @param other who owes what is stated, or from whom something is withheld */
async function undertaken(
  {
    header,
    around,
    room,
  }: Omit<Telling<KindName>, 'header'> & { readonly header: { readonly party: string } },
  other: string,
): Promise<readonly Hearer[]> {
  const { no, owner } = await room();
  const { past } = await around.accepted(no, header.party);
  return [{ to: 'room', past }, ...parties(header.party, owner, other)];
}

type Complaint = Awaited<ReturnType<Surroundings['complaint']>>;

/** Who lodged it, whom it is about and who decides it. */
function concerned({ author, about, supervisor }: Complaint): readonly Hearer[] {
  return parties(author, about, ...(supervisor === null ? [] : [supervisor]));
}

/** Who opened it, whom the complaint is about, and whose the content is. */
async function opened({ header, around }: Telling<'supervision.open/1'>): Promise<readonly Hearer[]> {
  const { complaint, target } = header.body;
  const { author, about, statement } = await around.complaint(complaint);
  // Who complained of a party in general need not know of what is opened.
  const knows = target.party === author || (await around.find(target)) === statement;
  return parties(header.party, about, target.party, ...(knows ? [author] : []));
}

/**
 * Who is invited, or may read under a grant, sees the terms: the statement that opened the room, and those now offered.
 * @param offset of the first of them among the instants of the record
 */
export async function showTerms(
  record: StoredRecord,
  offset: number,
  room: RoomAround,
  to: PartyNo,
  db: Db<ObjectsTables>,
): Promise<void> {
  const stream = governance(room.no, partyAudience(to));
  for (const [k, index] of [...new Set([room.index, room.termsIndex])].entries()) {
    const known = await db
      .selectFrom('heading')
      .innerJoin('stream', 'stream.no', 'heading.stream')
      .select('idx')
      .where('idx', '=', index)
      .where('audience', '=', stream.audience)
      .executeTakeFirst();
    if (!known) await addHeading(db, stream, record, offset + k, index);
  }
}
