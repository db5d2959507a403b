/** Which parts of a share a party could see at all, under some purpose and with a justification: admission asks. */
import type { Instant } from '@parley/core/fields.ts';
import { handlingOf } from '@parley/core/statement.ts';
import { gather } from './evidence.ts';
import type { Sources } from './sources.ts';
import { openStreams } from './streams.ts';
import { lookOfParty } from './viewer.ts';

/** @returns by part number, where the part stands for the party */
export async function partyReaches(
  party: string,
  index: number,
  sources: Sources,
): Promise<ReadonlyMap<number, Instant>> {
  const look = await lookOfParty(party, sources);
  const [record] = await sources.log.records([index]);
  const handling = record && handlingOf(record.header);
  if (!look || !handling) return new Map();
  const numbers = Array.from({ length: record.header.parts?.count ?? 0 }, (_, n) => n);
  const opening = await openStreams(look, null);
  const reached = new Map<number, Instant>();
  /** @returns whether something is locked */
  const lookFor = async (purpose: string | null) => {
    const looker = { ...look.looker, purpose };
    const evidence = (await gather({ ...look, looker }, opening, [index])).get(index);
    const decisions = numbers.map((n) => ({ n, decision: evidence?.decide(n) }));
    for (const { n, decision } of decisions)
      if (decision?.verdict === 'permit')
        reached.set(n, Math.min(decision.position, reached.get(n) ?? decision.position));
    return decisions.some(({ decision }) => decision?.verdict === 'locked');
  };
  // What no purpose opens is locked, too: the party will never see it, so it must not learn of it here.
  if (await lookFor(null)) for (const purpose of handling.purposes) await lookFor(purpose);
  return reached;
}

/** Whether the party sees the header of a statement that is not content: no purpose closes it. */
export async function partySees(party: string, index: number, sources: Sources): Promise<boolean> {
  const look = await lookOfParty(party, sources);
  if (!look) return false;
  const opening = await openStreams(look, null);
  const evidence = (await gather(look, opening, [index])).get(index);
  return evidence?.decide(null).verdict === 'permit';
}

/** Whether it sees the header of a statement, content or not: under some purpose, or what is left of it. */
export async function partyKnows(party: string, index: number, sources: Sources): Promise<boolean> {
  const look = await lookOfParty(party, sources);
  const [record] = await sources.log.records([index]);
  if (!look || !record) return false;
  const opening = await openStreams(look, null);
  for (const purpose of [null, ...(handlingOf(record.header)?.purposes ?? [])]) {
    const looker = { ...look.looker, purpose };
    const evidence = (await gather({ ...look, looker }, opening, [index])).get(index);
    const verdict = evidence?.decide(null).verdict;
    if (verdict === 'permit' || verdict === 'header') return true;
  }
  return false;
}
