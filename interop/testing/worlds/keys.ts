/** Devices, connectors, guardians, and who joins the centre. */
import { base64 } from '@parley/core/bytes.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import { enrolConsent, joinConsent } from '@parley/core/keys.ts';
import type { Signer } from '@parley/core/statement.ts';
import { offerConnector } from '../../../server/connectors.ts';
import { seeded } from '../../../server/testing/actor.ts';
import type { History } from './history.ts';
import { hour, type Party, type Side } from './pair.ts';

interface Enrolment {
  readonly rights?: readonly string[];
  readonly rooms?: readonly string[];
  readonly personal?: boolean;
}

export function enrol(h: History, party: Party, about: Enrolment, hidden: boolean): Signer {
  const signer = seeded(h.dice.bytes(32));
  const body = async ({ world }: Side) => ({
    ...{ key: base64(signer.publicKey), rights: ['read', 'speak'], ends: null },
    consent: base64(await signer.sign(enrolConsent(world.centre.name, party.id))),
    ...about,
  });
  const parts = [h.part({ name: `device ${h.steps.length}` })];
  h.say(party, 'device.enrol/1', body, { parts, hidden, must: true });
  const { rooms, personal = true } = about;
  if (!rooms && personal && !about.rights) h.devices.push({ party, signer, hidden });
  return signer;
}

/** The key of a connector, made by the one centre, is put into the journal of the other, too. */
export interface HeldConnector {
  device: string;
  readonly tokens: Map<Side, string>;
}

export function connect(
  h: History,
  party: Party,
  about: { rooms: readonly string[]; handling: object | null; justification?: string },
  hidden: boolean,
): HeldConnector {
  const held: HeldConnector = { device: '', tokens: new Map() };
  let offered: { device: string; key: string; consent: string; pkcs8: Uint8Array<ArrayBuffer> } | null = null;
  const { rooms, handling, justification } = about;
  const offer = async (side: Side) => {
    const { journals, name, now } = side.world.centre;
    const keep = {
      offer: async (holder: { device: string }, pkcs8: Uint8Array<ArrayBuffer>, at: number) => {
        const token = await journals.connectors.offer({ device: holder.device, party: party.id }, pkcs8, at);
        held.tokens.set(side, token);
        offered ??= { device: holder.device, key: '', consent: '', pkcs8 };
        return token;
      },
    };
    if (offered) await keep.offer(offered, offered.pkcs8, now());
    else {
      const { key, consent } = await offerConnector(name, party.id, keep as never, now());
      Object.assign(offered ?? {}, { key, consent });
    }
    held.device = offered?.device ?? '';
  };
  const body = (_: Side, now: number) => ({
    ...{ key: offered?.key, consent: offered?.consent, rooms, personal: true },
    ...{ rights: handling ? ['read', 'speak'] : ['read'], ends: millisecondsOf(now + 24 * 30 * hour) },
    connector: { purpose: 'event-security', access: handling ? 'write' : 'read', handling },
  });
  const parts = [h.part({ name: 'feed', ...(justification ? { justification } : {}) })];
  h.say(party, 'device.enrol/1', body, { parts, hidden, must: true, before: offer, words: 'connector' });
  return held;
}

export function someoneEnrols(h: History): boolean {
  const { dice, cast } = h;
  const party = dice.one([...cast.common, ...cast.hidden, cast.watcher, h.viewer]);
  const known = dice.oneIn(2) ? dice.pick(h.devices.filter((one) => one.party === party)) : undefined;
  const hidden = h.hide(party !== h.viewer, known?.hidden);
  if (hidden === null) return false;
  if (known) {
    h.devices.splice(h.devices.indexOf(known), 1);
    h.say(party, 'device.revoke/1', { device: known.signer.device }, { hidden });
  } else if (dice.oneIn(3) && party !== h.viewer) {
    const rooms = h.rooms.filter((room) => room.stands.get(party)?.state === 'in' && !room.hidden);
    const own = rooms.filter((room) => hidden || room.stands.get(party)?.hidden === false);
    if (own.length > 0) connect(h, party, { rooms: own.map(({ id }) => id), handling: null }, hidden);
  } else enrol(h, party, {}, hidden);
  return true;
}

/** Guardians: seen by the party and by them, and once they vouch, by those who see the party in rooms. */
export function someoneArranges(h: History): boolean {
  const { dice, cast } = h;
  // Two that guard each other are refused, so those of one world alone are not mixed with the others.
  const hidden = dice.oneIn(2);
  const among = hidden ? cast.hidden : [...cast.common, h.viewer];
  const [party, one, other] = dice.some(among, 3);
  if (!party || !one || !other) return false;
  const guardians = [one, other];
  const parties = [one.id, other.id];
  const body = { recovery: base64(seeded(dice.bytes(32)).publicKey), guardians: { parties, delay: 1 } };
  const words = `guarded by ${one.name} and ${other.name}`;
  h.say(party, 'party.recovery/1', body, { hidden, words });
  // No room of the viewer's shows a hidden party, nor does such a one own any: so this, too, is nothing to it.
  if (!hidden || dice.oneIn(2)) return true;
  const key = base64(seeded(dice.bytes(32)).publicKey);
  for (const guardian of guardians)
    h.say(guardian, 'party.readmit/1', { party: party.id, key }, { hidden, words: `of ${party.name}` });
  if (dice.oneIn(2)) h.say(party, 'party.object/1', { key }, { hidden });
  return true;
}

/** Who invites to the centre, and who joins: seen by the host. */
export function someoneFounds(h: History): boolean {
  const { dice, cast } = h;
  const hidden = h.hide(true) === true;
  const invitation = seeded(dice.bytes(32));
  const key = base64(invitation.publicKey);
  const body = (_: unknown, now: number) => ({ key, until: millisecondsOf(now + hour) });
  h.say(cast.host, 'party.invite/1', body, { hidden });
  if (dice.oneIn(3)) {
    h.say(cast.host, 'party.withdraw/1', { key }, { hidden });
    return true;
  }
  const desk = seeded(dice.bytes(32));
  const party: Party = { name: 'Newcomer', id: desk.device, desk };
  const founding = async ({ world }: Side) => {
    const signature = base64(await invitation.sign(joinConsent(world.centre.name, desk.publicKey)));
    return { key: base64(desk.publicKey), ends: null, invitation: { key, signature } };
  };
  const parts = [h.part({ name: `Newcomer ${h.steps.length}`, device: 'desk' })];
  h.say(party, 'party.found/1', founding, { parts, hidden });
  return true;
}
