/** A session, to its own device. */
import { textOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import type { Released } from '../../release/released.ts';
import { partyId, purposeId, time } from '../shapes.ts';
import type { SessionFacts } from './opening.ts';

export const sessionShape = z.strictObject({
  expires: time,
  party: partyId,
  device: partyId,
  purpose: purposeId,
  justified: z.boolean(),
});
export const openedShape = sessionShape.extend({ token: z.string() });
export const challengeShape = z.strictObject({ challenge: z.string(), expires: time });

export function presentSession({ value }: Released<SessionFacts>): z.infer<typeof sessionShape> {
  const { expires, party, device, purpose, justification } = value;
  return { expires: textOf(expires), party, device, purpose, justified: justification !== null };
}
