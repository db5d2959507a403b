/** The chain of keys goes with what its devices said: who sees a statement can check who spoke. */
import type { Part } from '@parley/core/parts.ts';
import type { RecordFacts, Sources } from './sources.ts';

export interface Chain {
  readonly party: string;
  /** Part 0 of the founding: what the party calls itself. */
  readonly profile: Part | null;
  /** In log order: the founding, then the enrolments that lead to the devices that speak. */
  readonly links: readonly RecordFacts[];
}

export async function chainsFor(spoken: readonly RecordFacts[], sources: Sources): Promise<readonly Chain[]> {
  const speakers = new Map<string, Set<string>>();
  for (const { header } of spoken) {
    const devices = speakers.get(header.party) ?? new Set();
    speakers.set(header.party, devices.add(header.device));
  }
  const chains: Chain[] = [];
  for (const [party, devices] of speakers) chains.push(await chainOf(party, devices, sources));
  return chains;
}

/** Only the links that are needed: other devices of the party stay its own affair. */
async function chainOf(party: string, devices: ReadonlySet<string>, sources: Sources): Promise<Chain> {
  const links = new Map<number, RecordFacts>();
  const wanted = [...devices, party];
  for (let device = wanted.pop(); device !== undefined; device = wanted.pop()) {
    const facts = await sources.parties.device(device);
    if (!facts || links.has(facts.index)) continue;
    const [record] = await sources.log.records([facts.index]);
    if (!record) continue;
    links.set(facts.index, record);
    wanted.push(record.header.device);
  }
  const sorted = [...links.values()].sort((a, b) => a.index - b.index);
  const founding = sorted[0];
  const profile = founding
    ? ((await sources.log.parts([founding.index * 256])).get(founding.index * 256) ?? null)
    : null;
  return { party, profile, links: sorted };
}
