/** Connectors: what their party signed that they may, and what the centre tells that party of them. */
import { canGovern } from '@parley/core/chain.ts';
import { handlingUntil } from '@parley/core/connectors.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, millisecondsOf } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { type Connector, type DeviceName, kinds } from '@parley/core/kinds.ts';
import { partNumber, readPart } from '@parley/core/parts.ts';
import { isA } from '@parley/core/statement.ts';
import { liveDevice } from './devices.ts';
import { lookAsParty } from './own.ts';
import { type Released, released } from './released.ts';
import type { DeviceFacts, Sources } from './sources.ts';
import type { Viewer } from './viewer.ts';

/** A device and the enrolment that made it a connector. */
export interface ConnectorFacts extends Connector {
  readonly device: DeviceFacts;
  /** It is for these rooms and no others. */
  readonly rooms: readonly string[];
  /** Stands beside each of its reads. */
  readonly justification: string | null;
}

/**
 * A connector that may work now.
 * @throws device.unknown (also of a key that was not enrolled yet), device.revoked, device.ended
 */
export async function liveConnector(party: string, id: string, sources: Sources): Promise<ConnectorFacts> {
  const facts = await connectorOf(await liveDevice(party, id, sources), sources);
  if (!facts) throw new Refusal('device.unknown');
  return facts;
}

/** Null: the device holds its own key. */
export async function connectorOf(device: DeviceFacts, sources: Sources): Promise<ConnectorFacts | null> {
  const [record] = await sources.log.records([device.index]);
  if (!record || !isA(record.header, 'device.enrol/1')) return null;
  const { connector, rooms } = record.header.body;
  if (!connector || !rooms) return null;
  const number = partNumber(device.index, 0);
  // Names of devices are never taken back, so the part is there.
  const part = (await sources.log.parts([number])).get(number);
  if (!part) throw new Error(`record ${device.index} lacks its part`);
  const { justification = null } = readPart<DeviceName>(kinds['device.enrol/1'].parts.one, part.bytes);
  return { ...connector, device, rooms, justification };
}

const day = 86_400_000_000;

/**
 * Under what it shares in this room now: where the terms that its party accepted there keep nothing for ever, the end
 * is the latest that they allow.
 * @throws device.right, connector.room
 */
export async function handlingIn(
  room: string,
  party: string,
  connector: ConnectorFacts,
  sources: Sources,
): Promise<Handling> {
  const { handling, rooms, device } = connector;
  if (!handling || !device.rights.includes('speak'))
    throw new Refusal('device.right', { params: { right: 'speak' } });
  if (!rooms.includes(room)) throw new Refusal('connector.room', { at: '/room' });
  const found = await sources.rooms.room(room);
  const standing = found && (await sources.rooms.standing(found.no, party));
  const days = standing?.accepted?.terms.retention ?? null;
  return handlingUntil(handling, days === null ? null : millisecondsOf(sources.now + days * day));
}

/** What the journals know of one. */
export interface Held {
  readonly device: string;
  readonly used: Instant | null;
}

export interface ConnectorView extends Omit<ConnectorFacts, 'device'> {
  readonly device: string;
  readonly name: string;
  readonly rights: DeviceFacts['rights'];
  readonly ends: Instant | null;
  readonly enrolled: Instant;
  readonly revoked: Instant | null;
  readonly used: Instant | null;
}

/**
 * The viewer's own party's, in the order of enrolment, those that have ended among them.
 * @param held what the journals know of the party's connectors
 * @throws session.needed
 */
export async function releaseConnectors(
  viewer: Viewer,
  sources: Sources,
  held: (party: string) => Promise<readonly Held[]>,
): Promise<Released<{ connectors: readonly ConnectorView[] }>> {
  const { party } = await lookAsParty(viewer, sources);
  const used = new Map((await held(party.id)).map((one) => [one.device, one.used]));
  const connectors: ConnectorView[] = [];
  for (const device of await sources.parties.devicesOf(party.no)) {
    const facts = await connectorOf(device, sources);
    const [record] = facts ? await sources.log.records([device.index]) : [];
    if (!facts || !record) continue;
    const { name, rights, ends, revoked } = device;
    connectors.push({
      ...facts,
      ...{ device: device.id, name, rights, ends, revoked },
      enrolled: record.instant,
      used: used.get(device.id) ?? null,
    });
  }
  return released({ connectors });
}

/**
 * What the journals hold for the owner of a connector.
 * @throws session.needed, absent
 */
export async function releaseOfConnector<T>(
  viewer: Viewer,
  id: string,
  sources: Sources,
  read: (device: string) => Promise<T>,
): Promise<Released<T>> {
  const { party } = await lookAsParty(viewer, sources);
  const device = await sources.parties.device(id);
  if (!device || device.party !== party.no || !(await connectorOf(device, sources)))
    throw new Refusal('absent');
  return released(await read(device.id));
}

/**
 * For whom the centre makes a key: the party of a device that could enrol it.
 * @throws session.needed, device.right, device.limited
 */
export async function ownerOfConnectors(viewer: Viewer, sources: Sources): Promise<string> {
  const { party } = await lookAsParty(viewer, sources);
  const device = viewer.device === null ? null : await sources.parties.device(viewer.device);
  if (!device?.rights.includes('govern')) throw new Refusal('device.right', { params: { right: 'govern' } });
  if (!canGovern(device))
    throw new Refusal('device.limited', { detail: 'a device without personal data enrols nobody' });
  return party.id;
}
