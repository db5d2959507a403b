/**
 * The chain of keys: from a party's first key, whose fingerprint people compared, to a device. Every verifier
 * walks it, so that the host cannot invent a device.
 */
import { type Bytes, equal, fromBase64 } from './bytes.ts';
import { checkConnectorSays } from './connectors.ts';
import { verifyEd25519 } from './ed25519.ts';
import { Refusal } from './errors.ts';
import {
  connectorConsent,
  type DeviceId,
  enrolConsent,
  fingerprint,
  joinConsent,
  type PartyId,
  publicKeyFrom,
} from './keys.ts';
import { type Connector, kinds, type Right, rights } from './kinds.ts';
import { arranges, Recoveries } from './recovery.ts';
import { type AnyHeader, handlingOf, isA, type Statement, signedBytes } from './statement.ts';

export interface ChainDevice {
  readonly id: DeviceId;
  readonly party: PartyId;
  readonly key: Bytes;
  readonly rights: readonly Right[];
  /** RFC 3339, or null: no end. */
  readonly ends: string | null;
  /** The only rooms that it speaks in and sees; null: all. */
  readonly rooms: readonly string[] | null;
  /** Whether it shares and sees personal data. */
  readonly personal: boolean;
  /** Null: the device holds its own key. Else the centre holds it, and signs what a client sends with a token. */
  readonly connector: Connector | null;
  /** How it came into being. A recovery key is no device: it brings one, and says nothing else. */
  readonly from: 'founding' | 'enrolment' | 'recovery' | 'readmission' | 'recovery-key';
  /** Of a recovery key. Spent: it signed this payload, and nothing else. Replaced: it signs nothing. */
  readonly recovers?: 'in-force' | 'replaced' | { readonly spentOn: Bytes };
}

/** A statement that brings a device into being. */
export type KeyStatement = Founding | Extract<AnyHeader, { kind: 'device.enrol/1' | 'party.recover/1' }>;
type Founding = Extract<AnyHeader, { kind: 'centre.open/1' | 'party.found/1' }>;

export function founds(header: AnyHeader): header is Founding {
  return isA(header, 'centre.open/1') || isA(header, 'party.found/1');
}

export function bringsDevice(header: AnyHeader): header is KeyStatement {
  return founds(header) || isA(header, 'device.enrol/1') || isA(header, 'party.recover/1');
}

/** The device that a key statement brings, without any check of signatures: folds use it. */
export function deviceFrom(header: KeyStatement): ChainDevice {
  const key = publicKeyFrom(header.body.key, '/body/key');
  const common = { id: fingerprint(key), party: header.party, key };
  if (isA(header, 'device.enrol/1')) {
    const { rights: given, ends, rooms = null, personal = true, connector = null } = header.body;
    return { ...common, rights: given, ends, rooms, personal, connector, from: 'enrolment' };
  }
  const whole = { ...common, rights, rooms: null, personal: true, connector: null };
  if (isA(header, 'centre.open/1')) return { ...whole, ends: null, from: 'founding' };
  const { ends } = header.body;
  if (isA(header, 'party.found/1')) return { ...whole, ends, from: 'founding' };
  return { ...whole, ends, from: header.body.by === 'recovery' ? 'recovery' : 'readmission' };
}

/**
 * What a key statement proves by itself: that the first key made the party, or that the new device agreed. Whether
 * the device that enrols could govern, and whether the party may come back so, is for the caller, who knows it.
 * @throws chain.broken, signature.invalid
 */
