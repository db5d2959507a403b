/** Parties and devices as JSON. */
import { millisecondsOf, textOf } from '@parley/core/fields.ts';
import { rights } from '@parley/core/kinds.ts';
import { levels } from '@parley/core/terms.ts';
import { z } from 'zod';
import type { Released } from '../../release/released.ts';
import type { DeviceView, PartyView } from '../../release/views.ts';
import { partyId, time, uuid } from '../shapes.ts';

export const partiesShape = z.strictObject({
  parties: z.array(
    z.strictObject({
      party: partyId,
      name: z.string(),
      relation: z.enum([
        'self',
        'centre',
        'host',
        'owner',
        'member',
        'observer',
        'supervisor',
        'supervised',
        'guest',
      ]),
      level: z.enum(levels).nullable().describe('At which alone it takes part; null: at any'),
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
      rooms: z.array(uuid).nullable().describe('Its only rooms; null: all of the party’s'),
      personal: z.boolean().describe('Whether it shares and sees personal data'),
      from: z.enum(['founding', 'enrolment', 'recovery', 'readmission', 'recovery-key']),
    }),
  ),
});

export function presentParties({
  value,
}: Released<{ parties: readonly PartyView[] }>): z.infer<typeof partiesShape> {
  return {
    parties: value.parties.map(({ party, name, relation, level }) => ({ party, name, relation, level })),
  };
}

export function presentDevices({
  value,
}: Released<{ devices: readonly DeviceView[] }>): z.infer<typeof devicesShape> {
  return {
    devices: value.devices.map(({ rights, ends, enrolled, revoked, rooms, ...rest }) => ({
      ...rest,
      rights: [...rights],
      rooms: rooms && [...rooms],
      ends: ends === null ? null : millisecondsOf(ends),
      enrolled: textOf(enrolled),
      revoked: revoked === null ? null : textOf(revoked),
    })),
  };
}
