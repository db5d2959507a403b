/** Who learns that a party came back, or tries to: so that nobody comes back unseen. Parties beside the speaker. */
import type { Header } from '@parley/core/statement.ts';
import type { Surroundings } from './surroundings.ts';

/** Those who guard it now, and with whom it is in rooms. */
export async function ofRecovery(party: string, around: Surroundings): Promise<readonly string[]> {
  return [...(await around.guardians(party, 1)), ...(await around.company(party))];
}

export async function ofReadmission(
  { body }: Header<'party.readmit/1'>,
  around: Surroundings,
): Promise<readonly string[]> {
  return [body.party, ...(await ofRecovery(body.party, around))];
}

/** Whom the invitation calls the former party. */
export function ofInvitation({ body: { formerly } }: Header<'party.invite/1'>): readonly string[] {
  return formerly === undefined ? [] : [formerly];
}

/** Who invited it; where it was founded anew, whom it was, and with whom that is in rooms. */
export async function ofFounding(
  { body: { formerly, invitation } }: Header<'party.found/1'>,
  around: Surroundings,
): Promise<readonly string[]> {
  const former = formerly === undefined ? [] : [formerly, ...(await around.company(formerly))];
  return [await around.inviter(invitation.key), ...former];
}
