/** The chain of keys goes with what its devices said: who sees a statement can check who spoke. */
import { deviceFrom, founds } from '@parley/core/chain.ts';
import type { Part } from '@parley/core/parts.ts';
import { isA } from '@parley/core/statement.ts';
import type { RecordFacts, Sources } from './sources.ts';

export interface Chain {
  readonly party: string;
  /** Part 0 of the founding: what the party calls itself. */
  readonly profile: Part | null;
  /**
   * In log order: the founding, then what leads to the devices that speak. Where guardians readmitted the party, what
   * leads to the devices with which they vouched is among it.
   */
  readonly links: readonly RecordFacts[];
}

export async function chainsFor(spoken: readonly RecordFacts[], sources: Sources): Promise<readonly Chain[]> {
  const speakers = new Map<string, Set<string>>();
  for (const { header } of spoken) {
    const devices = speakers.get(header.party) ?? new Set();
    speakers.set(header.party, devices.add(header.device));
    // Its recovery key is spent on it: only with it as a link is that to be seen.
    if (isA(header, 'party.recover/1')) devices.add(deviceFrom(header).id);
  }
  const chains: Chain[] = [];
  for (const [party, devices] of speakers) chains.push(await chainOf(party, devices, sources));
  return chains;
}

/** Only the links that are needed: other devices of the party stay its own affair. */
async function chainOf(party: string, devices: ReadonlySet<string>, sources: Sources): Promise<Chain> {
  const links = new Map<number, RecordFacts>();
  const wanted = [...devices, party].map((key) => ({ party, key }));
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const { no } = (await sources.parties.party(next.party)) ?? {};
    const brought = no === undefined ? [] : await sources.parties.broughtBy(no, next.key);
    const records = await sources.log.records(brought.filter((index) => !links.has(index)));
    for (const record of records) {
      links.set(record.index, record);
      const { header } = record;
      wanted.push({ party: header.party, key: header.device }, { party: header.party, key: header.party });
    }
  }
  const sorted = [...links.values()].sort((a, b) => a.index - b.index);
  const founding = sorted.find(({ header }) => header.party === party && founds(header));
  const profile = founding
    ? ((await sources.log.parts([founding.index * 256])).get(founding.index * 256) ?? null)
    : null;
  return { party, profile, links: sorted };
}
