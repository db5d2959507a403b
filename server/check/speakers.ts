/** Who spoke: each statement is signed by a device of its party that was enrolled, and neither revoked nor ended. */
import type { Bytes } from '@parley/core/bytes.ts';
import { bringsDevice, type ChainDevice, checkKeyStatement, deviceFrom, founds } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import { instantOf } from '@parley/core/fields.ts';
import { centreKinds, kinds } from '@parley/core/kinds.ts';
import { Recoveries } from '@parley/core/recovery.ts';
import {
  type AnyHeader,
  envelopeJson,
  handlingOf,
  isA,
  parseStatement,
  signedBytes,
} from '@parley/core/statement.ts';
import { verifyEnvelope } from '../admission/check.ts';
import type { LogReader, StoredRecord } from '../log/ports.ts';
import { checking } from './corrupt.ts';

/** Follows the log from its first record. */
export class SpeakersCheck {
  readonly #devices = new Map<string, ChainDevice & { revoked: boolean }>();
  readonly #recoveries = new Recoveries();
  #centre: Pick<AnyHeader, 'centre' | 'party'> | null = null;

  get devices(): number {
    return this.#devices.size;
  }

  /** The next records, in order. Signatures are verified side by side. */
  async take(records: readonly StoredRecord[], log: LogReader): Promise<void> {
    const signatures: Promise<void>[] = [];
    for (const record of records) {
      const at = `records/${record.index}`;
      await checking(at, () => this.#checkShape(record, log));
      const key = await checking(at, () => this.#speaker(record));
      const { envelope } = record;
      signatures.push(checking(at, () => verifyEnvelope(envelope, key, signedBytes(envelope.payload))));
    }
    await Promise.all(signatures);
  }

  /** The bytes parse as at the front door, and are found under the identity that they state. */
  async #checkShape({ index, envelope }: StoredRecord, log: LogReader): Promise<void> {
    const { header } = parseStatement({ ...envelopeJson(envelope) });
    this.#centre ??= header;
    if (header.centre !== this.#centre.centre) throw new Refusal('header.centre', { at: '/centre' });
    if (centreKinds.has(header.kind) && header.party !== this.#centre.party)
      throw new Refusal('centre.only', { at: '/kind' });
    if ((await log.find(header)) !== index)
      throw new Refusal('header.malformed', { at: '/id', detail: 'stored under another identity' });
  }

  /** The key that must have signed it. */
  async #speaker(record: StoredRecord): Promise<Bytes> {
    const { header } = record;
    if (bringsDevice(header)) await checkKeyStatement(header);
    const key = isA(header, 'party.recover/1') ? this.#recoveries.signerOf(header) : this.#device(record).key;
    if (isA(header, 'party.recover/1')) {
      if (header.body.revoke) this.#revokeAll(header.party);
      this.#enrol(header);
    }
    this.#recoveries.take(header);
    return key;
  }

  #device({ header, instant }: StoredRecord): ChainDevice {
    // A first key brings itself; whoever is enrolled is brought by another.
    if (founds(header)) this.#enrol(header);
    const device = this.#devices.get(header.device);
    if (device?.party !== header.party) throw new Refusal('device.unknown');
    if (device.revoked) throw new Refusal('device.revoked');
    if (device.ends !== null && instantOf(device.ends) <= instant) throw new Refusal('device.ended');
    if (!device.rights.includes(kinds[header.kind].right)) throw new Refusal('device.right');
    if (device.rooms !== null && !device.rooms.includes(header.room ?? ''))
      throw new Refusal('device.limited');
    if (!device.personal && (header.room === undefined || handlingOf(header)?.personal))
      throw new Refusal('device.limited');
    if (isA(header, 'device.enrol/1')) this.#enrol(header);
    if (isA(header, 'device.revoke/1')) this.#revoke(header.party, header.body.device);
    return device;
  }

  #enrol(header: Parameters<typeof deviceFrom>[0]): void {
    const device = deviceFrom(header);
    if (this.#devices.has(device.id)) throw new Refusal('device.known');
    this.#devices.set(device.id, { ...device, revoked: false });
  }

  #revokeAll(party: string): void {
    for (const device of this.#devices.values()) if (device.party === party) device.revoked = true;
  }

  #revoke(party: string, id: string): void {
    const device = this.#devices.get(id);
    if (device?.party !== party) throw new Refusal('device.unknown', { at: '/body/device' });
    device.revoked = true;
  }
}
