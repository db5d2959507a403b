/** Joining, inviting, enrolling, revoking. */
import { canGovern } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import { instantOf } from '@parley/core/fields.ts';
import { fingerprint, publicKeyFrom } from '@parley/core/keys.ts';
import { checkConnectorEnrolment } from './connectors.ts';
import type { DeviceState, PartyState, Readers } from './readers.ts';
import type { RuleOf, Saying } from './said.ts';

/** The first record, and only that. */
export const beginCentre: RuleOf<'centre.open/1'> = async ({ readers }) => {
  if ((await readers.log.head()) !== null) throw new Refusal('centre.opened');
};

/** The host invites; before there is one, the centre invites it, once. */
export const inviteParty: RuleOf<'party.invite/1'> = async ({ header, party, instant, readers }) => {
  if (party?.role === 'centre') {
    const host = (await readers.parties()).some(({ role }) => role === 'host');
    if (host || (await readers.openInvitations(party.no)) > 0)
      throw new Refusal('rule.broken', { detail: 'the centre invites its host, once' });
  } else if (party?.role !== 'host')
    throw new Refusal('device.right', { detail: 'only the party that hosts invites others' });
  if (instantOf(header.body.until) <= instant)
    throw new Refusal('header.malformed', { at: '/body/until', detail: 'the end has come already' });
  if (await readers.invitation(header.body.key))
    throw new Refusal('statement.id-known', { at: '/body/key', detail: 'the key invites already' });
  await checkFormer(header.body.formerly, readers);
};

/** Whom the host vouches for was a party here: the host knows of all of them. */
async function checkFormer(formerly: string | undefined, readers: Readers): Promise<void> {
  const former = formerly === undefined ? null : await readers.party(formerly);
  if (formerly !== undefined && former?.role !== 'member')
    throw new Refusal('party.unknown', { at: '/body/formerly' });
}

export const withdrawInvitation: RuleOf<'party.withdraw/1'> = async ({ header, party, readers }) => {
  const invitation = await readers.invitation(header.body.key);
  if (invitation?.state !== 'open' || invitation.by !== party?.no)
    throw new Refusal('invitation.unknown', { at: '/body/key' });
};

export const foundParty: RuleOf<'party.found/1'> = async ({ header, instant, readers }) => {
  const invitation = await readers.invitation(header.body.invitation.key);
  if (invitation?.state !== 'open' || invitation.until <= instant)
    throw new Refusal('invitation.unknown', { at: '/body/invitation/key' });
  const { formerly = null, recovery, key, ends } = header.body;
  if (invitation.formerly !== formerly)
    throw new Refusal('invitation.unknown', {
      at: '/body/formerly',
      detail:
        invitation.formerly === null
          ? 'the invitation is to a party that was none here before'
          : `the invitation is to the party that was ${invitation.formerly}`,
    });
  if (await readers.device(header.device)) throw new Refusal('party.known');
  if (recovery === key)
    throw new Refusal('header.malformed', {
      at: '/body/recovery',
      detail: 'the first key is no recovery key',
    });
  checkEnd(ends, instant);
};

export const enrolDevice: RuleOf<'device.enrol/1'> = async (saying) => {
  const { header, party, instant, readers } = saying;
  // Only who holds the key could sign its consent, so this tells nothing to anybody else.
  const id = fingerprint(publicKeyFrom(header.body.key));
  if ((await readers.device(id)) || (party && (await readers.recoveryKey(party.no, id))))
    throw new Refusal('device.known', { at: '/body/key' });
  checkEnd(header.body.ends, instant);
  if (party) await checkRooms(header.body.rooms ?? [], party, readers);
  await checkConnectorEnrolment(saying);
};

/** A device is limited to rooms that its party knows of: a slip of the pen would leave it with none. */
async function checkRooms(rooms: readonly string[], party: PartyState, readers: Readers): Promise<void> {
  const seen = rooms.length === 0 ? null : await readers.roomsSeen(party);
  for (const [i, id] of rooms.entries()) {
    const room = await readers.room(id);
    if (!room || !(seen?.has(room.no) || (await readers.standing(room.no, party.id))))
      throw new Refusal('room.unknown', { at: `/body/rooms/${i}` });
  }
}

export const revokeDevice: RuleOf<'device.revoke/1'> = async (saying) => {
  const { header, party, readers } = saying;
  const device = await readers.device(header.body.device);
  if (!device || device.party !== party?.no) throw new Refusal('target.unknown', { at: '/body/device' });
  if (device.revoked !== null)
    throw new Refusal('state.already', { at: '/body/device', detail: 'the device was revoked already' });
  const others = (await readers.devicesOf(party.no)).filter(({ id }) => id !== device.id);
  if (governs(device, saying) && !others.some((other) => governs(other, saying)))
    throw new Refusal('device.last', { at: '/body/device' });
};

/** One that is limited enrols nobody: with it alone the party could not govern itself. */
function governs(device: DeviceState, { instant }: Saying): boolean {
  return canGovern(device) && device.revoked === null && (device.ends === null || device.ends > instant);
}

/** @throws header.malformed */
export function checkEnd(ends: string | null, instant: number): void {
  if (ends !== null && instantOf(ends) <= instant)
    throw new Refusal('header.malformed', { at: '/body/ends', detail: 'the end has come already' });
}
