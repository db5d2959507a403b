/** Rooms: terms, invitations, joining and leaving. */
import { Refusal } from '@parley/core/errors.ts';
import { memberOf, ownerOf, type RuleOf, roomOf, type Saying } from './said.ts';

/**
 * Rooms that a party opens, and open invitations to them: in all, and to one party. Every look at a party goes over
 * the rooms in which it stands, and others put it there by inviting it.
 */
export const maxRooms = 1_000;
export const maxInvitations = 10_000;
export const maxInvitationsToOne = 100;

export const openRoom: RuleOf<'room.open/1'> = async ({ header, party, readers }) => {
  if (party?.role === 'centre') throw new Refusal('rule.broken', { detail: 'the centre opens no rooms' });
  if ((await readers.roomsOpened(header.party)) >= maxRooms)
    throw new Refusal('room.too-many', { params: { limit: maxRooms } });
};

export const changeTerms: RuleOf<'room.terms/1'> = async (saying) => {
  await ownerOf(saying);
};

export const invite: RuleOf<'room.invite/1'> = async (saying) => {
  const room = await ownerOf(saying);
  const { party: id } = saying.header.body;
  const invited = await saying.readers.party(id);
  if (!invited || invited.role === 'centre') throw new Refusal('party.unknown', { at: '/body/party' });
  const state = (await saying.readers.standing(room.no, id))?.state;
  if (state === 'member' || state === 'invited')
    throw new Refusal('room.member', {
      at: '/body/party',
      detail: state === 'member' ? 'it is a member' : 'it is invited',
    });
  await checkInvitations(saying, id, maxInvitationsToOne);
  await checkInvitations(saying, null, maxInvitations);
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
  if (standing.state !== 'invited' && standing.state !== 'member')
    throw new Refusal('invitation.unknown', { at: '/room' });
  if (saying.header.body.terms !== room.terms.hash) throw new Refusal('terms.other', { at: '/body/terms' });
  if (standing.state === 'member' && standing.accepted?.hash === room.terms.hash)
    throw new Refusal('answer.given', { at: '/body/terms' });
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
  const { room } = await memberOf(saying);
  if (room.owner === saying.header.party) throw new Refusal('room.owner');
};

export const remove: RuleOf<'room.remove/1'> = async (saying) => {
  const room = await ownerOf(saying);
  const { party } = saying.header.body;
  if (party === room.owner) throw new Refusal('room.owner', { at: '/body/party' });
  const standing = await saying.readers.standing(room.no, party);
  if (standing?.state !== 'member')
    throw new Refusal('party.unknown', { at: '/body/party', detail: 'it is no member' });
};
