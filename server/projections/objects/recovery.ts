/** Who learns that a party came back, or tries to: so that nobody comes back unseen. */
import { type AnyHeader, isA } from '@parley/core/statement.ts';
import type { Surroundings } from './surroundings.ts';

/** Parties beside the speaker whom a statement in no room concerns. */
export async function concernedByRecovery(
  header: AnyHeader,
  around: Surroundings,
): Promise<readonly string[]> {
  const { party } = header;
  // Who was a guardian until now learns that it is none any more.
  if (isA(header, 'party.recovery/1')) return around.guardians(party, 2);
  if (isA(header, 'party.recover/1') || isA(header, 'party.object/1'))
    return [...(await around.guardians(party, 1)), ...(await around.company(party))];
  if (isA(header, 'party.readmit/1')) {
    const about = header.body.party;
    return [about, ...(await around.guardians(about, 1)), ...(await around.company(about))];
  }
  if (isA(header, 'party.invite/1') && header.body.formerly !== undefined) return [header.body.formerly];
  if (isA(header, 'party.found/1')) {
    const { formerly, invitation } = header.body;
    const former = formerly === undefined ? [] : [formerly, ...(await around.company(formerly))];
    return [await around.inviter(invitation.key), ...former];
  }
  return [];
}
