/**
 * The chain of keys: from a party's first key, whose fingerprint people compared, to a device. Every verifier
 * walks it, so that the host cannot invent a device.
 */
import { type Bytes, fromBase64 } from './bytes.ts';
import { verifyEd25519 } from './ed25519.ts';
import { Refusal } from './errors.ts';
import {
  type DeviceId,
  enrolConsent,
  fingerprint,
  joinConsent,
  type PartyId,
  publicKeyFrom,
} from './keys.ts';
import { kinds, type Right, rights } from './kinds.ts';
import { type AnyHeader, isA, type Statement, signedBytes } from './statement.ts';

export interface ChainDevice {
  readonly id: DeviceId;
  readonly party: PartyId;
  readonly key: Bytes;
  readonly rights: readonly Right[];
  /** RFC 3339, or null: no end. */
  readonly ends: string | null;
}

/** A statement that brings a device into being. */
export type KeyStatement = Extract<AnyHeader, { kind: 'centre.open/1' | 'party.found/1' | 'device.enrol/1' }>;

export function bringsDevice(header: AnyHeader): header is KeyStatement {
  return isA(header, 'centre.open/1') || isA(header, 'party.found/1') || isA(header, 'device.enrol/1');
}

/** The device that a key statement brings, without any check of signatures: folds use it. */
export function deviceFrom(header: KeyStatement): ChainDevice {
  const key = publicKeyFrom(header.body.key, '/body/key');
  const enrolled = isA(header, 'device.enrol/1');
  return {
    id: fingerprint(key),
    party: header.party,
    key,
    rights: enrolled ? header.body.rights : rights,
    ends: isA(header, 'centre.open/1') ? null : header.body.ends,
  };
}

/**
 * What a key statement proves by itself: that the first key made the party, or that the new device agreed.
 * Whether the enrolling device could govern is for the caller, who knows it.
 * @throws chain.broken, signature.invalid
 */
export async function checkKeyStatement(header: KeyStatement): Promise<ChainDevice> {
  const device = deviceFrom(header);
  if (isA(header, 'device.enrol/1')) {
    await verifyEd25519(
      device.key,
      enrolConsent(header.centre, header.party),
      signatureFrom(header.body.consent),
    );
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
 * Walks the links in the order given, each signed by a device of the links before.
 * @param links the founding statement first, then enrolments, down to the device that is wanted
 * @returns the devices by id
 * @throws chain.broken, signature.invalid
 */
export async function verifyChain(
  party: PartyId,
  links: readonly Statement[],
): Promise<ReadonlyMap<DeviceId, ChainDevice>> {
  const devices = new Map<DeviceId, ChainDevice>();
  for (const [i, link] of links.entries()) {
    const { header, envelope } = link;
    // What a party said at one centre lets nobody in at another.
    const elsewhere = header.centre !== links[0]?.header.centre;
    if (!bringsDevice(header) || header.party !== party || elsewhere)
      throw new Refusal('chain.broken', { at: `/chain/${i}` });
    const founding = header.kind !== 'device.enrol/1';
    if (founding !== (i === 0))
      throw new Refusal('chain.broken', { at: `/chain/${i}`, detail: 'the founding comes first, and once' });
    const device = await checkKeyStatement(header);
    const signer = founding ? device : devices.get(header.device);
    if (!signer?.rights.includes('govern'))
      throw new Refusal('chain.broken', {
        at: `/chain/${i}`,
        detail: 'signed by a device that could not govern',
      });
    await verifyEd25519(signer.key, signedBytes(envelope.payload), envelope.signature);
    devices.set(device.id, device);
  }
  return devices;
}

/**
 * The signature on a statement, by a device of the chain with the right to sign it.
 * @throws chain.broken, signature.invalid
 */
export async function verifyBy(device: ChainDevice | undefined, statement: Statement): Promise<void> {
  const { header, envelope } = statement;
  if (!device || device.party !== header.party || device.id !== header.device)
    throw new Refusal('chain.broken', { detail: 'the device is not in the chain' });
  if (!device.rights.includes(kinds[header.kind].right))
    throw new Refusal('chain.broken', { detail: 'the device lacks the right' });
  await verifyEd25519(device.key, signedBytes(envelope.payload), envelope.signature);
}
