/**
 * Who answers for personal data in a room, and on what ground it may go to each member. A closed list: what is not
 * on it is no ground.
 */
import { z } from 'zod';
import { freeText, partyId } from './fields.ts';

/** Each with the provisions of the European Union that it is named after; other parties name theirs in words. */
export const transferGrounds = {
  /** No transfer to a third country. */
  union: 'Regulation (EU) 2016/679, Art. 1(3); Directive (EU) 2016/680, Art. 1(2)(b)',
  adequacy: 'Regulation (EU) 2016/679, Art. 45; Directive (EU) 2016/680, Art. 36',
  agreement: 'Regulation (EU) 2016/679, Art. 46(2)(a); Directive (EU) 2016/680, Art. 37(1)(a)',
  'standard-clauses': 'Regulation (EU) 2016/679, Art. 46(2)(c)',
  assessment: 'Directive (EU) 2016/680, Art. 37(1)(b)',
  'vital-interest': 'Regulation (EU) 2016/679, Art. 49(1)(f); Directive (EU) 2016/680, Art. 38(1)(a)',
  'public-interest': 'Regulation (EU) 2016/679, Art. 49(1)(d)',
  'immediate-threat': 'Directive (EU) 2016/680, Art. 38(1)(c)',
  'individual-case': 'Directive (EU) 2016/680, Art. 38(1)(d)',
  'legal-claim': 'Regulation (EU) 2016/679, Art. 49(1)(e); Directive (EU) 2016/680, Art. 38(1)(e)',
} as const;
export type TransferGround = keyof typeof transferGrounds;
const transferGroundIds = Object.keys(transferGrounds) as [TransferGround, ...TransferGround[]];

const ground = z.strictObject({
  id: z.enum(transferGroundIds),
  /** What it is in this case: the agreement, the decision, the assessment. */
  text: freeText(2_000),
});
export type Ground = z.infer<typeof ground>;

export const protectionSchema = z.strictObject({
  /** Who decides on purposes and means: a party, or each for what it says and reads. */
  controller: z.union([z.literal('each'), partyId]),
  /** Who processes on its behalf, such as the party that hosts the centre. */
  processor: partyId.nullable(),
  transfers: z
    .array(z.strictObject({ party: partyId, ground }))
    .max(256)
    .refine((list) => new Set(list.map(({ party }) => party)).size === list.length, 'a party is named twice'),
  /** For every party that is not named; null: whoever is not named cannot join. */
  others: ground.nullable(),
});
export type Protection = z.infer<typeof protectionSchema>;

/** On what ground personal data may go to the party. Null: on none; the controller itself needs none. */
export function groundFor(protection: Protection, party: string): Ground | 'controller' | null {
  if (protection.controller === party) return 'controller';
  return protection.transfers.find((each) => each.party === party)?.ground ?? protection.others;
}