export async function checkKeyStatement(header: KeyStatement): Promise<ChainDevice> {
  const device = deviceFrom(header);
  if (!founds(header)) {
    const consent = device.connector ? connectorConsent : enrolConsent;
    await verifyEd25519(device.key, consent(header.centre, header.party), signatureFrom(header.body.consent));
    return device;
  }
  // The first key speaks for itself, and its fingerprint is the party.
  if (device.id !== header.party || device.id !== header.device)
    throw new Refusal('chain.broken', {
      at: '/body/key',
      detail: 'the party is not the fingerprint of its first key',
    });
  if (isA(header, 'party.found/1')) {
    const { key, signature } = header.body.invitation;
    await verifyEd25519(
      publicKeyFrom(key, '/body/invitation/key'),
      joinConsent(header.centre, device.key),
      signatureFrom(signature),
    );
  }
  return device;
}

function signatureFrom(text: string): Bytes {
  const bytes = fromBase64(text);
  if (bytes?.length !== 64) throw new Refusal('signature.invalid');
  return bytes;
}

/**
 * Walks the links in the order given, which is that of the log, each signed by a key of the links before.
 * @param links the founding statement, then what leads down to the device that is wanted; where guardians readmitted
 *   the party, their own links are among them
 * @returns the party's devices by id, and its recovery keys
 * @throws chain.broken, signature.invalid
 */
export async function verifyChain(
  party: PartyId,
  links: readonly Statement[],
): Promise<ReadonlyMap<DeviceId, ChainDevice>> {
  const walk = new Walk(party);
  for (const [i, link] of links.entries()) {
    // What a party said at one centre lets nobody in at another.
    if (link.header.centre !== links[0]?.header.centre)
      throw new Refusal('chain.broken', { at: `/chain/${i}` });
    await walk.take(link, i);
  }
  return walk.end();
}

interface Walked {
  /** Of its first link. */
  readonly at: number;
  readonly devices: Map<DeviceId, ChainDevice>;
  /** Ended by a recovery: they sign no link after it. What they said before still verifies. */
  readonly ended: Set<DeviceId>;
  /** By the recovery key that was spent, the payload that it signed. */
  readonly spent: Map<DeviceId, Bytes>;
  /** It is the party itself, or readmitted one. */
  needed: boolean;
}

class Walk {
  readonly #party: PartyId;
  readonly #parties = new Map<PartyId, Walked>();
  readonly #recoveries = new Recoveries();

  constructor(party: PartyId) {
    this.#party = party;
  }

  async take({ header, envelope }: Statement, i: number): Promise<void> {
    const key = await this.#signer(header, i);
    await verifyEd25519(key, signedBytes(envelope.payload), envelope.signature);
    const walked = this.#parties.get(header.party);
    this.#within(i, () => this.#recoveries.take(header));
    if (isA(header, 'party.readmit/1') && walked) walked.needed = true;
    if (isA(header, 'party.recover/1') && header.body.revoke)
      for (const id of walked?.devices.keys() ?? []) walked?.ended.add(id);
    if (isA(header, 'party.recover/1') && header.body.by === 'recovery')
      walked?.spent.set(header.device, envelope.payload);
    if (bringsDevice(header)) walked?.devices.set(deviceFrom(header).id, deviceFrom(header));
  }

