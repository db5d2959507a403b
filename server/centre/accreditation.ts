/** The centre says up to where it may hold what is classified, when its operator has configured otherwise than stands. */
import type { Classification } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { named, type Voice } from './voice.ts';

export interface AccreditationSources {
  /** What stands, and the statement that says so; null while the log is empty. */
  accreditation(): Promise<{
    readonly highest: Classification;
    readonly statement: StatementRef | null;
  } | null>;
}

/** @param wanted of the configuration; null: whatever stands */
export async function sayAccreditation(
  sources: AccreditationSources,
  voice: Voice,
  wanted: Classification | null,
): Promise<void> {
  const now = wanted === null ? null : await sources.accreditation();
  if (wanted === null || now === null || now.highest === wanted) return;
  // By what it replaces, so that going back to what it once was is another statement.
  const cause = `${now.statement === null ? 'none' : named(now.statement)}\n${wanted}`;
  await voice.say('centre.accredit/1', cause, { body: { highest: wanted } });
}

/** Before anybody else can speak. A clock that is off refuses it like everything, and the rounds say it then. */
export async function sayAtStart(
  sources: AccreditationSources,
  voice: Voice,
  wanted: Classification | null,
  refused: (cause: Refusal) => void,
): Promise<void> {
  try {
    await sayAccreditation(sources, voice, wanted);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused(error);
  }
}
