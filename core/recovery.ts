/**
 * How a party comes back after its devices are lost: what it arranged beforehand, and who vouches. Followed in the
 * order of the log, by whoever verifies a chain of keys and by whoever checks the log as a whole.
 */
import { type Bytes, fromBase64 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { instantOf } from './fields.ts';
import { type DeviceId, fingerprint, type PartyId, publicKeyFrom } from './keys.ts';
import type { BodyOf } from './kinds.ts';
import { type AnyHeader, type Header, isA } from './statement.ts';

/** What bears on how a party comes back, beside what brings devices. */
export type Arranging = Extract<
  AnyHeader,
  { kind: 'party.recovery/1' | 'party.readmit/1' | 'party.object/1' }
>;

export function arranges(header: AnyHeader): header is Arranging {
  return isA(header, 'party.recovery/1') || isA(header, 'party.readmit/1') || isA(header, 'party.object/1');
}

export interface Arrangement {
  /** Fingerprint of the recovery key now in force, or null. */
  readonly key: DeviceId | null;
  readonly guardians: BodyOf<'party.recovery/1'>['guardians'];
}

interface Vouched {
  readonly key: string;
  /** By the clock of the guardian's device, in milliseconds since 1970. */
  readonly at: number;
}

interface Standing extends Arrangement {
  /** Every recovery key that the party ever named, by its fingerprint. */
  readonly keys: Map<DeviceId, Bytes>;
  readonly vouched: Map<PartyId, Vouched>;
  readonly objected: Set<string>;
}

/** Two clocks may each be off by five minutes from that of the centre (`clock.skew`). */
const slack = 10 * 60_000;
const hour = 3_600_000;

export class Recoveries {
  readonly #parties = new Map<PartyId, Standing>();

  /** Public key of a recovery key that the party named, in force or not. */
  keyOf(party: PartyId, id: DeviceId): Bytes | undefined {
    return this.#parties.get(party)?.keys.get(id);
  }

  inForce(party: PartyId): DeviceId | null {
    return this.#parties.get(party)?.key ?? null;
  }

  keysOf(party: PartyId): ReadonlyMap<DeviceId, Bytes> {
    return this.#parties.get(party)?.keys ?? new Map();
  }

  /**
   * Whether the party may come back so: by the key in force, or by both guardians for this key, after the delay.
   * @returns the key that signs it
   * @throws chain.broken
   */
  signerOf(header: Header<'party.recover/1'>): Bytes {
    const { party, device, body } = header;
    const standing = this.#parties.get(party);
    const brought = publicKeyFrom(body.key, '/body/key');
    if (body.by === 'recovery') {
      const key = standing?.keys.get(device);
      if (!key || standing?.key !== device) throw broken('not by the recovery key in force');
      return key;
    }
    if (fingerprint(brought) !== device) throw broken('not signed by the key that the guardians vouch for');
    const guardians = standing?.guardians;
    if (!standing || !guardians) throw broken('the party has named no guardians');
    const words = guardians.parties.map((guardian) => standing.vouched.get(guardian));
    if (words.some((word) => word?.key !== body.key))
      throw broken('the guardians have not vouched for this key');
    if (standing.objected.has(body.key)) throw broken('the party objected to this key');
    const since = Math.max(...words.map((word) => word?.at ?? 0));
    if (instantOf(header.at) / 1000 < since + guardians.delay * hour - slack)
      throw broken('before the delay was over');
    return brought;
  }

  /** What follows from a statement whose signature was checked. Others mean nothing here. @throws chain.broken */
  take(header: AnyHeader): void {
    const { party } = header;
    if (isA(header, 'party.found/1')) this.#arrange(party, header.body.recovery ?? null, null);
    else if (isA(header, 'party.recovery/1'))
      this.#arrange(party, header.body.recovery, header.body.guardians);
    else if (isA(header, 'party.recover/1')) {
      const { guardians } = this.#of(party);
      if (header.body.by === 'recovery') this.#parties.set(party, { ...this.#of(party), key: null });
      this.#arrange(party, header.body.recovery, guardians);
    } else if (isA(header, 'party.object/1')) this.#of(party).objected.add(header.body.key);
    else if (isA(header, 'party.readmit/1')) {
      const standing = this.#of(header.body.party);
      if (!standing.guardians?.parties.includes(party)) throw broken('vouched for by who is no guardian');
      standing.vouched.set(party, { key: header.body.key, at: instantOf(header.at) / 1000 });
    }
  }

  #of(party: PartyId): Standing {
    const known = this.#parties.get(party);
    if (known) return known;
    const fresh = {
      key: null,
      guardians: null,
      keys: new Map(),
      vouched: new Map(),
      objected: new Set<string>(),
    };
    this.#parties.set(party, fresh);
    return fresh;
  }

  /** A new arrangement voids what was vouched before. */
  #arrange(party: PartyId, key: string | null, guardians: Arrangement['guardians']): void {
    const { keys, objected, key: before } = this.#of(party);
    const bytes = key === null ? null : fromBase64(key);
    const id = bytes ? fingerprint(bytes) : null;
    if (bytes && id !== null) {
      // A key that was replaced or spent never comes back.
      if (keys.has(id) && id !== before) throw broken('a recovery key is named again');
      keys.set(id, bytes);
    }
    this.#parties.set(party, { key: id, guardians, keys, vouched: new Map(), objected });
  }
}

function broken(detail: string): Refusal {
  return new Refusal('chain.broken', { detail });
}
