/** What a statement says, in words: who, what of it, for whom, for what, and the reason. */
import { casesIn } from '@parley/core/cases.ts';
import type { KindName } from '@parley/core/kinds.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import type { Desk } from './desk.ts';
import { type AllWords, type Row, tellingOf, textIn, type Words } from './telling.ts';
import { contentWords } from './words-content.ts';
import { partyWords } from './words-parties.ts';
import { roomWords } from './words-rooms.ts';

/** A new kind comes with its words, or with null for a reason. */
const words = { ...partyWords, ...roomWords, ...contentWords } satisfies AllWords;

/**
 * @param part the first of the statement, where the viewer may have it
 * @returns null for what speaks by its parts
 */
export async function wordsOf(
  desk: Desk,
  { kind, body }: Pick<AnyHeader, 'kind' | 'body'>,
  part: unknown,
): Promise<readonly Row[] | null> {
  const tell = words[kind] as Words<KindName> | null;
  if (!tell) return null;
  const cases = casesIn(part).join(', ');
  return [...(await tell(body, tellingOf(desk, part))), ['reason', textIn(part, 'reason')], ['cases', cases]];
}
