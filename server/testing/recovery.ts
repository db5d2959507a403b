/** A party that comes back, with the words of a world: for tests. */
import { base64 } from '@parley/core/bytes.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import { makePart } from '@parley/core/parts.ts';
import type { Signer } from '@parley/core/statement.ts';
import { Actor, newSigner, random, type Said } from './actor.ts';

interface Recovering {
  readonly by?: 'recovery' | 'guardians';
  /** The new device. */
  readonly device?: Signer;
  /** Of the next recovery key, in base64. */
  readonly next?: string | null;
  readonly revoke?: boolean;
  /** Who signs; else the recovery key, or the new device where guardians vouched. */
  readonly signer?: Signer;
  readonly more?: object;
}

export const keyOf = (signer: Signer): string => base64(signer.publicKey);

/** Says `party.recover/1` for the party of the actor. */
export async function recovering(
  party: Actor,
  key: Signer | null,
  { by = key ? 'recovery' : 'guardians', device = newSigner(), ...about }: Recovering = {},
): Promise<{ said: Said; actor: Actor }> {
  const { next = null, revoke = true, signer = key ?? device, more = {} } = about;
  const consent = base64(await device.sign(enrolConsent(party.world.centre.name, party.party)));
  const body = { key: keyOf(device), ends: null, consent, by, recovery: next, revoke, ...more };
  const speaker = new Actor(party.world, party.party, signer);
  const said = await speaker.say('party.recover/1', body, {
    parts: [makePart({ name: 'new desk' }, random)],
  });
  return { said, actor: new Actor(party.world, party.party, device) };
}

export function arrange(
  party: Actor,
  {
    key = null,
    guardians = null,
    delay = 1,
  }: { key?: Signer | null; guardians?: Actor[] | null; delay?: number },
): Promise<Said> {
  return party.say('party.recovery/1', {
    recovery: key && keyOf(key),
    guardians: guardians && { parties: guardians.map((each) => each.party), delay },
  });
}

export function vouch(guardian: Actor, party: Actor, device: Signer): Promise<Said> {
  return guardian.say('party.readmit/1', { party: party.party, key: keyOf(device) });
}
