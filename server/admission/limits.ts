/** What a device may do within the rights it has: in its rooms only, and with or without personal data. */
import { Refusal } from '@parley/core/errors.ts';
import { statementRef } from '@parley/core/fields.ts';
import { type AnyHeader, handlingOf } from '@parley/core/statement.ts';
import type { DeviceState, Readers } from './readers.ts';

/**
 * Before any rule looks further: what lies beyond the limits of a device is not told to it.
 * @throws device.limited, target.unknown
 */
export async function checkLimits(header: AnyHeader, device: DeviceState, readers: Readers): Promise<void> {
  const { rooms, personal } = device;
  if (rooms !== null && header.room === undefined)
    throw new Refusal('device.limited', {
      at: '/kind',
      detail: 'the device speaks in its rooms only, and this is said in none',
    });
  if (rooms !== null && !rooms.includes(header.room ?? ''))
    throw new Refusal('device.limited', { at: '/room', detail: 'the device does not speak in this room' });
  if (personal) return;
  if (handlingOf(header)?.personal)
    throw new Refusal('device.limited', {
      at: '/body/handling/personal',
      detail: 'the device does not share personal data',
    });
  await checkTarget(header, readers);
}

/** What a device may not see, it cannot ask for, pass on, take back or complain of: as if it were not there. */
async function checkTarget({ body }: AnyHeader, readers: Readers): Promise<void> {
  const at = 'statement' in body ? 'statement' : 'target';
  const target = statementRef.safeParse((body as Record<string, unknown>)[at]);
  const index = target.success ? await readers.find(target.data) : null;
  const [record] = index === null ? [] : await readers.log.records([index]);
  if (record && handlingOf(record.header)?.personal)
    throw new Refusal('target.unknown', { at: `/body/${at}` });
}
