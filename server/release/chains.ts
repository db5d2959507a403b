/** The chain of keys goes with what its devices said: who sees a statement can check who spoke. */
import { bringsDevice, deviceFrom, founds } from '@parley/core/chain.ts';
import { type Part, partNumber } from '@parley/core/parts.ts';
import { isA } from '@parley/core/statement.ts';
import type { RecordFacts, Sources } from './sources.ts';

export interface Links {
  readonly party: string;
  /**
   * In log order: the founding, then what leads to the devices that speak. Where guardians readmitted the party, what
   * leads to the devices with which they vouched is among it.
   */
  readonly links: readonly RecordFacts[];
}

export interface Chain extends Links {
  /** Part 0 of the founding: what the party calls itself. */
  readonly profile: Part | null;
}

export async function chainsFor(spoken: readonly RecordFacts[], sources: Sources): Promise<readonly Chain[]> {
  const chains: Chain[] = [];
  for (const chain of await linksFor(spoken, sources))
    chains.push({ ...chain, profile: await profileOf(chain, sources) });
  return chains;
}

/** The same without what parties call themselves. */
export async function linksFor(spoken: readonly RecordFacts[], sources: Sources): Promise<readonly Links[]> {
  const speakers = new Map<string, Set<string>>();
  for (const { header } of spoken) {
    const devices = speakers.get(header.party) ?? new Set();
    speakers.set(header.party, devices.add(header.device));
    // Its recovery key is spent on it: only with it as a link is that to be seen.
    if (isA(header, 'party.recover/1')) devices.add(deviceFrom(header).id);
  }
  const chains: Links[] = [];
  for (const [party, devices] of speakers) chains.push(await chainOf(party, devices, sources));
  return chains;
}

/** @throws where it has none */
export async function linksOf(record: RecordFacts, sources: Sources): Promise<Links> {
  const [chain] = await linksFor([record], sources);
  if (!chain) throw new Error(`record ${record.index} has no chain`);
  return chain;
}

/** Devices whose chains are kept. */
const mostKept = 10_000;

/**
 * The same for what is said one after another. What led to a device never changes, so that it is read once; what brings
 * a key has that key among its links, and is not kept.
 */
export function keptLinks(
  read: <T>(work: (sources: Sources) => Promise<T>) => Promise<T>,
): (record: RecordFacts) => Promise<Links> {
  const kept = new Map<string, Links>();
  return async (record) => {
    const { header } = record;
    const key = `${header.party} ${header.device}`;
    if (bringsDevice(header)) return read((sources) => linksOf(record, sources));
    const links = kept.get(key) ?? (await read((sources) => linksOf(record, sources)));
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, links);
    return links;
  };
}

/** Only the links that are needed: other devices of the party stay its own affair. */
async function chainOf(party: string, devices: ReadonlySet<string>, sources: Sources): Promise<Links> {
  const links = new Map<number, RecordFacts>();
  const wanted = [...devices, party].map((key) => ({ party, key }));
  const asked = new Set<string>();
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const place = `${next.party} ${next.key}`;
    if (asked.has(place)) continue;
    asked.add(place);
    const { no } = (await sources.parties.party(next.party)) ?? {};
    const brought = no === undefined ? [] : await sources.parties.broughtBy(no, next.key);
    const records = await sources.log.records(brought.filter((index) => !links.has(index)));
    for (const record of records) {
      links.set(record.index, record);
      const { header } = record;
      wanted.push({ party: header.party, key: header.device }, { party: header.party, key: header.party });
    }
  }
  return { party, links: [...links.values()].sort((a, b) => a.index - b.index) };
}

async function profileOf({ party, links }: Links, { log }: Sources): Promise<Part | null> {
  const founding = links.find(({ header }) => header.party === party && founds(header));
  if (!founding) return null;
  const number = partNumber(founding.index, 0);
  return (await log.parts([number])).get(number) ?? null;
}
