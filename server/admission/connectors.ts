/** Connectors: whom a party may let the centre sign for, and what is said with such a key. */
import { checkConnectorSays } from '@parley/core/connectors.ts';
import { Refusal } from '@parley/core/errors.ts';
import { checkHandling } from '@parley/core/handling.ts';
import { type Connector, type DeviceName, kinds } from '@parley/core/kinds.ts';
import { readPart } from '@parley/core/parts.ts';
import { isShippedPurpose } from '@parley/core/purposes.ts';
import { type AnyHeader, type Header, isA } from '@parley/core/statement.ts';
import { checkAccredited } from './accreditation.ts';
import type { DeviceState, Readers } from './readers.ts';
import type { Saying } from './said.ts';

/** Limited and with an end, so that what a lost token opens is little. @throws connector.limits, room.*, handling.* */
export async function checkConnectorEnrolment(saying: Saying<'device.enrol/1'>): Promise<void> {
  const { header } = saying;
  const { connector } = header.body;
  checkJustification(saying, connector !== undefined);
  if (!connector) return;
  checkScope(header, connector);
  if (connector.handling)
    await checkAccredited(connector.handling, '/body/connector/handling/classification', saying.readers);
  checkPurpose(connector.purpose, await purposesIn(header, saying.readers));
}

/** @throws part.malformed */
function checkJustification({ parts }: Saying, connector: boolean): void {
  const [part] = parts;
  const name = part && readPart<DeviceName>(kinds['device.enrol/1'].parts.one, part.bytes);
  const text = name?.justification;
  if (text === undefined) return;
  const detail = connector
    ? 'at least 3 letters or digits'
    : 'whoever signs in with a device justifies what it reads then';
  if (!connector || (text.match(/[\p{L}\p{N}]/gu) ?? []).length < 3)
    throw new Refusal('part.malformed', { at: '/parts/0/justification', detail });
}

function checkScope({ body }: Header<'device.enrol/1'>, { access, handling }: Connector): void {
  const refuse = (at: string, detail: string): never => {
    throw new Refusal('connector.limits', { at: `/body/${at}`, detail });
  };
  const { rights, rooms = null, ends, personal = true } = body;
  if (rooms === null) refuse('rooms', 'expected the rooms that it is for');
  if (ends === null) refuse('ends', 'expected an end');
  if (rights.includes('govern')) refuse('rights', 'it cannot govern');
  if (rights.includes('speak') !== (access === 'write'))
    refuse('rights', 'it has the right speak where its access is write, and only there');
  if ((handling !== null) !== (access === 'write'))
    refuse('connector/handling', 'it has a handling where its access is write, and only there');
  if (!handling) return;
  if (handling.personal && !personal)
    refuse('connector/handling/personal', 'the device does not share personal data');
  try {
    checkHandling(handling);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const at = (error.at ?? '').replace('/body/handling', '/body/connector/handling');
    throw new Refusal(error.code, {
      at,
      params: error.params,
      ...(error.detail ? { detail: error.detail } : {}),
    });
  }
}

/** Of the terms that bind the party in these rooms. @throws room.unknown, room.not-member */
async function purposesIn(header: Header<'device.enrol/1'>, readers: Readers): Promise<ReadonlySet<string>> {
  const purposes = new Set<string>();
  for (const [i, id] of (header.body.rooms ?? []).entries()) {
    const at = `/body/rooms/${i}`;
    const room = await readers.room(id);
    const standing = room && (await readers.standing(room.no, header.party));
    if (!standing) throw new Refusal('room.unknown', { at });
    if (standing.state !== 'member') throw new Refusal('room.not-member', { at });
    for (const purpose of standing.accepted?.terms.purposes ?? []) purposes.add(purpose);
  }
  return purposes;
}

function checkPurpose(purpose: string, own: ReadonlySet<string>): void {
  if (!isShippedPurpose(purpose) && !own.has(purpose))
    throw new Refusal('purpose.unknown', { at: '/body/connector/purpose' });
}

/** Every connector is limited to rooms, so that of other devices nothing needs to be read. @throws connector.kind */
export async function checkSaidByConnector(
  header: AnyHeader,
  device: DeviceState,
  readers: Readers,
): Promise<void> {
  if (device.rooms === null) return;
  const [record] = await readers.log.records([device.index]);
  if (!record || !isA(record.header, 'device.enrol/1')) return;
  const { connector } = record.header.body;
  if (connector) checkConnectorSays(connector, header);
}
