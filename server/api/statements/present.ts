/** Who read a statement, to its author. */
import { textOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import type { Reading } from '../../release/dues.ts';
import type { Released } from '../../release/released.ts';
import { partyId, purposeId, time } from '../shapes.ts';

export const readersShape = z.strictObject({
  readers: z.array(z.strictObject({ party: partyId, purpose: purposeId, at: time, parts: z.array(z.int()) })),
});

export function presentReaders({
  value,
}: Released<{ readers: readonly Reading[] }>): z.infer<typeof readersShape> {
  return {
    readers: value.readers.map(({ party, purpose, at, parts }) => ({
      party,
      purpose,
      at: textOf(at),
      parts: [...parts],
    })),
  };
}
