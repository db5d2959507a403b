/** Whether a party could see something at all, under some purpose and with a justification: admission asks. */
import { gather } from './evidence.ts';
import type { Sources } from './sources.ts';
import { openStreams } from './streams.ts';
import { lookOfParty } from './viewer.ts';

export async function partyReaches(party: string, index: number, sources: Sources): Promise<boolean> {
  const look = await lookOfParty(party, sources);
  if (!look) return false;
  const evidence = (await gather(look, await openStreams(look, null), [index])).get(index);
  const verdict = evidence?.decide(null);
  return verdict?.verdict === 'permit' || (verdict?.verdict === 'locked' && verdict.rule === 'purpose');
}
