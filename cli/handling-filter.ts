/** Choosing statements by the handling in their headers: nothing of their content is read for it. */
import { type Classification, classifications } from '@parley/core/classification.ts';
import {
  classificationOf,
  type Handling,
  type Pap,
  papLabels,
  papOf,
  personCategories,
} from '@parley/core/handling.ts';
import { type AnyHeader, handlingOf } from '@parley/core/statement.ts';
import type { Command } from 'commander';
import { choice } from './arguments.ts';

export interface HandlingFilter {
  readonly classification?: Classification;
  readonly pap?: Pap;
  readonly personal?: (typeof personCategories)[number] | 'any';
}

export function withHandlingFilter(command: Command): Command {
  return command
    .addOption(
      choice('--classification <level>', 'only what is classified so, or higher', classifications.slice(1)),
    )
    .addOption(choice('--pap <label>', 'only what has this PAP label, or a narrower one', papLabels.slice(1)))
    .addOption(
      choice('--personal <category>', 'only what holds data on such persons, or on any', [
        'any',
        ...personCategories,
      ]),
    );
}

export function passes(header: AnyHeader, filter: HandlingFilter): boolean {
  const { classification, pap, personal } = filter;
  if (!classification && !pap && !personal) return true;
  const handling = handlingOf(header);
  if (!handling) return false;
  return (
    atLeast(classifications, classificationOf(handling), classification) &&
    atLeast(papLabels, papOf(handling), pap) &&
    holdsDataOn(handling, personal)
  );
}

function atLeast<T>(order: readonly T[], value: T, wanted: T | undefined): boolean {
  return wanted === undefined || order.indexOf(value) >= order.indexOf(wanted);
}

function holdsDataOn({ personal }: Handling, wanted: HandlingFilter['personal']): boolean {
  if (wanted === undefined) return true;
  return wanted === 'any' ? personal !== false : (personal || []).some(({ category }) => category === wanted);
}
