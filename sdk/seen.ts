/** What an audit was shown of a centre, as far as it must fit together. */
import { bringsDevice, deviceFrom } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf, type StatementRef, textOf } from '@parley/core/fields.ts';
import { maxSkew } from '@parley/core/record.ts';
import { isA, refOf } from '@parley/core/statement.ts';
import type { ReadStatement } from './answer.ts';

/** Microseconds in which witnesses should have seen what was said: another history would never get their word. */
const unwitnessedFor = 60 * 60 * 1_000_000;

interface Place {
  readonly instant: number;
  readonly span: number;
  /** When the speaker says that it spoke. */
  readonly said: number;
  readonly name: string;
}

/** Whose it is, and places in the log: where it was enrolled, if that was shown; its first and last word; where it was revoked. */
interface Device {
  readonly party: string;
  readonly id: string;
  enrolled: number;
  first: number;
  last: number;
  lastSaid: string;
  revoked: number;
  from: ReadStatement['from'] | null;
}

/** What was shown, as far as it must fit together. */
export class Seen {
  readonly #places = new Map<number, Place>();
  readonly #devices = new Map<string, Device>();
  readonly #said = new Set<string>();
  readonly #parties = new Set<string>();
  readonly #kinds: Record<string, number> = {};
  /** Where every device of a party was ended by one that brought it back. */
  readonly #ends: { readonly party: string; readonly at: number }[] = [];
  #logs: { party: string; keys: readonly string[] } | null = null;

  get size(): number {
    return this.#places.size;
  }

  has(index: number): boolean {
    return this.#places.has(index);
  }

  /** Whether the statement is there, wherever it stands. */
  said({ party, id }: StatementRef): boolean {
    return this.#said.has(`${party}/${id}`);
  }

  take(read: ReadStatement): void {
    const { header } = read.statement;
    const { index, instant, span } = read.record;
    if (this.#places.has(index)) return;
    this.#places.set(index, { instant, span, said: instantOf(header.at), name: placeOf(read) });
    this.#kinds[header.kind] = (this.#kinds[header.kind] ?? 0) + 1;
    this.#said.add(placeOf(read));
    this.#parties.add(header.party);
    const speaker = this.#device(header.device, header.party);
    speaker.from = read.from;
    speaker.first = Math.min(speaker.first, index);
    if (index > speaker.last) Object.assign(speaker, { last: index, lastSaid: placeOf(read) });
    if (bringsDevice(header)) {
      const device = this.#device(deviceFrom(header).id, header.party);
      device.enrolled = Math.min(device.enrolled, index);
      device.from = deviceFrom(header).from;
    }
    if (isA(header, 'party.recover/1') && header.body.revoke)
      this.#ends.push({ party: header.party, at: index });
    if (isA(header, 'centre.open/1')) this.#logs = { party: header.party, keys: header.body.logs };
    if (isA(header, 'centre.succeed/1')) this.#logs = { party: header.party, keys: header.body.keys };
    if (isA(header, 'device.revoke/1')) {
      const device = this.#device(header.body.device, header.party);
      device.revoked = Math.min(device.revoked, index);
    }
  }

  /** A party revokes devices of its own: said of another's, it is about one that there is not. */
  #device(id: string, party: string): Device {
    const name = `${party} ${id}`;
    const known = this.#devices.get(name);
    if (known) return known;
    const device = {
      ...{ party, id, enrolled: Infinity, first: Infinity, last: -1, lastSaid: '', revoked: Infinity },
      from: null,
    };
    this.#devices.set(name, device);
    return device;
  }

  /** @throws chain.broken when a device spoke before it was enrolled or after it was revoked */
  needLiveSpeakers(): void {
    for (const { party, at } of this.#ends)
      for (const device of this.#devices.values())
        if (device.party === party && Math.min(device.enrolled, device.first) < at)
          device.revoked = Math.min(device.revoked, at);
    for (const { party, id, enrolled, first, last, lastSaid, revoked } of this.#devices.values()) {
      const who = `the device ${id} of the party ${party}`;
      if (first < enrolled && enrolled !== Infinity)
        throw new Refusal('chain.broken', {
          at: `/${first}`,
          detail: `${who} was enrolled with record ${enrolled}, and the centre shows record ${first} by it, before`,
        });
      if (last > revoked)
        throw new Refusal('chain.broken', {
          at: lastSaid,
          detail: `${who} was revoked with record ${revoked}, and the centre shows record ${last} by it, after`,
        });
    }
  }

  /**
   * Each record begins after what the one before it reserved, and none came before its speaker said it: that is how far
   * a host can date back. @throws read.unproven
   */
  needRisingInstants(): void {
    let free = 0;
    for (const [index, { instant, span, said, name }] of [...this.#places].sort(([a], [b]) => a - b)) {
      const came = `the centre says that record ${index} came at ${textOf(instant)}`;
      if (instant < free)
        throw new Refusal('read.unproven', { at: name, detail: `${came}, and one before it later` });
      if (instant < said - maxSkew)
        throw new Refusal('read.unproven', {
          at: name,
          detail: `${came}, and its speaker signed that it spoke at ${textOf(said)}: it was dated back`,
        });
      free = instant + span;
    }
  }

  /**
   * A host that shows this member another history than its witnesses can call it not cosigned yet, but not for long.
   * @param size up to where enough witnesses have cosigned
   * @throws policy.unmet
   */
  needWitnessed(size: number, now: Instant): void {
    for (const [index, { instant, name }] of this.#places)
      if (index >= size && instant < now - unwitnessedFor)
        throw new Refusal('policy.unmet', {
          at: name,
          detail: `record ${index} came at ${textOf(instant)}, and witnesses have cosigned no more than the first ${size}: they are away, or they were shown another history`,
          params: { index, cosigned: size },
        });
  }

  /** The keys of the log are those that the centre's first key signed, where that was shown. */
  needLogKeys(party: string, keys: readonly string[]): void {
    if (!this.#logs) return;
    const same = this.#logs.party === party && keys.every((key) => this.#logs?.keys.includes(key));
    if (!same)
      throw new Refusal('read.unproven', { at: '/logs', detail: 'the centre was opened with other keys' });
  }

  counts() {
    const devices = [...this.#devices.values()];
    return {
      statements: this.#places.size,
      kinds: this.#kinds,
      parties: this.#parties.size,
      devices: devices.length,
      revoked: devices.filter(({ revoked }) => Number.isFinite(revoked)).length,
      recovered: devices.flatMap(({ party, id: device, from }) => {
        if (from !== 'recovery' && from !== 'readmission') return [];
        return [{ party, device, by: from === 'recovery' ? ('recovery' as const) : ('guardians' as const) }];
      }),
    };
  }
}

export function placeOf({ statement }: Pick<ReadStatement, 'statement'>): string {
  const { party, id } = refOf(statement.header);
  return `${party}/${id}`;
}
