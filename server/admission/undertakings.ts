/** That an undertaking holds or was broken, and what is suspended in return. */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { handlingOf } from '@parley/core/statement.ts';
import { owes, type Undertaking } from '@parley/core/undertakings.ts';
import type { RoomState, StandingState } from './readers.ts';
import { memberOf, type RuleOf, roomOf, type Saying, standsIn } from './said.ts';

/** Members and observers; who supervises is no side of it. */
export const stateUndertaking: RuleOf<'undertaking.state/1'> = async (saying) => {
  const { body } = saying.header;
  const { room, standing } = await roomOf(saying);
  standsIn(standing);
  if (standing.role === 'supervisor')
    throw new Refusal('room.not-member', {
      at: '/room',
      detail: 'who supervises the room is no side of what is undertaken in it',
    });
  if (body.terms !== standing.accepted?.hash)
    throw new Refusal('terms.other', { at: '/body/terms', detail: 'name those that your party accepted' });
  const undertaking = undertakingIn(standing, body.undertaking);
  await checkOwing(saying, room, standing, undertaking);
  for (const [i, ref] of body.evidence.entries()) await checkEvidence(saying, ref, `/body/evidence/${i}`);
};

function undertakingIn({ accepted }: StandingState, id: string): Undertaking {
  const found = accepted?.terms.undertakings?.find((one) => one.id === id);
  if (!found) throw new Refusal('undertaking.unknown', { at: '/body/undertaking' });
  return found;
}

/**
 * Where each owes it, one that the speaker may see in the room, and that accepted it. Of whom the terms
 * name by itself it is only asked whether it has joined the centre: the speaker accepted the name with them.
 */
async function checkOwing(
  { header, readers }: Saying<'undertaking.state/1'>,
  room: RoomState,
  { role }: StandingState,
  undertaking: Undertaking,
): Promise<void> {
  const { by } = header.body;
  const unknown = new Refusal('party.unknown', { at: '/body/by', detail: 'it does not owe this' });
  // Terms can name who has never joined: it could not be told.
  if (!owes(undertaking, by) || !(await readers.party(by))) throw unknown;
  if (undertaking.by === by || by === header.party || by === room.owner) return;
  const other = role === 'member' ? await readers.standing(room.no, by) : null;
  const there = other?.state === 'member' || other?.state === 'suspended';
  const seen = other?.role !== 'supervisor' && other?.accepted?.terms.roster === true;
  const accepted = other?.accepted?.terms.undertakings?.some(({ id }) => id === undertaking.id);
  if (!there || !seen || !accepted) throw unknown;
}

/**
 * What the speaker said, or can see in the room. Members learn of it by this: what another named to a few stays with
 * those.
 */
async function checkEvidence(
  { header, instant, readers }: Saying<'undertaking.state/1'>,
  ref: StatementRef,
  at: string,
): Promise<void> {
  const index = await readers.find(ref);
  const [record] = index === null ? [] : await readers.log.records([index]);
  const mine = ref.party === header.party;
  const reached = record && (mine || (await readers.reaches(header.party, record.index, instant)).size > 0);
  if (!record || record.header.room !== header.room || !reached) throw new Refusal('target.unknown', { at });
  if (!mine && typeof handlingOf(record.header)?.to === 'object')
    throw new Refusal('handling.onward', {
      at,
      detail: 'it names its recipients, and members would learn of it',
    });
}

/** What is suspended is what was owed in return for what was broken, towards who broke it. */
export const suspendUndertaking: RuleOf<'undertaking.suspend/1'> = async (saying) => {
  const { header, readers } = saying;
  const { undertaking: id, because, from } = header.body;
  const { standing } = await memberOf(saying);
  const own = undertakingIn(standing, id);
  if (!owes(own, header.party))
    throw new Refusal('undertaking.unknown', {
      at: '/body/undertaking',
      detail: 'your party does not owe it',
    });
  const broken = await brokenBy(saying, because);
  if (broken.by !== from || from === header.party)
    throw new Refusal('undertaking.not-in-return', {
      at: '/body/from',
      detail: 'it is suspended towards the party that broke the other one',
    });
  if (!own.inReturnFor.includes(broken.undertaking))
    throw new Refusal('undertaking.not-in-return', {
      at: '/body/because',
      detail: `${id} is owed in return for ${own.inReturnFor.join(', ') || 'none'}`,
    });
  const stands = (await readers.undertakings.suspensionsFrom(from)).some(
    (each) =>
      each.party === header.party &&
      each.room === header.room &&
      each.undertaking === id &&
      each.resumed === null,
  );
  if (stands)
    throw new Refusal('state.already', { at: '/body/undertaking', detail: 'it is suspended already' });
};

/** That it was broken, as its author still says. One answer for what is not there and for what the speaker may not see. */
async function brokenBy({ header, instant, readers }: Saying, ref: StatementRef) {
  const at = '/body/because';
  const index = await readers.find(ref);
  const said = index === null ? null : await readers.undertakings.state(index);
  if (said === null || said.room !== header.room || !(await readers.sees(header.party, said.index, instant)))
    throw new Refusal('target.unknown', { at });
  const later = (await readers.undertakings.statesIn(said.room)).some(
    (other) =>
      other.index > said.index &&
      other.author === said.author &&
      other.by === said.by &&
      other.undertaking === said.undertaking,
  );
  if (said.state !== 'broken' || later)
    throw new Refusal('target.kind', {
      at,
      detail: later ? 'its author has said something else since' : 'it says that the undertaking holds',
    });
  return said;
}

/** Also after leaving: it only widens what others see. */
export const resumeUndertaking: RuleOf<'undertaking.resume/1'> = async (saying) => {
  const { header, readers } = saying;
  await roomOf(saying);
  const { suspension: ref } = header.body;
  const index = ref.party === header.party ? await readers.find(ref) : null;
  const suspension = index === null ? null : await readers.undertakings.suspension(index);
  if (!suspension || suspension.room !== header.room)
    throw new Refusal('target.unknown', { at: '/body/suspension' });
  if (suspension.resumed !== null)
    throw new Refusal('state.already', { at: '/body/suspension', detail: 'it has ended already' });
};
