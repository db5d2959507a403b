/** Which device may look, and with which key it shows that it is that one. */
import type { Bytes } from '@parley/core/bytes.ts';
import { bringsDevice, deviceFrom } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { DeviceFacts, Sources } from './sources.ts';

/** Enrolled and read-righted, neither revoked nor ended. @throws device.unknown, device.revoked, device.ended, device.right */
export async function readingDevice(party: string, id: string, sources: Sources): Promise<DeviceFacts> {
  const device = await liveDevice(party, id, sources);
  if (!device.rights.includes('read')) throw new Refusal('device.right', { params: { right: 'read' } });
  return device;
}

/** Enrolled, neither revoked nor ended. @throws device.unknown, device.revoked, device.ended */
export async function liveDevice(party: string, id: string, sources: Sources): Promise<DeviceFacts> {
  const device = await enrolled(party, id, sources);
  if (device.revoked !== null) throw new Refusal('device.revoked');
  if (device.ends !== null && device.ends <= sources.now) throw new Refusal('device.ended');
  return device;
}

/** The key of a device of the party, from the statement that brought it. @throws device.unknown */
export async function keyOfDevice(party: string, id: string, sources: Sources): Promise<Bytes> {
  const device = await enrolled(party, id, sources);
  const [record] = await sources.log.records([device.index]);
  if (!record || !bringsDevice(record.header)) throw new Error(`record ${device.index} brings no device`);
  return deviceFrom(record.header).key;
}

async function enrolled(party: string, id: string, sources: Sources): Promise<DeviceFacts> {
  const device = await sources.parties.device(id);
  const facts = await sources.parties.party(party);
  if (!device || !facts || device.party !== facts.no) throw new Refusal('device.unknown');
  return device;
}
