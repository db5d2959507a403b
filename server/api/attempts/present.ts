/** Attempts against a party, to that party. */
import { allCodes, isCode, titleOf } from '@parley/core/errors.ts';
import { textOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import type { AttemptView } from '../../release/attempts.ts';
import type { Released } from '../../release/released.ts';
import { partyId, time } from '../shapes.ts';

export const attemptsShape = z.strictObject({
  attempts: z.array(
    z.strictObject({
      at: time,
      speaker: partyId.nullable().describe('Null: no signature held, or a party that may not be known of'),
      proven: z.boolean().describe('Whether a signature showed who it was'),
      what: z.string().describe('A kind of statement, or a route'),
      code: z.enum(allCodes),
      title: z.string(),
    }),
  ),
});

export function presentAttempts({
  value,
}: Released<{ attempts: readonly AttemptView[] }>): z.infer<typeof attemptsShape> {
  return {
    attempts: value.attempts.map(({ at, speaker, proven, what, code }) => {
      const known = isCode(code) ? code : 'fault';
      return { at: textOf(at), speaker, proven, what, code: known, title: titleOf(known) };
    }),
  };
}
