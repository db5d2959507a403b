/** Rooms: terms, invitations, joining and leaving. */
import { Refusal } from '@parley/core/errors.ts';
import { ownerOf, type RuleOf, roomOf, type Saying } from './said.ts';
import { checkComing, checkGround, checkOffered, standingToEnd } from './standing.ts';

/**
 * Rooms that a party opens, and open invitations to them: in all, and to one party. Every look at a party goes over
 * the rooms in which it stands, and others put it there by inviting it.
 */
export const maxRooms = 1_000;
export const maxInvitations = 10_000;
export const maxInvitationsToOne = 100;

export const openRoom: RuleOf<'room.open/1'> = async (saying) => {
  const { header, party, readers } = saying;
  if (party?.role === 'centre') throw new Refusal('rule.broken', { detail: 'the centre opens no rooms' });
  if ((await readers.roomsOpened(header.party)) >= maxRooms)
    throw new Refusal('room.too-many', { params: { limit: maxRooms } });
  await checkOffered(saying, null);
};

export const changeTerms: RuleOf<'room.terms/1'> = async (saying) => {
  await checkOffered(saying, await ownerOf(saying));
};

export const invite: RuleOf<'room.invite/1'> = async (saying) => {
  const room = await ownerOf(saying);
  const { party: id, as: role = 'member' } = saying.header.body;
  const invited = await saying.readers.party(id);
  if (!invited || invited.role === 'centre') throw new Refusal('party.unknown', { at: '/body/party' });
  const state = (await saying.readers.standing(room.no, id))?.state;
  if (state === 'member' || state === 'invited' || state === 'suspended')
    throw new Refusal('room.member', { at: '/body/party', detail: taken[state] });
  checkComing(invited, role, room.terms, { party: '/body/party', as: '/body/as' });
  await checkInvitations(saying, id, maxInvitationsToOne);
  await checkInvitations(saying, null, maxInvitations);
};

const taken = {
  member: 'it stands in the room',
  invited: 'it is invited',
  suspended: 'it is suspended: restore it',
};

async function checkInvitations(
  { header, readers }: Saying,
  to: string | null,
  limit: number,
): Promise<void> {
  if ((await readers.roomInvitations(header.party, to)) >= limit)
    throw new Refusal('room.too-many', { ...(to === null ? {} : { at: '/body/party' }), params: { limit } });
}

export const withdraw: RuleOf<'room.withdraw/1'> = async (saying) => {
  const room = await ownerOf(saying);
  const standing = await saying.readers.standing(room.no, saying.header.body.party);
  if (standing?.state !== 'invited') throw new Refusal('invitation.unknown', { at: '/body/party' });
};

/** Who is invited joins; a member binds itself to new terms. */
export const accept: RuleOf<'room.accept/1'> = async (saying) => {
  const { room, standing } = await roomOf(saying);
  if (standing.state === 'suspended') throw new Refusal('room.suspended', { at: '/room' });
  if (standing.state !== 'invited' && standing.state !== 'member')
    throw new Refusal('invitation.unknown', { at: '/room' });
  if (saying.header.body.terms !== room.terms.hash) throw new Refusal('terms.other', { at: '/body/terms' });
  if (standing.state === 'member' && standing.accepted?.hash === room.terms.hash)
    throw new Refusal('answer.given', { at: '/body/terms' });
  const { party } = saying;
  // Who supervises and is named no more hears of new terms no more, and binds itself to none.
  if (party) checkComing(party, standing.role, room.terms, { party: '/room', as: '/room' });
  if (standing.role !== 'supervisor') checkGround(saying.header.party, room.terms.terms, '/body/terms');
};

export const decline: RuleOf<'room.decline/1'> = async (saying) => {
  const { room, standing } = await roomOf(saying);
  const offered =
    standing.state === 'invited' ||
    (standing.state === 'member' && standing.accepted?.hash !== room.terms.hash);
  if (!offered)
    throw new Refusal('invitation.unknown', {
      at: '/room',
      detail: 'nothing is offered that could be declined',
    });
  if (saying.header.body.terms !== room.terms.hash) throw new Refusal('terms.other', { at: '/body/terms' });
};

export const leave: RuleOf<'room.leave/1'> = async (saying) => {
  const { room, standing } = await roomOf(saying);
  if (standing.state !== 'member' && standing.state !== 'suspended')
    throw new Refusal('room.not-member', { at: '/room' });
  if (room.owner === saying.header.party) throw new Refusal('room.owner');
};

export const remove: RuleOf<'room.remove/1'> = async (saying) => {
  await standingToEnd(saying);
};
