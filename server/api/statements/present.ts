/** Who read a statement, and who could, to its author. */
import { textOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import type { Ability } from '../../release/audience.ts';
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

export const audienceShape = z.strictObject({
  audience: z.array(
    z.strictObject({
      party: partyId.nullable().describe('Null: anybody'),
      parts: z.array(z.int()),
      could: z.boolean(),
      rule: z.string().describe('That opens it, or that denies it (spec/release.md)'),
      purposes: z.array(purposeId),
      justification: z.boolean(),
    }),
  ),
});

export function presentAudience({
  value,
}: Released<{ audience: readonly Ability[] }>): z.infer<typeof audienceShape> {
  return {
    audience: value.audience.map(({ parts, purposes, ...rest }) => ({
      ...rest,
      parts: [...parts],
      purposes: [...purposes],
    })),
  };
}
