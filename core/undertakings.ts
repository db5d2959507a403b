/** What each side of a room undertakes, and in return for what. */
import { z } from 'zod';
import { freeText, partyId } from './fields.ts';

export const undertakingId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'expected the id of an undertaking, such as report-within-a-day');

const undertaking = z.strictObject({
  id: undertakingId,
  /** Who owes it: one party, or each member. */
  by: z.union([z.literal('each'), partyId]),
  text: freeText(4_000),
  /** Undertakings of others without which this one is not owed. */
  inReturnFor: z
    .array(undertakingId)
    .max(64)
    .refine((list) => new Set(list).size === list.length, 'an undertaking is named twice'),
});
export type Undertaking = z.infer<typeof undertaking>;

export const undertakingsSchema = z
  .array(undertaking)
  .max(64)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'an id is used twice')
  .refine((list) => {
    const ids = new Set(list.map(({ id }) => id));
    return list.every(({ inReturnFor }) => inReturnFor.every((id) => ids.has(id)));
  }, 'an undertaking is in return for one that is not there')
  .refine((list) => !isCircular(list), 'undertakings depend on each other in a circle');

/** With a circle, each side could wait for the other: nobody would owe anything first. */
function isCircular(list: readonly Undertaking[]): boolean {
  const settled = new Set<string>();
  for (let before = -1; before < settled.size; ) {
    before = settled.size;
    for (const { id, inReturnFor } of list)
      if (inReturnFor.every((other) => settled.has(other))) settled.add(id);
  }
  return settled.size < list.length;
}

/** Whether the party owes it. */
export function owes({ by }: Undertaking, party: string): boolean {
  return by === 'each' || by === party;
}
