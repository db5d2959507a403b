/** Kinds by which parties join, bring devices and connectors, and come back when their keys are lost. */
import { z } from 'zod';
import { base64Of, deviceId, freeText, instantText, partyId, purposeId, uuid } from './fields.ts';
import { handlingSchema } from './handling.ts';
import { levels } from './terms.ts';

export const rights = ['read', 'speak', 'govern'] as const;
export type Right = (typeof rights)[number];

export const key = base64Of(32);
const signature = base64Of(64);
const rightList = z
  .array(z.enum(rights))
  .min(1)
  .max(3)
  .refine((list) => new Set(list).size === list.length, 'a right is named twice');

/** The only rooms that a device speaks in and sees; null or absent: all of its party's. */
const deviceRooms = z
  .array(uuid)
  .min(1)
  .max(64)
  .refine((list) => new Set(list).size === list.length, 'a room is named twice')
  .nullable();
/** A device whose key the centre holds, so that an unmodified client works with a token. */
const connector = z.strictObject({
  purpose: purposeId,
  access: z.enum(['read', 'write']),
  /** Of what it shares; null: it shares nothing. */
  handling: handlingSchema.nullable(),
});

const name = freeText(200);
/** A party's first part: what it calls itself and its first device. */
export const profile = z.strictObject({ name, device: name });
/** The justification is a connector's: it stands beside each of its reads. */
const deviceName = z.strictObject({ name, justification: freeText(1_000).optional() });

export const partyKinds = {
  'party.invite/1': {
    body: z.strictObject({
      key,
      until: instantText,
      /** The host vouches that who joins is this party, which lost everything. */
      formerly: partyId.optional(),
      /** It takes part at this level only; null or left out: at any. */
      level: z.enum(levels).nullable().optional(),
    }),
    parts: 'none',
    room: false,
    right: 'govern',
  },
  'party.withdraw/1': { body: z.strictObject({ key }), parts: 'none', room: false, right: 'govern' },
  'party.found/1': {
    body: z.strictObject({
      key,
      ends: instantText.nullable(),
      invitation: z.strictObject({ key, signature }),
      /** Of the key that is kept offline and brings the party back when its devices are lost. */
      recovery: key.nullable().optional(),
      /** The party that this one was, as the invitation says it: it lost everything. Nothing of it comes along. */
      formerly: partyId.optional(),
    }),
    parts: { one: profile },
    room: false,
    right: 'govern',
  },
  'party.recovery/1': {
    body: z.strictObject({
      recovery: key.nullable(),
      guardians: z
        .strictObject({
          parties: z
            .tuple([partyId, partyId])
            .refine(([one, other]) => one !== other, 'expected two different parties'),
          /** Hours between the second vouching and the readmission. */
          delay: z.int().min(1).max(8_760),
        })
        .nullable(),
    }),
    parts: 'none',
    room: false,
    right: 'govern',
  },
  /** Signed by the recovery key, or after a readmission by the key that it brings. */
  'party.recover/1': {
    body: z.strictObject({
      key,
      ends: instantText.nullable(),
      consent: signature,
      by: z.enum(['recovery', 'guardians']),
      /** The next recovery key, or null: none. */
      recovery: key.nullable(),
      /** Whether it ends every device that the party had. */
      revoke: z.boolean(),
    }),
    parts: { one: deviceName },
    room: false,
    right: 'govern',
  },
  'party.readmit/1': {
    body: z.strictObject({ party: partyId, key }),
    parts: 'none',
    room: false,
    right: 'govern',
  },
  'party.object/1': { body: z.strictObject({ key }), parts: 'none', room: false, right: 'govern' },
  'device.enrol/1': {
    body: z.strictObject({
      key,
      rights: rightList,
      ends: instantText.nullable(),
      consent: signature,
      rooms: deviceRooms.optional(),
      /** Whether it shares and sees personal data; absent: it does. */
      personal: z.boolean().optional(),
      connector: connector.optional(),
    }),
    parts: { one: deviceName },
    room: false,
    right: 'govern',
  },
  'device.revoke/1': {
    body: z.strictObject({ device: deviceId }),
    parts: 'none',
    room: false,
    right: 'govern',
  },
} as const;

export type Profile = z.infer<typeof profile>;
export type DeviceName = z.infer<typeof deviceName>;
export type Connector = z.infer<typeof connector>;
