/** What members of a room agree on. A part of `room.open` and `room.terms`; its leaf hash is the hash of the terms. */
import { z } from 'zod';
import { freeText, partyId, purposeId } from './fields.ts';
import { handlingSchema, tlpLabels } from './handling.ts';
import { isShippedPurpose } from './purposes.ts';
import { type Protection, protectionSchema } from './transfer.ts';
import { type Undertaking, undertakingsSchema } from './undertakings.ts';

/** At which a party takes part, where states keep their experts and their ministers apart. */
export const levels = ['technical', 'ministerial'] as const;
export type Level = (typeof levels)[number];

const ownPurpose = z.strictObject({
  id: purposeId.refine((id) => id.startsWith('x-'), 'a purpose of the room’s own begins with x-'),
  title: freeText(200),
  basis: freeText(500),
});

export const termsSchema = z
  .strictObject({
    title: freeText(200),
    /** For what members may use what is said here. A share names some of them. */
    purposes: z.array(purposeId).min(1).max(16),
    /** The room's own purposes among them. */
    own: z.array(ownPurpose).max(16),
    /** What a client proposes when a member shares without saying more. */
    handling: z.strictObject({
      purposes: z.array(purposeId).min(1).max(16),
      onward: handlingSchema.shape.onward,
      tlp: z.enum(tlpLabels),
      classification: handlingSchema.shape.classification,
      pap: handlingSchema.shape.pap,
    }),
    /** Days after which everything said here is erased, or null: no limit. A share's `until` may not be later. */
    retention: z.int().min(1).max(36_525).nullable(),
    /** Whether a new member sees what was said before it joined. */
    past: z.boolean(),
    /** Whether members see who else is in. */
    roster: z.boolean(),
    /** Conditions in words. */
    conditions: z.string().max(16_384),
    /** For parties that take part at this level; null or left out: for those of any. */
    level: z.enum(levels).nullable().optional(),
    /** Of personal data; null or left out: the terms say nothing of it. */
    protection: protectionSchema.nullable().optional(),
    undertakings: undertakingsSchema.optional(),
    /** The party that supervises the room, once it accepts; it is no member. */
    supervisor: partyId.nullable().optional(),
  })
  .refine((terms) => terms.handling.purposes.every((id) => terms.purposes.includes(id)), {
    path: ['handling', 'purposes'],
    message: 'the default purposes are not all among the purposes',
  })
  .refine(
    (terms) => terms.purposes.every((id) => isShippedPurpose(id) || terms.own.some((own) => own.id === id)),
    {
      path: ['purposes'],
      message: 'a purpose is neither in the shipped list nor among the room’s own',
    },
  )
  .refine((terms) => new Set(terms.own.map(({ id }) => id)).size === terms.own.length, {
    path: ['own'],
    message: 'a purpose of the room’s own is named twice',
  })
  .refine((terms) => terms.handling.tlp !== 'red', {
    path: ['handling', 'tlp'],
    message: 'TLP:RED names its recipients, so it cannot be the default of a room',
  })
  .refine(
    ({ handling: { tlp, classification = 'unclassified' } }) =>
      tlp !== 'clear' || classification === 'unclassified',
    {
      path: ['handling', 'classification'],
      message: 'TLP:CLEAR may go anywhere, what is classified may not',
    },
  )
  .refine((terms) => terms.handling.tlp !== 'amber+strict' || terms.handling.onward !== 'room', {
    path: ['handling', 'onward'],
    message: 'TLP:AMBER+STRICT is passed on only by asking, or never',
  })
  .refine((terms) => terms.roster || namedIn(terms.protection, terms.undertakings).length === 0, {
    path: ['roster'],
    message: 'terms that name parties show who is in',
  })
  .refine(
    ({ supervisor, protection, undertakings }) =>
      supervisor == null || !namedIn(protection, undertakings).includes(supervisor),
    {
      path: ['supervisor'],
      message: 'who supervises takes no part: it undertakes nothing and is no controller',
    },
  );
export type Terms = z.infer<typeof termsSchema>;

/** Parties that the terms name as taking part. A processor does not. */
function namedIn(
  protection: Protection | null | undefined,
  undertakings: readonly Undertaking[] | undefined,
): string[] {
  const names = [
    ...(undertakings ?? []).map(({ by }) => by),
    ...(protection ? [protection.controller, ...protection.transfers.map(({ party }) => party)] : []),
  ];
  return names.filter((name) => name !== 'each');
}
