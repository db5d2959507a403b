/** Up to where the centre may hold what is classified, and what lies above it. */
import { type Classification, isAbove } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import { classificationOf, type Handling } from '@parley/core/handling.ts';
import type { Readers } from './readers.ts';
import type { RuleOf } from './said.ts';

/** One's own statement anew, of the same content, would say nothing. */
export const accredit: RuleOf<'centre.accredit/1'> = async ({ header, readers }) => {
  const { highest } = header.body;
  if ((await readers.accredited()) === highest)
    throw new Refusal('rule.broken', {
      at: '/body/highest',
      detail: `it is accredited for ${highest} already`,
    });
};

/**
 * What is said or passed on now. What was said under a higher accreditation stays where it is: that it is here is the
 * centre's affair and its originator's, and nobody sees it who could not before.
 */
export async function checkAccredited(
  handling: Handling,
  at: string,
  readers: Pick<Readers, 'accredited'>,
): Promise<void> {
  const level = classificationOf(handling);
  if (level === 'unclassified') return;
  const highest = await readers.accredited();
  if (isAbove(level, highest)) throw tooHigh(level, highest, at);
}

function tooHigh(level: Classification, highest: Classification, at: string): Refusal {
  return new Refusal('handling.classification', {
    at,
    detail: `it is ${level}, and this centre is accredited for nothing above ${highest}`,
    params: { highest },
  });
}
