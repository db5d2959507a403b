/** Undertakings of a room as JSON. */
import { hash, textOf } from '@parley/core/fields.ts';
import { undertakingStates } from '@parley/core/kinds.ts';
import { undertakingId, undertakingsSchema } from '@parley/core/undertakings.ts';
import { z } from 'zod';
import type { Released } from '../../release/released.ts';
import type { UndertakingView } from '../../release/undertakings.ts';
import { partyId, statementRef, time } from '../shapes.ts';

export const undertakingsShape = z.strictObject({
  undertakings: z.array(
    z.strictObject({
      undertaking: undertakingId,
      words: undertakingsSchema.element.nullable().describe('As in the terms that bind the viewer'),
      states: z.array(
        z.strictObject({
          statement: statementRef,
          by: partyId.describe('Who owes it'),
          author: partyId,
          state: z.enum(undertakingStates),
          terms: hash,
          at: time,
        }),
      ),
      suspensions: z.array(
        z.strictObject({
          statement: statementRef,
          party: partyId,
          from: partyId,
          because: statementRef,
          at: time,
          resumed: time.nullable(),
        }),
      ),
    }),
  ),
});

export function presentUndertakings({
  value,
}: Released<{ undertakings: readonly UndertakingView[] }>): z.infer<typeof undertakingsShape> {
  return {
    undertakings: value.undertakings.map(({ undertaking, words, states, suspensions }) => ({
      undertaking,
      words,
      states: states.map((state) => ({ ...state, at: textOf(state.at) })),
      suspensions: suspensions.map(({ at, resumed, ...rest }) => ({
        ...rest,
        at: textOf(at),
        resumed: resumed === null ? null : textOf(resumed),
      })),
    })),
  };
}
