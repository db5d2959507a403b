/** The parties that spoke: each chain of keys is walked once, however often an answer repeats it. */
import { type Bytes, base64, fromUtf8, hex } from '@parley/core/bytes.ts';
import { type ChainDevice, founds, verifyChain } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import { partyId } from '@parley/core/fields.ts';
import { type Json, parseJson } from '@parley/core/json.ts';
import type { DeviceId, PartyId } from '@parley/core/keys.ts';
import { kinds } from '@parley/core/kinds.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { parsePart, partLeaf, readPart } from '@parley/core/parts.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { parseStatement, type Statement } from '@parley/core/statement.ts';
import { z } from 'zod';
import { shaped } from './transport.ts';

export interface KnownParty {
  readonly party: PartyId;
  readonly devices: ReadonlyMap<DeviceId, ChainDevice>;
  /** What the party called itself when it joined, or null where the centre did not say. */
  readonly name: string | null;
}

const chainLine = z.object({
  chain: z.object({ party: partyId, profile: z.unknown(), links: z.array(z.unknown()).min(1) }),
});

export class Parties {
  readonly #centre: string;
  readonly #known = new Map<PartyId, Promise<KnownParty>>();
  readonly #seen = new Map<string, Promise<KnownParty>>();

  /** @param centre its origin name: what a party said elsewhere lets nobody in here */
  constructor(centre: string) {
    this.#centre = centre;
  }

  /** What is known of a party so far; fails where its chain did not verify. */
  get(party: PartyId): Promise<KnownParty> | undefined {
    return this.#known.get(party);
  }

  /** Takes a chain line. From here on `get` knows the party, once the signatures are checked. */
  learn(line: Bytes): Promise<KnownParty> {
    const digest = hex(sha256(line));
    const before = this.#seen.get(digest);
    if (before) return before;
    const { party, profile, links } = parseChainLine(line);
    const verified = this.add(party, links, profile);
    this.#seen.set(digest, verified);
    verified.catch(() => this.#seen.delete(digest));
    return verified;
  }

  /** Adds what these links prove to what is known of the party. @throws chain.broken, signature.invalid, parts.root */
  add(party: PartyId, links: readonly Statement[], profile: Bytes | null = null): Promise<KnownParty> {
    const before = this.#known.get(party);
    const added = this.#verify(party, links, profile).then(async (now) => {
      const old = await before?.catch(() => undefined);
      return old ? merged(old, now) : now;
    });
    this.#known.set(party, added);
    added.catch(() => {
      if (this.#known.get(party) !== added) return;
      if (before) this.#known.set(party, before);
      else this.#known.delete(party);
    });
    return added;
  }

  async #verify(party: PartyId, links: readonly Statement[], profile: Bytes | null): Promise<KnownParty> {
    // Where guardians readmitted the party, their own links may come first.
    const founding = links.find(({ header }) => header.party === party && founds(header));
    if (founding?.header.centre !== this.#centre)
      throw new Refusal('chain.broken', { detail: 'the chain is of another centre' });
    const devices = await verifyChain(party, links).catch((cause: unknown) => {
      if (!(cause instanceof Refusal) || cause.code !== 'signature.invalid') throw cause;
      // Whoever made the link up had not the key: that is what a host does who invents a device.
      const detail = `the chain of the party ${party} holds what none of its devices signed`;
      throw new Refusal('chain.broken', { detail, cause });
    });
    return { party, devices, name: profile === null ? null : nameFrom(profile, founding) };
  }
}

function merged(old: KnownParty, now: KnownParty): KnownParty {
  return { party: now.party, devices: new Map([...old.devices, ...now.devices]), name: now.name ?? old.name };
}

/** The profile is a part like any other: its bytes are what was said, so they are cut from the line, not written anew. */
function parseChainLine(line: Bytes): { party: PartyId; profile: Bytes | null; links: Statement[] } {
  const { chain } = shaped(chainLine, parseJson(line, 'chain'), 'chain');
  const links = chain.links.map((link) => parseStatement(link as Json));
  if (chain.profile === null) return { party: chain.party, profile: null, links };
  const text = fromUtf8(line);
  const start = `{"chain":{"party":"${chain.party}","profile":`.length;
  const end = text.lastIndexOf(',"links":[');
  return { party: chain.party, profile: new TextEncoder().encode(text.slice(start, end)), links };
}

function nameFrom(profile: Bytes, founding: Statement): string {
  const part = parsePart(profile, '/chain/profile');
  if (base64(rootOf([partLeaf(part)])) !== founding.header.parts?.root)
    throw new Refusal('parts.root', { at: '/chain/profile' });
  return readPart(kinds['party.found/1'].parts.one, part.bytes, '/chain/profile').name;
}