  /** The key that must have signed the link, by the links before it. */
  async #signer(header: AnyHeader, i: number): Promise<Bytes> {
    if (!bringsDevice(header) && !arranges(header)) throw new Refusal('chain.broken', { at: `/chain/${i}` });
    const walked = this.#parties.get(header.party);
    if (founds(header) === (walked !== undefined))
      throw brokenAt(i, 'the founding of a party comes first, and once');
    if (founds(header)) {
      const { key } = await checkKeyStatement(header);
      const needed = header.party === this.#party;
      const nothing = { devices: new Map(), ended: new Set<DeviceId>(), spent: new Map() };
      this.#parties.set(header.party, { at: i, ...nothing, needed });
      return key;
    }
    if (bringsDevice(header)) {
      const { id } = await checkKeyStatement(header);
      // Said twice, with other rights, it would be two devices.
      if (walked?.devices.has(id)) throw brokenAt(i, 'the key is enrolled already');
    }
    if (isA(header, 'party.recover/1')) return this.#within(i, () => this.#recoveries.signerOf(header));
    const signer = walked?.devices.get(header.device);
    if (!signer || !canGovern(signer) || walked?.ended.has(signer.id))
      throw brokenAt(i, 'signed by a device that could not govern');
    return signer.key;
  }

  #within<T>(i: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Refusal && error.code === 'chain.broken') throw brokenAt(i, error.detail ?? '');
      throw error;
    }
  }

  end(): ReadonlyMap<DeviceId, ChainDevice> {
    for (const { at, needed } of this.#parties.values())
      if (!needed) throw brokenAt(at, 'of another party, which did not readmit this one');
    const devices = new Map(this.#parties.get(this.#party)?.devices);
    for (const [id, key] of this.#recoveries.keysOf(this.#party)) {
      const none = { rights: [], ends: null, rooms: null, personal: false, connector: null };
      const device = { id, party: this.#party, key, ...none, from: 'recovery-key' as const };
      if (!devices.has(id)) devices.set(id, { ...device, recovers: this.#recovers(id) });
    }
    return devices;
  }

  #recovers(id: DeviceId): Exclude<ChainDevice['recovers'], undefined> {
    const spentOn = this.#parties.get(this.#party)?.spent.get(id);
    if (spentOn) return { spentOn };
    return this.#recoveries.inForce(this.#party) === id ? 'in-force' : 'replaced';
  }
}

/** Who is limited enrols nobody: what it may not see, a device that it brings could. */
export function canGovern({
  rights,
  rooms,
  personal,
}: Pick<ChainDevice, 'rights' | 'rooms' | 'personal'>): boolean {
  return rights.includes('govern') && rooms === null && personal;
}

function brokenAt(i: number, detail: string): Refusal {
  return new Refusal('chain.broken', { at: `/chain/${i}`, detail });
}

/**
 * The signature on a statement, by a device of the chain with the right to sign it.
 * @throws chain.broken, signature.invalid, connector.kind
 */
export async function verifyBy(device: ChainDevice | undefined, statement: Statement): Promise<void> {
  const { header, envelope } = statement;
  if (!device || device.party !== header.party || device.id !== header.device)
    throw new Refusal('chain.broken', {
      detail: `the device ${header.device} speaks for the party ${header.party} without a chain to its first key`,
    });
  if (device.from === 'recovery-key') needRecovers(device, statement);
  else {
    if (!device.rights.includes(kinds[header.kind].right))
      throw new Refusal('chain.broken', { detail: 'the device lacks the right' });
    needWithin(device, header);
  }
  if (device.connector) checkConnectorSays(device.connector, header);
  await verifyEd25519(device.key, signedBytes(envelope.payload), envelope.signature);
}

/** A recovery key brings one device, while it is in force, and says nothing else. @throws chain.broken */
function needRecovers({ recovers }: ChainDevice, { header, envelope }: Statement): void {
  if (!isA(header, 'party.recover/1') || header.body.by !== 'recovery')
    throw new Refusal('chain.broken', { detail: 'a recovery key brings a device, and says nothing else' });
  const spent = typeof recovers === 'object' && equal(recovers.spentOn, envelope.payload);
  if (recovers !== 'in-force' && !spent)
    throw new Refusal('chain.broken', { detail: 'the recovery key was spent or replaced' });
}

/** A device speaks in its rooms only, and on no person where it has no right to personal data. @throws chain.broken */
function needWithin({ rooms, personal }: ChainDevice, header: AnyHeader): void {
  if (!personal && header.room === undefined)
    throw new Refusal('chain.broken', { detail: 'a device without personal data speaks in rooms only' });
  if (rooms !== null && (header.room === undefined || !rooms.includes(header.room)))
    throw new Refusal('chain.broken', { at: '/room', detail: 'the device does not speak in this room' });
  const said = handlingOf(header)?.personal ?? false;
  if (!personal && said !== false)
    throw new Refusal('chain.broken', { detail: 'the device does not share personal data' });
}
