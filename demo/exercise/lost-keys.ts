/** What a careful party does on its first day, and what happens to one whose only device is lost. */
import type { Home } from '@parley/cli/home.ts';
import { enrolmentRequest } from '@parley/sdk/enrolment.ts';
import { newRecoveryKey, type RecoveryKey } from '@parley/sdk/recovery.ts';
import { tabletName } from './cast.ts';
import type { Players } from './festival.ts';
import { deviceIn, Player } from './player.ts';

/**
 * The laptop of the convoy desk went overboard, and the key with it. The printed one brings the party back with a new
 * device; the next printed key replaces it, and stands nowhere in the exercise.
 */
export async function comeBack(
  lost: Player,
  home: Home,
  url: string,
  { code }: RecoveryKey,
): Promise<Player> {
  const { party, role } = lost;
  home.discard();
  const device = 'Convoy desk, second laptop';
  const { centre, signer } = await deviceIn(home, url, { name: null, deviceName: device, party });
  const { key } = await newRecoveryKey();
  await centre.recover({ party, signer, device, code, next: key });
  return Player.signIn(role, home, url);
}

/** Quorra arranges for the loss of its keys: the host and an aid organisation could bring it back, together. */
export async function nameGuardians({ quorra, city, lantern }: Players): Promise<void> {
  const { key } = await newRecoveryKey();
  const parties = [city.party, lantern.party] as const;
  await quorra.session.arrangeRecovery({ recovery: key, guardians: { parties, delay: 72 } });
}

/** It takes a tablet to sea, which sees one room, what is public, and no personal data. */
export async function enrolTablet(
  { quorra: { party, session } }: Players,
  home: Home,
  url: string,
  room: string,
): Promise<void> {
  const { centre, signer } = await deviceIn(home, url, { name: null, deviceName: tabletName, party });
  const request = await enrolmentRequest({ signer, centre: centre.info.centre, party, name: tabletName });
  await session.enrol(request, { rights: ['read'], ends: null, rooms: [room], personal: false });
  home.setPurpose({ purpose: 'humanitarian-protection', justification: null });
}
