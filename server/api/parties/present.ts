/** Parties and devices as JSON. */
import { millisecondsOf, textOf } from '@parley/core/fields.ts';
import { rights } from '@parley/core/kinds.ts';
import { z } from 'zod';
import type { Released } from '../../release/released.ts';
import type { DeviceView, PartyView } from '../../release/views.ts';
import { partyId, time } from '../shapes.ts';

export const partiesShape = z.strictObject({
  parties: z.array(
    z.strictObject({
      party: partyId,
      name: z.string(),
      relation: z.enum(['self', 'centre', 'host', 'owner', 'member', 'guest']),
    }),
  ),
});

export const devicesShape = z.strictObject({
  devices: z.array(
    z.strictObject({
      device: partyId,
      name: z.string(),
      rights: z.array(z.enum(rights)),
      ends: time.nullable().describe('With milliseconds, as it was signed'),
      enrolled: time,
      revoked: time.nullable(),
    }),
  ),
});

export function presentParties({
  value,
}: Released<{ parties: readonly PartyView[] }>): z.infer<typeof partiesShape> {
  return { parties: value.parties.map(({ party, name, relation }) => ({ party, name, relation })) };
}

export function presentDevices({
  value,
}: Released<{ devices: readonly DeviceView[] }>): z.infer<typeof devicesShape> {
  return {
    devices: value.devices.map(({ device, name, rights, ends, enrolled, revoked }) => ({
      device,
      name,
      rights: [...rights],
      ends: ends === null ? null : millisecondsOf(ends),
      enrolled: textOf(enrolled),
      revoked: revoked === null ? null : textOf(revoked),
    })),
  };
}
